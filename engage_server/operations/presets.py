"""Makes a rule and a playbook after one that comes with the server. Works inside the tenant's scope."""

from collections.abc import Mapping

from django.db import transaction

from engage_server.automation.playbooks import Playbook
from engage_server.automation.presets import filled, preset
from engage_server.operations.playbooks import create_playbook
from engage_server.operations.rules import create_rule


def apply_preset(id: str, *, channel: int, events: Mapping[str, str], language: str = "en") -> Playbook:
    """Make the rule of a preset and its playbook, which is off; both stand in the audit log as any other.

    Args:
        id: which preset.
        channel: number of the channel that its messages go by.
        events: the tenant's own events by what the preset needs: ``after``, ``event``.
        language: of the names: "en" or "ko".

    Raises:
        UnknownPresetError, UnsoundRuleError, DefinitionsError: says what is wrong; nothing was made.
    """
    one = preset(id)
    rule, steps = filled(one, channel=channel, events=events)
    title = one.title.get(language, one.title["en"])
    with transaction.atomic():
        made = create_rule(title, rule)
        return create_playbook(title, {"rule": made.number, "steps": steps})
