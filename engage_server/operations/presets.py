"""Makes a rule and a playbook after one that comes with the server. Works inside the tenant's scope."""

from collections.abc import Mapping

from django.db import transaction

from engage_server.automation.playbooks import Playbook
from engage_server.automation.presets import filled, preset
from engage_server.operations.playbooks import create_playbook
from engage_server.operations.rules import create_rule


def apply_preset(
    id: str, *, channel: int, events: Mapping[str, str], language: str = "en", sees_persons: bool = True
) -> Playbook:
    """Make the rule of a preset and its playbook, which is off; both stand in the audit log as any other.

    Args:
        id: which preset.
        channel: number of the channel that its messages go by.
        events: the tenant's own events by what the preset needs: ``after``, ``event``.
        language: of the names: "en" or "ko".
        sees_persons: whether who makes it may see personal data.

    Raises:
        UnknownPresetError, UnsoundRuleError, DefinitionsError: says what is wrong; nothing was made.
        NotPermittedError: its messages tell of persons, and who makes it may not see them.
    """
    one = preset(id)
    rule, steps = filled(one, channel=channel, events=events)
    title = one.title.get(language, one.title["en"])
    with transaction.atomic():
        made = create_rule(title, rule)
        return create_playbook(title, {"rule": made.number, "steps": steps}, sees_persons=sees_persons)
