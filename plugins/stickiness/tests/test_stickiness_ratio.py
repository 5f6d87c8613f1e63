"""The ratio: mean of days and point, its windows, weekends, and what it implies."""

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from engage_stickiness.card import RATIO
from engage_stickiness.config import WINDOWS, StickinessConfig
from engage_stickiness.plugin import plugin
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from statsmodels.stats.proportion import proportion_confint

from engage_server.sdk import TENANT, ActiveDays, Measurement, Status, Subject, Timing, account
from engage_server.sdk.testing import Level, check, request_for

MANIFEST = plugin.engage_manifest()
TUESDAY = date(2026, 6, 30)
Rows = list[dict[str, Any]]


def computed(active: Rows, *, day: date = TUESDAY, **config: Any) -> dict[Subject, Measurement]:
    request = request_for(MANIFEST, {"active": active}, config=StickinessConfig(**config), day=day)
    return {m.subject: m for m in plugin.engage_compute(request) if m.metric == "ratio"}


def active(*told: tuple[int, int, int | None]) -> Rows:
    """Rows of days back, person and account."""
    return [{"day": TUESDAY - timedelta(days=back), "person": p, "account": of} for back, p, of in told]


SPREAD = active((0, 1, 1), (1, 1, 1), (3, 2, 1), (3, 3, 2), (8, 1, 2), (20, 4, 2))


def by_sets(rows: Rows, days: int, trailing: tuple[int, int], of: int | None = None) -> list[Fraction]:
    """The ratio of each day, oldest first, counted by sets; days without anybody are left out."""
    ratios = []
    for back in range(days - 1, -1, -1):
        day = TUESDAY - timedelta(days=back)
        sizes = [
            len(
                {
                    row["person"]
                    for row in rows
                    if day - timedelta(days=length) < row["day"] <= day and of in {None, row["account"]}
                }
            )
            for length in trailing
        ]
        if sizes[1]:
            ratios.append(Fraction(*sizes))
    return ratios


def mean(ratios: list[Fraction]) -> float:
    return float(100 * sum(ratios) / len(ratios))


def test_the_value_is_the_mean_of_the_days_ratios() -> None:
    found = computed(SPREAD)
    assert found[TENANT].value == pytest.approx(mean(by_sets(SPREAD, 30, (1, 30))))
    assert found[account(1)].value == pytest.approx(mean(by_sets(SPREAD, 30, (1, 30), of=1)))
    assert found[TENANT].details.measured_days == 21


def test_a_point_is_the_last_days_ratio_with_wilsons_interval() -> None:
    found = computed(SPREAD, method="point")[TENANT]
    assert (found.value, found.n, found.details.measured_days) == (25, 4, 1)
    assert found.interval is not None
    expected = proportion_confint(1, 4, method="wilson")
    assert [found.interval.low, found.interval.high] == pytest.approx([100 * bound for bound in expected])


@pytest.mark.parametrize(
    ("ratio", "value"), [("dau_mau", 25), ("dau_wau", 100 / 3), ("wau_mau", 75), ("mau_qau", 100)]
)
def test_each_ratio_has_its_own_two_windows(ratio: str, value: float) -> None:
    found = computed(SPREAD, method="point", ratio=ratio)[TENANT]
    assert found.value == pytest.approx(value)
    assert (found.details.implied_days_per_month is None) == (not ratio.startswith("dau"))


def test_the_cadence_chooses_the_ratio() -> None:
    chosen = {cadence: StickinessConfig(cadence=cadence).chosen for cadence in ("daily", "weekly", "monthly")}
    assert chosen == {"daily": "dau_mau", "weekly": "wau_mau", "monthly": "mau_qau"}
    assert StickinessConfig(cadence="weekly", ratio="dau_wau").chosen == "dau_wau"
    weekly = computed(SPREAD, cadence="weekly")[TENANT].details
    assert (weekly.numerator_days, weekly.denominator_days) == (7, 30)


def test_a_fifth_is_six_days_a_month() -> None:
    fifth = active(*((n, n, 1) for n in range(5)))
    assert computed(fifth, method="point")[TENANT].details.implied_days_per_month == pytest.approx(6)


def test_without_weekends_their_days_are_no_part_of_the_mean() -> None:
    # The 27th and 28th are a weekend.
    rows = active((4, 1, 1), (3, 2, 1), (2, 2, 1), (1, 1, 1), (0, 1, 1))
    found = computed(rows, weekends=False, window_days=5)[TENANT]
    assert found.value == pytest.approx(mean([Fraction(1), Fraction(1, 2), Fraction(1, 2)]))
    assert found.details.implied_days_per_month == pytest.approx(float(found.value or 0) / 100 * 30 * 5 / 7)
    sunday = TUESDAY - timedelta(days=2)
    point = computed(rows[:3], day=sunday, weekends=False, method="point")[TENANT]
    assert (point.details.numerator, point.details.denominator) == (1, 1)


def test_nobody_is_no_data_and_a_person_in_two_accounts_counts_once() -> None:
    assert computed([])[TENANT].status is Status.NO_DATA
    both = computed(active((0, 1, 1), (0, 1, 2)), method="point")
    assert (both[TENANT].details.numerator, both[TENANT].n) == (1, 1)
    assert both[account(2)].details.denominator == 1


def test_stickiness_leads() -> None:
    assert RATIO.timing is Timing.LEADING


def test_the_benchmarks_are_told_by_cadence_and_of_daily_over_monthly_actives_alone() -> None:
    found = {(benchmark.low, cadence) for benchmark in RATIO.benchmarks for cadence in benchmark.cadences}
    assert found == {(20, "DAILY"), (50, "DAILY"), (20, "WEEKLY"), (20, "MONTHLY")}
    dau_mau = computed(SPREAD)[TENANT].details
    for benchmark in RATIO.benchmarks:
        assert all(getattr(dau_mau, name) == wanted for name, wanted in benchmark.details.items())
        assert benchmark.details.keys() == {"numerator_days", "denominator_days"}


def test_the_days_read_are_those_that_the_first_ratio_needs() -> None:
    assert MANIFEST.inputs_for(StickinessConfig())["active"] == ActiveDays(days=61)


@pytest.mark.parametrize("values", [{"window_days": 0}, {"ratio": "dau_yau"}, {"method": "median"}])
def test_impossible_configuration_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        StickinessConfig.model_validate(values)


HISTORY = st.lists(
    st.tuples(st.integers(0, 60), st.integers(1, 5), st.sampled_from([1, 2, None])), min_size=1, max_size=25
)


@settings(max_examples=25)
@given(HISTORY, st.sampled_from(sorted(WINDOWS)), st.integers(1, 10))
def test_it_is_what_sets_give_and_never_above_a_hundred(
    told: list[tuple[int, int, int | None]], ratio: Any, days: int
) -> None:
    rows = active(*told)
    expected = by_sets(rows, days, WINDOWS[ratio])
    found = computed(rows, ratio=ratio, window_days=days)[TENANT]
    assert found.value == (pytest.approx(mean(expected)) if expected else None)
    assert 0 <= (found.value or 0) <= 100


def test_it_is_gold() -> None:
    report = check(plugin)
    assert report.level >= Level.GOLD, [str(finding) for finding in report.findings]
