"""Contacts and times to the first response, with their edge cases."""

from typing import Any

import pytest
from engage_vendor_effort import plugin
from engage_vendor_effort.card import TOUCHED, event
from engage_vendor_effort.config import VendorEffortConfig
from hypothesis import given, settings
from hypothesis import strategies as st

from engage_server.sdk import TENANT, Measurement, Status, Subject, account
from engage_server.sdk.testing import Level, check, request_for

MANIFEST = plugin.engage_manifest()


def measured(metric: str, subject: Subject = TENANT, **rows: Any) -> Measurement:
    request = request_for(MANIFEST, rows, config=VendorEffortConfig())
    return next(m for m in plugin.engage_compute(request) if (m.metric, m.subject) == (metric, subject))


def test_is_gold() -> None:
    report = check(plugin)
    assert report.level >= Level.GOLD, [one for one in report.findings if one.rule != "homepage"]


def test_contacts_are_counted_by_account_and_channel() -> None:
    other = TOUCHED[0] | {"account": 2}
    rows: dict[str, Any] = {"accounts": [{"account": 1}, {"account": 2}], "touches": [*TOUCHED, other]}
    of_first = measured("touches", account(1), **rows)
    assert [(part.key, part.points) for part in of_first.contributions] == [("call", 1), ("email", 3)]
    assert measured("touches", account(2), **rows).value == 1
    assert measured("touches", **rows).value == 5


def test_who_had_no_contact_has_no_value_and_not_zero() -> None:
    assert measured("touches", account(1), accounts=[{"account": 1}], touches=[]).is_absence


def test_an_unanswered_request_counts_once_it_waited_for_the_whole_of_the_patience() -> None:
    asked = [event("Ticket Created", "28T00:00", "a")]
    overdue = measured("response_hours", events=asked)
    assert (overdue.value, overdue.details.overdue) == (72, 1)
    waiting = measured("response_hours", events=[event("Ticket Created", "28T00:01", "a")])
    assert (waiting.value, waiting.status, waiting.details.waiting) == (None, Status.NO_DATA, 1)


def test_an_answer_before_its_request_or_of_another_key_is_none() -> None:
    rows = [
        event("Ticket Created", "20T08:00", "a"),
        event("Ticket Answered", "20T07:00", "a"),
        event("Ticket Answered", "20T09:00", "b"),
    ]
    assert measured("response_hours", events=rows).details.answered == 0


@settings(max_examples=30)
@given(
    st.lists(st.tuples(st.integers(1, 28), st.integers(0, 23), st.integers(0, 200)), min_size=1, max_size=8),
    st.randoms(use_true_random=False),
)
def test_a_median_lies_within_its_patience_and_no_order_or_repetition_changes_it(
    asked: list[tuple[int, int, int]], random: Any
) -> None:
    rows = [
        event("Ticket Created", f"{day:02}T{hour:02}:00", str(place))
        for place, (day, hour, _) in enumerate(asked)
    ]
    rows += [
        event("Ticket Answered", f"{min(30, day + wait // 24):02}T{hour:02}:30", str(place))
        for place, (day, hour, wait) in enumerate(asked)
        if wait < 150
    ]
    once = measured("response_hours", events=rows)
    shuffled = random.sample(rows + rows, 2 * len(rows))
    assert measured("response_hours", events=shuffled).value == pytest.approx(once.value)
    assert once.value is None or 0 <= once.value <= 72
