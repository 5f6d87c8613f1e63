"""Every input that is made of events counts among those that a retention period limits."""

from engage_server.engine.data_retention import OF_EVENTS
from engage_server.engine.models import AffectedDay
from engage_server.engine.restatement import SIGHTS


def test_what_late_events_restate_is_what_kept_events_limit():
    of_events = {spec for spec, sight in SIGHTS.items() if AffectedDay.Cause.EVENTS in sight.causes}
    assert of_events == set(OF_EVENTS)
