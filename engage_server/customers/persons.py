"""Keeps what is known of persons: traits, and whether they count."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import connection

from engage_server.customers.traits import full_rows


@dataclass(frozen=True, slots=True)
class PersonChange:
    """Traits to add or replace, and whether the person is to be counted (None = as before).

    ``defaults`` are traits that stand only where none is known.
    """

    traits: Mapping[str, Any]
    is_excluded: bool | None = None
    defaults: Mapping[str, Any] = field(default_factory=dict)


def describe_persons(changes: Mapping[int, PersonChange]) -> frozenset[int]:
    """Write the changes, by the id of the canonical person, which the caller has locked.

    Rows that would stay the same are not written.

    Returns:
        Those persons that would have too many traits: of these no trait is changed.
    """
    if not changes:
        return frozenset()
    full = full_rows("customers_person", changes)
    values = [
        replace(change, traits={}, defaults={}) if person in full else change
        for person, change in changes.items()
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE customers_person person
            SET traits = CASE WHEN change.traits || change.defaults = '{}' THEN person.traits
                              ELSE change.defaults || person.traits || change.traits END,
                is_excluded = COALESCE(change.is_excluded, person.is_excluded)
            FROM unnest(%s::int[], %s::jsonb[], %s::jsonb[], %s::boolean[])
                 AS change (id, traits, defaults, is_excluded)
            WHERE person.id = change.id
              AND ((change.traits || change.defaults <> '{}'
                    AND change.defaults || person.traits || change.traits IS DISTINCT FROM person.traits)
                   OR COALESCE(change.is_excluded, person.is_excluded) IS DISTINCT FROM person.is_excluded)
            """,
            [
                list(changes),
                [json.dumps(change.traits) for change in values],
                [json.dumps(change.defaults) for change in values],
                [change.is_excluded for change in values],
            ],
        )
    return full
