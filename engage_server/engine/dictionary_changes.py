"""Changes what a tenant's event names mean, with all that follows: restatement of the days they occur on, audit.

Works inside the tenant's scope.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction

from engage_server.activity.definitions import Definition, days_with, define, entry_of
from engage_server.activity.models import EventName
from engage_server.activity.naming import sense
from engage_server.activity.preset_files import preset
from engage_server.audit.log import record
from engage_server.engine.restatement import Cause, note_changes
from engage_server.tenancy.scope import current_tenant

# What an input may look at, by the field of a definition; that a name is key moves no number.
CAUSE_OF: Final[Mapping[str, Cause]] = {
    "event_class": Cause.CLASSES,
    "polarity": Cause.WEIGHTS,
    "weight": Cause.WEIGHTS,
    "feature": Cause.FEATURES,
}


@dataclass(frozen=True, slots=True)
class PresetApplied:
    """How many names a preset brought into the dictionary, changed, and left as they were."""

    added: int
    changed: int
    kept: int


def define_event(name: str, definition: Definition) -> EventName:
    """Write the tenant's word on an event name, and have the days on which it occurs restated where that matters.

    Args:
        name: as the dictionary has it.
        definition: a checked one.

    Raises:
        UnknownEventNameError: the dictionary has no such name.
    """
    with transaction.atomic():
        entry = entry_of(name)
        changed = define(entry, definition, as_tenant=True)
        _restate({entry: changed})
        if changed:
            details = {field: _plain(getattr(entry, field)) for field in sorted(changed)}
            record("dictionary.changed", subject=name, details=details)
    return entry


def apply_preset(preset_id: str) -> PresetApplied:
    """Bring a preset's names into the dictionary, or define those that it has in any style; the tenant's word stands.

    Raises:
        UnknownPresetError: there is none of this name.
    """
    wanted = preset(preset_id)
    added = 0
    changes: dict[EventName, frozenset[str]] = {}
    with transaction.atomic():
        entries = list(
            EventName.objects.select_for_update(of=("self",)).select_related("feature").order_by("id")
        )
        by_sense = {sense(entry.name): entry for entry in reversed(entries)}
        for name, definition in wanted.events.items():
            entry = by_sense.get(sense(name))
            if entry is None:
                entry = EventName.objects.create(name=name)
                added += 1
                define(entry, definition, as_tenant=False)
            else:
                changes[entry] = define(entry, definition, as_tenant=False)
        _restate(changes)
        changed = sum(1 for fields in changes.values() if fields)
        record("dictionary.preset_applied", subject=preset_id, details={"added": added, "changed": changed})
    return PresetApplied(added=added, changed=changed, kept=len(changes) - changed)


def _restate(changes: Mapping[EventName, Iterable[str]]) -> None:
    concerned: dict[Cause, list[EventName]] = {}
    for entry, fields in changes.items():
        for cause in {CAUSE_OF[field] for field in fields if field in CAUSE_OF}:
            concerned.setdefault(cause, []).append(entry)
    for cause, entries in sorted(concerned.items()):
        note_changes(current_tenant(), cause, days_with(entries))


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int) else str(value)
