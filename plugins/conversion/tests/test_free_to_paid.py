"""From free to paid, by the history of plans."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from engage_conversion.config import ConversionConfig
from engage_conversion.plugin import plugin

from engage_server.sdk import Measurement, Status
from engage_server.sdk.testing import request_for

DAY = date(2026, 6, 30)
Row = dict[str, Any]


def plan(account: int, value: str, first: date | None, *, attribute: str = "plan") -> Row:
    return {"account": account, "attribute": attribute, "value": value, "first": first}


def compute(plans: list[Row], accounts: list[Row] | None = None, **config: Any) -> Measurement:
    rows = {"plans": plans, "accounts": accounts or []}
    request = request_for(plugin.engage_manifest(), rows, config=ConversionConfig(**config), day=DAY)
    (found,) = (one for one in plugin.engage_compute(request) if one.metric == "free_to_paid")
    return found


def test_accounts_that_pay_in_time_are_the_share_of_those_that_began_free() -> None:
    plans = [plan(id, "free", date(2026, 5, 1)) for id in (1, 2, 3, 4)]
    paid = [
        plan(1, "pro", date(2026, 5, 11)),
        plan(2, "team", date(2026, 5, 30)),
        plan(3, "pro", date(2026, 5, 31)),
    ]
    found = compute(plans + paid)
    assert (found.value, found.n, found.details.median_days) == (50, 4, 19.5)


def test_who_paid_before_is_no_newcomer_and_who_falls_back_has_converted() -> None:
    before = [plan(1, "pro", None), plan(1, "free", date(2026, 5, 1))]
    back = [
        plan(2, "free", date(2026, 5, 1)),
        plan(2, "pro", date(2026, 5, 2)),
        plan(2, "free", date(2026, 5, 5)),
    ]
    found = compute(before + back)
    assert (found.value, found.n) == (100, 1)


def test_a_first_plan_of_unknown_begin_counts_from_the_accounts_start() -> None:
    began = {"account": 1, "started_at": datetime(2026, 5, 1, 12, tzinfo=UTC)}
    found = compute([plan(1, "free", None), plan(2, "free", None), plan(1, "pro", date(2026, 5, 5))], [began])
    assert (found.value, found.n, found.details.undated, found.details.median_days) == (100, 1, 1, 4)


@pytest.mark.parametrize(("day", "is_in"), [(1, True), (2, False)])
def test_a_matured_cohort_ends_with_those_whose_last_day_is_the_computed_one(day: int, is_in: bool) -> None:
    # From the 1st of June on, 30 days end with the 30th.
    assert compute([plan(1, "free", date(2026, 6, day))]).n == int(is_in)
    trailing = compute([plan(1, "free", date(2026, 6, day))], cohort="trailing")
    assert (trailing.n, trailing.status) == (1, Status.OK if is_in else Status.IMMATURE)


def test_only_named_plans_are_paid_where_some_are_named_and_other_attributes_are_no_plans() -> None:
    plans = [
        plan(1, "free", date(2026, 5, 1)),
        plan(1, "internal", date(2026, 5, 2)),
        plan(2, "free", date(2026, 5, 1), attribute="traits.tier"),
    ]
    assert compute(plans).value == 100
    found = compute(plans, paid_plans=("pro",))
    assert (found.value, found.n) == (0, 1)


def test_without_free_plans_named_it_is_off() -> None:
    specs = plugin.engage_manifest().inputs_for(ConversionConfig(free_plans=()))
    assert set(specs) == {"events", "accounts"}
