"""Makes a rule and a playbook after one that comes with the server. Works inside the tenant's scope."""

import math
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from engage_server.automation.playbooks import Playbook
from engage_server.automation.presets import Preset, PresetSegment, filled, preset, require_needs
from engage_server.metrics.reader import StoredMetricReader
from engage_server.operations.playbooks import create_playbook
from engage_server.operations.rules import create_rule
from engage_server.operations.segments import create_segment
from engage_server.sdk import TENANT, Status
from engage_server.segments.catalogue import segments

LONGEST_WAIT_DAYS = 366


def apply_preset(
    id: str, *, channel: int, events: Mapping[str, str], language: str = "en", sees_persons: bool = True
) -> Playbook:
    """Make the rule of a preset and its playbook, which is off; both stand in the audit log as any other.

    A segment that it is about is made and followed, unless there is one of its name. How long something usually takes is
    read off the metric now; where that has no value yet, the preset's own number of days stays. The rule's note says which.

    Args:
        id: which preset.
        channel: number of the channel that its messages go by.
        events: what the preset needs: the tenant's own events ``after`` and ``event``, and ``link``.
        language: of the names: "en" or "ko".
        sees_persons: whether who makes it may see personal data.

    Raises:
        UnknownPresetError, UnsoundRuleError, DefinitionsError, SegmentsError: says what is wrong; nothing was made.
        NotPermittedError: its messages tell of persons, and who makes it may not see them.
    """
    one = preset(id)
    require_needs(one, events)
    title = one.title.get(language, one.title["en"])
    with transaction.atomic():
        segment = None if one.segment is None else _segment(one.segment)
        rule, steps = filled(one, channel=channel, given=events, segment=segment)
        made = create_rule(title, _in_usual_time(one, rule))
        return create_playbook(title, {"rule": made.number, "steps": steps}, sees_persons=sees_persons)


def _segment(wanted: PresetSegment) -> int:
    found = next((one for one in segments() if one.name == wanted.name), None)
    if found is not None:
        return found.number
    return create_segment(wanted.name, {**wanted.model_dump(exclude={"name"}), "tracked": True}).number


def _in_usual_time(one: Preset, rule: Mapping[str, Any]) -> dict[str, Any]:
    """The rule with the days that it usually takes, by the metric's newest value."""
    if not one.usual:
        return dict(rule)
    days = rule["trigger"]["within_days"]
    known = StoredMetricReader().latest(one.usual, TENANT)
    if known is None or known.value is None or known.status is not Status.OK:
        return {**rule, "note": f"{one.usual} has no value yet: {days} days."}
    usual = min(max(1, math.ceil(known.value)), LONGEST_WAIT_DAYS)
    trigger = {**rule["trigger"], "within_days": usual}
    return {
        **rule,
        "trigger": trigger,
        "note": f"{one.usual} was {float(known.value):.1f} days on {known.day}.",
    }
