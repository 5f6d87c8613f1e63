"""Seven years of passenger surveys: NPS, effort and satisfaction, by year and by day."""

from collections.abc import Callable
from datetime import date

import pytest

from engage_server.metrics.writer import NewValue
from engage_server.sdk import TENANT, Measurement
from engage_server.tenancy.scope import TenantRef
from tests.real_data.conftest import DATA, compute, import_file

# Without it the whole module would work on the database of the settings and not on the tests'.
pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def sfo(new_tenant: Callable[[str, str], TenantRef], tmp_path_factory: pytest.TempPathFactory) -> TenantRef:
    tenant = new_tenant("sfo", "America/Los_Angeles")
    summary = import_file(
        tenant,
        "responses",
        DATA / "sfo_passenger_survey.csv.gz",
        "external_id=response_id+question,instrument=question,occurred_at=date,account=airline",
        rejects=tmp_path_factory.mktemp("sfo") / "rejects.ndjson",
        set=["direction=UP"],
    )
    assert summary["read"] == summary["stored"] == 95_802
    return tenant


def of_tenant(values: tuple[NewValue, ...]) -> Measurement:
    return next(v.measurement for v in values if v.measurement.subject == TENANT)


@pytest.mark.parametrize("year", [2017, 2018])
def test_nps_of_a_year(sfo, expected, year):
    wanted = expected["sfo_passenger_survey"]["nps"][str(year)]
    measured = of_tenant(compute(sfo, "nps", date(year, 12, 31), window_days=365))
    assert measured.n == wanted["n"]
    assert float(measured.value) == pytest.approx(wanted["nps"], abs=1e-6)


def test_nps_of_each_day_of_2018(sfo, expected):
    for day, wanted in expected["sfo_passenger_survey"]["nps_2018_by_date"].items():
        measured = of_tenant(compute(sfo, "nps", date.fromisoformat(day), window_days=1))
        assert (day, measured.n) == (day, wanted["n"])
        assert float(measured.value) == pytest.approx(wanted["nps"], abs=1e-6)


def test_the_fall_of_nps_from_2017_to_2018_is_more_than_chance(sfo, expected):
    wanted = expected["sfo_passenger_survey"]["nps"]
    values = compute(sfo, "nps", date(2018, 12, 31), window_days=365, compare_windows=True)
    change = next(
        v.measurement for v in values if v.measurement.subject == TENANT and v.measurement.metric == "change"
    )
    assert float(change.value) == pytest.approx(wanted["2018"]["nps"] - wanted["2017"]["nps"], abs=1e-6)
    assert (change.details.answers, change.details.previous_answers) == (
        wanted["2018"]["n"],
        wanted["2017"]["n"],
    )
    assert change.details.significant is True
    assert change.interval.high < 0


@pytest.mark.parametrize("question", ["ces_find_way", "ces_security"])
def test_effort_mean_and_top_box_of_each_year(sfo, expected, question):
    for year, wanted in expected["sfo_passenger_survey"][question].items():
        measured = of_tenant(
            compute(sfo, "ces", date(int(year), 12, 31), instrument=question, window_days=365, variant="mean")
        )
        assert (year, measured.n) == (year, wanted["n"])
        assert float(measured.value) == pytest.approx(wanted["mean"], abs=1e-6)
        assert measured.details.top_box_share == pytest.approx(wanted["top2"], abs=1e-6)


@pytest.mark.parametrize("question", ["csat_safety", "csat_cleanliness", "csat_overall"])
def test_satisfied_share_and_mean_of_each_year(sfo, expected, question):
    for year, wanted in expected["sfo_passenger_survey"][question].items():
        values = compute(sfo, "csat", date(int(year), 12, 31), instrument=question, window_days=366)
        score, mean = (
            next(
                v.measurement
                for v in values
                if v.measurement.subject == TENANT and v.measurement.metric == metric
            )
            for metric in ("score", "mean")
        )
        assert (year, score.n, mean.n) == (year, wanted["n"], wanted["n"])
        assert float(score.value) / 100 == pytest.approx(wanted["top2"], abs=1e-6)
        assert float(mean.value) == pytest.approx(wanted["mean"], abs=1e-6)
