"""The points that are asked by default, means over complete cells, and what is refused."""

from datetime import date, timedelta
from typing import Any

import pytest
from engage_retention.config import RetentionConfig
from engage_retention.plugin import plugin
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from statsmodels.stats.proportion import proportion_confint

from engage_server.sdk import TENANT, Measurement, Retention, Status
from engage_server.sdk.details import encoded
from engage_server.sdk.testing import Level, check, request_for

MANIFEST = plugin.engage_manifest()
DAY = date(2026, 6, 30)
COHORTS = [date(2026, 5, 4) + timedelta(weeks=week) for week in range(4)]


def compute(rows: list[dict[str, Any]], metric: str = "day", **config: Any) -> Measurement:
    chosen = RetentionConfig(**config)
    name = next(
        key
        for key, spec in MANIFEST.inputs_for(chosen).items()
        if spec == next(one for one in MANIFEST.metrics if one.id == metric).inputs_for(chosen)["cohorts"]  # type: ignore[index]
    )
    request = request_for(MANIFEST, {name: rows}, config=chosen, day=DAY)
    return next(m for m in plugin.engage_compute(request) if (m.metric, m.subject) == (metric, TENANT))


def cell(
    offset: int, size: int, retained: int, *, eligible: int | None = None, week: int = 0
) -> dict[str, Any]:
    had = size if eligible is None else eligible
    return {"cohort": COHORTS[week], "offset": offset, "size": size, "eligible": had, "retained": retained}


def asked(metric: str, **config: Any) -> Retention:
    (one,) = [one for one in MANIFEST.metrics if one.id == metric]
    inputs = one.inputs_for(RetentionConfig(**config))
    assert inputs is not None
    spec = inputs["cohorts"]
    assert isinstance(spec, Retention)
    return spec


def test_is_gold() -> None:
    assert check(plugin).level >= Level.GOLD


def test_days_1_7_30_are_the_default_points() -> None:
    spec = asked("day")
    assert (spec.offsets, spec.unit, spec.mode, spec.event) == ((1, 7, 30), "day", "on", None)
    said = compute([cell(1, 10, 4), cell(7, 10, 3), cell(30, 10, 2)])
    points = [(point["offset"], point["share"]) for point in encoded(said.details)["points"]]
    assert (said.value, points) == (40, [(1, 0.4), (7, 0.3), (30, 0.2)])


def test_months_1_3_6_are_the_default_points() -> None:
    spec = asked("month")
    assert (spec.offsets, spec.unit, spec.cohort, spec.clock) == ((1, 3, 6), "month", "month", "own")
    assert asked("accounts") == Retention(
        **{name: getattr(spec, name) for name in FIELDS} | {"subject": "account"}
    )


FIELDS = tuple(Retention.__dataclass_fields__.keys() - {"columns"})


def test_benchmarks_of_the_first_day_and_month_apply_to_the_defaults() -> None:
    cards = {metric.id: metric.card for metric in MANIFEST.metrics}
    (first_day,), (first_month,) = cards["day"].benchmarks, cards["month"].benchmarks
    assert (first_day.low, first_day.high, first_month.low) == (20, 30, 39)
    assert {"headline": 1}.items() <= first_day.details.items()
    assert not first_day.verified


def test_weekly_retention_is_a_table_of_weeks() -> None:
    spec = asked("cohorts", table_unit="week", table_periods=4)
    assert (spec.unit, spec.cohort, spec.offsets) == ("week", "week", (0, 1, 2, 3, 4))


def test_birth_and_return_event_may_differ() -> None:
    spec = asked("day", birth_event="Signed Up", return_event="Report Shared")
    assert (spec.birth_event, spec.event) == ("Signed Up", "Report Shared")


def test_a_cohort_that_the_window_cuts_is_left_out() -> None:
    cut = {**cell(1, 5, 5), "cohort": asked("day").first_day(DAY) - timedelta(days=1)}
    assert compute([cut, cell(1, 4, 1)]).n == 4


def test_the_interval_is_that_of_statsmodels() -> None:
    said = compute([cell(1, 10, 5), cell(1, 30, 3, week=1)])
    low, high = proportion_confint(8, 40, method="wilson")
    assert said.interval is not None
    assert (said.interval.low, said.interval.high) == pytest.approx((100 * low, 100 * high))
    (first, _) = encoded(said.details)["cells"]
    low, high = proportion_confint(5, 10, method="wilson")
    assert (first["low"], first["high"]) == pytest.approx((low, high))


def test_where_no_cell_is_complete_there_is_no_mean_but_a_table() -> None:
    said = compute([cell(1, 10, 2, eligible=6)])
    assert (said.value, said.status, said.n, said.contributions) == (None, Status.NO_DATA, 0, ())
    (shown,) = encoded(said.details)["cells"]
    assert (shown["share"], shown["complete"]) == (pytest.approx(1 / 3), False)


@pytest.mark.parametrize(
    "config",
    [
        {"brackets": [[1, 7], [7, 14]]},
        {"brackets": [[3, 1]]},
        {"day_points": [1, 1]},
        {"day_points": []},
        {"month_points": [-1]},
        {"clock": "lunar"},
    ],
)
def test_nonsense_is_refused(config: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        RetentionConfig.model_validate(config)


cells = st.lists(
    st.tuples(st.integers(1, 50), st.integers(0, 50), st.integers(0, 50), st.integers(0, 3)), max_size=12
).map(
    lambda rows: list(
        {
            (week, offset): cell(
                offset, size, min(retained, size, eligible), eligible=min(size, eligible), week=week
            )
            for offset, (size, eligible, retained, week) in enumerate(rows, 1)
        }.values()
    )
)


@settings(max_examples=40, deadline=None)
@given(cells)
def test_no_cell_exceeds_its_cohort_and_cohorts_add_up_to_the_value(rows: list[dict[str, Any]]) -> None:
    said = compute(rows, day_points=tuple(range(1, 13)))
    for one in encoded(said.details)["cells"]:
        assert 0 <= one["retained"] <= one["eligible"] <= one["size"]
        assert one["share"] is None or 0 <= one["low"] <= one["share"] <= one["high"] <= 1
    if said.value is not None:
        assert sum(float(part.points or 0) for part in said.contributions) == pytest.approx(float(said.value))
        assert sum(part.n or 0 for part in said.contributions) == said.n
