"""Resolves sources and event names to their dictionary numbers; what is new is entered."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.db import connection

from engage_server.activity.event_name_lint import RESERVED, EventNameEntry
from engage_server.activity.models import EventName
from engage_server.activity.notice_events import NOTICES


@dataclass(frozen=True, slots=True)
class NameUse:
    """How a batch uses an event name. ``feature`` None: the name itself, unless the event is passive."""

    passive: bool = False
    feature: str | None = None

    def class_of(self, name: str) -> str:
        """The class that a new name is entered with; who gives it a feature says that it is a use of that."""
        if name in NOTICES and (self.passive or not self.feature):
            return "NOTICE"
        return "PASSIVE" if self.passive else "VALUE"

    def feature_of(self, name: str) -> str | None:
        """The feature that a new name is entered under, if any."""
        return self.feature or (name if self.class_of(name) == "VALUE" else None)


FIND_SOURCE: Final = "SELECT id FROM activity_source WHERE name = %s"
MAKE_SOURCE: Final = "INSERT INTO activity_source (name) VALUES (%s) ON CONFLICT (name) DO NOTHING"
FIND: Final = "SELECT name, id FROM activity_eventname WHERE name = ANY(%s)"
MAKE_FEATURES: Final = """
    INSERT INTO activity_feature (name) SELECT name FROM unnest(%s::text[]) AS wanted (name) ORDER BY name
    ON CONFLICT (name) DO NOTHING
"""
MAKE_NAMES: Final = """
    INSERT INTO activity_eventname (name, feature_id, event_class, polarity, weight)
    SELECT wanted.name, feature.id, wanted.event_class, 1, 1
    FROM unnest(%s::text[], %s::text[], %s::text[]) AS wanted (name, feature, event_class)
    LEFT JOIN activity_feature feature ON feature.name = wanted.feature
    ORDER BY wanted.name
    ON CONFLICT (name) DO NOTHING
"""


def resolve_source(name: str) -> int:
    """The number of this source."""
    with connection.cursor() as cursor:
        cursor.execute(FIND_SOURCE, [name])
        row = cursor.fetchone()
        if row is None:
            cursor.execute(MAKE_SOURCE, [name])
            cursor.execute(FIND_SOURCE, [name])
            row = cursor.fetchone()
    number: int = row[0]
    return number


def resolve_event_names(uses: Mapping[str, NameUse]) -> dict[str, int]:
    """Numbers by name. A name seen for the first time is VALUE with a feature, PASSIVE if used so, or a NOTICE."""
    if not uses:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(FIND, [list(uses)])
        found = dict(cursor.fetchall())
        missing = {name: use for name, use in sorted(uses.items()) if name not in found}
        if missing:
            _make(missing)
            cursor.execute(FIND, [list(missing)])
            found.update(cursor.fetchall())
    return found


def named_entries(*, most: int | None = None) -> list[EventNameEntry]:
    """Names of the tenant in scope, the first ``most`` or all, for the lint.

    What libraries send by themselves is passive and not its own.
    """
    entries = EventName.objects.order_by("id")[:most]
    return [
        EventNameEntry(
            name, is_own=not (event_class == "PASSIVE" and name.startswith(RESERVED)), is_key=is_key
        )
        for name, event_class, is_key in entries.values_list("name", "event_class", "is_key")
    ]


def _make(uses: Mapping[str, NameUse]) -> None:
    features = [use.feature_of(name) for name, use in uses.items()]
    classes = [use.class_of(name) for name, use in uses.items()]
    with connection.cursor() as cursor:
        if any(features):
            cursor.execute(MAKE_FEATURES, [sorted({feature for feature in features if feature})])
        cursor.execute(MAKE_NAMES, [list(uses), features, classes])
