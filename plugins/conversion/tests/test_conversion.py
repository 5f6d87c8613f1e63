"""Conversion of events: order, time, thresholds, and what counts as an entry."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from engage_conversion.config import ConversionConfig
from engage_conversion.plugin import plugin
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from engage_server.sdk import TENANT, Accounts, Events, Measurement, Status, Subject, account
from engage_server.sdk.testing import Level, check, conformance_problems, request_for

MANIFEST = plugin.engage_manifest()
END = datetime(2026, 7, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
Row = dict[str, Any]


def did(name: str, person: int, ago: float, *, of: int | None = 1) -> Row:
    """An event so many hours before the end of the day."""
    return {"person": person, "account": of, "event": name, "at": END - HOUR * ago}


def entered(person: int, ago: float, **more: Any) -> Row:
    return did("Signed Up", person, ago, **more)


def converted(person: int, ago: float, **more: Any) -> Row:
    return did("Trial Started", person, ago, **more)


def compute(rows: list[Row], metric: str = "rate", **config: Any) -> dict[Subject, Measurement]:
    request = request_for(MANIFEST, {"events": rows}, config=ConversionConfig(**config))
    return {one.subject: one for one in plugin.engage_compute(request) if one.metric == metric}


def test_is_gold() -> None:
    assert check(plugin).level >= Level.GOLD


def test_reads_the_events_of_the_cohort_and_of_its_time() -> None:
    specs = MANIFEST.inputs_for(ConversionConfig(within_hours=25, cohort_days=10, free_plans=()))
    assert specs == {"events": Events(("Signed Up", "Trial Started"), days=12), "accounts": Accounts()}


def test_a_person_counts_once_by_the_first_entry_and_conversion_comes_after_it() -> None:
    rows = [entered(1, 400), entered(1, 390), converted(1, 380), entered(2, 400), converted(2, 410)]
    found = compute(rows)[TENANT]
    assert (found.value, found.n, found.details.median_hours) == (50, 2, 20)


def test_a_conversion_at_the_moment_of_the_entry_is_none() -> None:
    assert compute([entered(1, 400), converted(1, 400)])[TENANT].value == 0


def test_a_threshold_takes_the_nth_conversion_after_the_entry_and_in_time() -> None:
    rows = [entered(1, 400), converted(1, 401), converted(1, 399), converted(1, 398), converted(1, 380)]
    assert compute(rows, conversion_times=3, within_hours=20)[TENANT].value == 0
    found = compute(rows, conversion_times=3, within_hours=21)[TENANT]
    assert (found.value, found.details.median_hours) == (100, 20)


def test_two_conversions_of_one_moment_are_two() -> None:
    rows = [entered(1, 400), converted(1, 399), converted(1, 399)]
    assert compute(rows, conversion_times=2)[TENANT].value == 100


def test_each_entry_has_its_own_time() -> None:
    rows = [entered(1, 400), entered(1, 60), converted(1, 50)]
    found = compute(rows, entry="each_entry", within_hours=24)[TENANT]
    assert (found.value, found.n) == (50, 2)
    assert compute(rows, within_hours=24)[TENANT].value == 0


def test_who_is_in_time_waits_for_the_matured_cohort_and_makes_a_trailing_one_immature() -> None:
    rows = [entered(1, 23), entered(2, 24)]
    assert compute(rows, within_hours=24)[TENANT].n == 1
    trailing = compute(rows, within_hours=24, cohort="trailing")[TENANT]
    assert (trailing.n, trailing.details.open, trailing.status) == (2, 1, Status.IMMATURE)


def test_the_account_is_that_of_the_entry() -> None:
    rows = [entered(1, 400, of=1), converted(1, 390, of=2), entered(2, 400, of=2), entered(3, 400, of=None)]
    values = {subject: one.value for subject, one in compute(rows).items()}
    assert values == {TENANT: pytest.approx(100 / 3), account(1): 100, account(2): 0}


def test_the_ratio_of_events_counts_events_of_the_trailing_days_and_may_exceed_100() -> None:
    rows = [entered(1, 10), converted(1, 9), converted(1, 11), converted(1, 24 * 31)]
    found = compute(rows, "event_ratio")[TENANT]
    assert (found.value, found.n, found.details.conversions) == (200, 1, 2)
    assert compute([converted(1, 9)], "event_ratio")[TENANT].status is Status.NO_DATA


def test_the_trailing_days_of_events_follow_the_tenants_calendar() -> None:
    midnight = datetime(2026, 3, 28, 23, tzinfo=UTC)  # that begins the short day of Berlin
    rows = [
        {"person": 1, "event": "Signed Up", "at": midnight + shift}
        for shift in (-HOUR, timedelta(0), 22 * HOUR)
    ]
    request = request_for(
        MANIFEST,
        {"events": rows},
        config=ConversionConfig(cohort_days=1),
        day=date(2026, 3, 29),
        timezone="Europe/Berlin",
    )
    (found,) = (one for one in plugin.engage_compute(request) if one.metric == "event_ratio")
    assert found.n == 2


@pytest.mark.parametrize(
    ("wrong", "cause"),
    [
        ({"entry_event": "a", "conversion_event": "a"}, "entry and conversion at once"),
        ({"free_plans": ("pro",), "paid_plans": ("pro",)}, "free and paid at once"),
        ({"conversion_times": 0}, "greater than or equal to 1"),
    ],
)
def test_an_impossible_configuration_is_refused(wrong: dict[str, Any], cause: str) -> None:
    with pytest.raises(ValidationError, match=cause):
        ConversionConfig(**wrong)


events = st.lists(
    st.builds(
        did,
        st.sampled_from(["Signed Up", "Trial Started"]),
        st.integers(1, 3),
        st.integers(1, 60),
        of=st.none() | st.integers(1, 2),
    ),
    max_size=14,
)


def by_definition(rows: list[Row], *, times: int, within: int, each: bool) -> tuple[int, int]:
    """Entrants and converted, person by person."""
    entrants = came = 0
    for person in {row["person"] for row in rows}:
        own = [row for row in rows if row["person"] == person]
        begins = sorted(row["at"] for row in own if row["event"] == "Signed Up")
        for begin in begins if each else begins[:1]:
            if begin + HOUR * within <= END:
                later = sorted(
                    row["at"] for row in own if row["event"] == "Trial Started" and row["at"] > begin
                )
                entrants += 1
                came += len(later) >= times and later[times - 1] < begin + HOUR * within
    return entrants, came


@settings(max_examples=60, deadline=None)
@given(events, st.integers(1, 2), st.sampled_from([1, 10, 40]), st.booleans(), st.randoms())
def test_any_events_in_any_order_are_counted_as_the_definition_says(
    rows: list[Row], times: int, within: int, each: bool, chance: Any
) -> None:
    config: dict[str, Any] = {
        "conversion_times": times,
        "within_hours": within,
        "entry": "each_entry" if each else "first_touch",
    }
    found = compute(rows, **config)
    tenant = found[TENANT]
    assert (tenant.n, tenant.details.converted) == by_definition(rows, times=times, within=within, each=each)
    assert compute(chance.sample(rows, len(rows)), **config) == found
    request = request_for(MANIFEST, {"events": rows}, config=ConversionConfig(**config))
    assert conformance_problems(plugin, requests=[request]) == []
