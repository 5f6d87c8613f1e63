"""Changes what a tenant's event names mean, with all that follows: restatement of the days they occur on, audit.

Works inside the tenant's scope.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db import transaction

from engage_server.activity.definitions import Definition, days_with, define, entry_of
from engage_server.activity.event_name_lint import sense
from engage_server.activity.exceptions import UnknownFeatureError
from engage_server.activity.models import EventName, Feature
from engage_server.activity.preset_files import preset
from engage_server.activity.rollups.freshness import current_rollups
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
NOTICE: Final = EventName.EventClass.NOTICE


@dataclass(frozen=True, slots=True)
class _Change:
    """The fields of an entry that are not as before, and what of the past that concerns."""

    fields: frozenset[str]
    causes: frozenset[Cause]


@dataclass(frozen=True, slots=True)
class PresetResult:
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
        change = _define(entry, definition, as_tenant=True)
        changed = change.fields
        _restate({entry: change})
        if changed:
            details = {field: _plain(getattr(entry, field)) for field in sorted(changed)}
            record("dictionary.changed", subject=name, details=details)
    return entry


def apply_preset(preset_id: str) -> PresetResult:
    """Bring a preset's names into the dictionary, or define those that it has in any style; the tenant's word stands.

    Raises:
        UnknownPresetError: there is none of this name.
    """
    wanted = preset(preset_id)
    added = 0
    changes: dict[EventName, _Change] = {}
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
                changes[entry] = _define(entry, definition, as_tenant=False)
        _restate(changes)
        changed = sum(1 for change in changes.values() if change.fields)
        record("dictionary.preset_applied", subject=preset_id, details={"added": added, "changed": changed})
    return PresetResult(added=added, changed=changed, kept=len(changes) - changed)


def set_release_day(name: str, released_on: date | None) -> None:
    """Say when a feature was released (None: unknown), and have restated what tells its age.

    Raises:
        UnknownFeatureError: the dictionary has no such feature.
    """
    with transaction.atomic():
        feature = Feature.objects.select_for_update().filter(name=name).first()
        if feature is None:
            raise UnknownFeatureError(
                f"There is no feature {name!r} in the dictionary. Remedy: `manage.py dictionary list` shows those "
                "there are."
            )
        if feature.released_on == released_on:
            return
        feature.released_on = released_on
        feature.save(update_fields=["released_on"])
        record("feature.dated", subject=name, details={"released_on": _plain(released_on)})
        note_changes(current_tenant(), Cause.RELEASES, [date.min])


def _define(entry: EventName, definition: Definition, *, as_tenant: bool) -> _Change:
    former = entry.event_class
    fields = define(entry, definition, as_tenant=as_tenant)
    causes = {CAUSE_OF[field] for field in fields if field in CAUSE_OF}
    if entry.event_class != former and NOTICE in {entry.event_class, former}:
        causes.add(Cause.NOTICES)
    return _Change(fields, frozenset(causes))


def _restate(changes: Mapping[EventName, _Change]) -> None:
    concerned: dict[Cause, list[EventName]] = {}
    for entry, change in changes.items():
        for cause in change.causes:
            concerned.setdefault(cause, []).append(entry)
    tenant = current_tenant()
    with current_rollups():
        days = {cause: days_with(entries) for cause, entries in sorted(concerned.items())}
    for cause, days_of_cause in days.items():
        note_changes(tenant, cause, days_of_cause)
    # What nobody did has a feature all the same, which is listed since the name was known.
    known = {entry.created_at.astimezone(tenant.zone).date() for entry in concerned.get(Cause.FEATURES, ())}
    note_changes(tenant, Cause.RELEASES, known)


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int) else str(value)
