"""The three definitions of a bounce, their edges, and sessions that are in neither part."""

from typing import Any

import pytest
from engage_time_spent.card import FOUR, PAGES, session, view
from engage_time_spent.config import TimeSpentConfig
from engage_time_spent.plugin import plugin
from statsmodels.stats.proportion import proportion_confint

from engage_server.sdk import TENANT, Measurement, Status, Subject
from engage_server.sdk.testing import request_for

MANIFEST = plugin.engage_manifest()
Rows = list[dict[str, Any]]


def computed(sessions: Rows, events: Rows, **config: Any) -> dict[Subject, Measurement]:
    rows = {"sessions": sessions, "events": events}
    request = request_for(MANIFEST, rows, config=TimeSpentConfig(**config))
    return {m.subject: m for m in plugin.engage_compute(request) if m.metric == "bounce_rate"}


def counted(sessions: Rows, events: Rows, **config: Any) -> tuple[int, int, int]:
    """Bounces, sessions in the denominator, sessions in neither part."""
    told = computed(sessions, events, **config)[TENANT].details
    return told.bounces, told.counted_sessions, told.null_sessions


def test_a_single_page_is_a_bounce_whatever_its_length() -> None:
    assert counted(FOUR, PAGES) == (2, 3, 1)
    assert counted([session(3000)], [view(0)]) == (1, 1, 0)


def test_posthogs_bounce_needs_a_short_session_without_a_captured_click() -> None:
    assert counted([session(9.9, 1), *FOUR[1:]], PAGES, bounce="posthog") == (1, 3, 1)
    assert counted([session(11)], [view(0)], bounce="posthog") == (0, 1, 0)
    assert counted([session(11)], [view(0)], bounce="posthog", bounce_seconds=12) == (1, 1, 0)


def test_exactly_the_limit_is_no_bounce_of_posthogs_but_one_of_ga4s() -> None:
    assert counted([session(10)], [view(0)], bounce="posthog") == (0, 1, 0)
    assert counted([session(9.999)], [view(0)], bounce="posthog") == (1, 1, 0)
    assert counted([session(10)], [view(0)], bounce="ga4") == (1, 1, 0)


def test_ga4s_bounce_is_a_session_that_is_not_engaged() -> None:
    assert counted(FOUR, PAGES, bounce="ga4") == (3, 4, 0)
    key = view(2, event="Purchased")
    assert counted([session(5)], [view(0), key], bounce="ga4") == (1, 1, 0)
    assert counted([session(5)], [view(0), key], bounce="ga4", key_events=("Purchased",)) == (0, 1, 0)
    assert counted([session(10)], [], bounce="ga4") == (1, 1, 0)
    assert counted([session(10.001)], [], bounce="ga4") == (0, 1, 0)


def test_an_event_is_of_its_own_persons_last_session_before_it() -> None:
    sessions = [session(5), session(5, minute=40), session(5, person=2)]
    events = [view(1), view(1, minute=40), view(2, minute=40), view(1, person=3)]
    assert counted(sessions, events) == (1, 2, 1)


def test_only_sessions_without_a_page_are_no_data() -> None:
    found = computed([session(5)], [])[TENANT]
    assert (found.value, found.status, found.details.null_sessions) == (None, Status.NO_DATA, 1)
    assert computed([], [])[TENANT].status is Status.NO_DATA


def test_the_interval_is_wilsons() -> None:
    found = computed(FOUR, PAGES)[TENANT]
    assert found.interval is not None
    expected = [100 * bound for bound in proportion_confint(2, 3, method="wilson")]
    assert [found.interval.low, found.interval.high] == pytest.approx(expected)
