"""Keeps what is known of persons: traits, and whether they count."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import connection


@dataclass(frozen=True, slots=True)
class PersonChange:
    """Traits to add or replace, and whether the person is to be counted (None = as before).

    ``defaults`` are traits that stand only where none is known.
    """

    traits: Mapping[str, Any]
    is_excluded: bool | None = None
    defaults: Mapping[str, Any] = field(default_factory=dict)


def describe_persons(changes: Mapping[int, PersonChange]) -> None:
    """Write the changes, by the id of the root; rows that would stay the same are not written."""
    if not changes:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE customers_person person
            SET traits = change.defaults || person.traits || change.traits,
                is_excluded = COALESCE(change.is_excluded, person.is_excluded)
            FROM unnest(%s::int[], %s::jsonb[], %s::jsonb[], %s::boolean[])
                 AS change (id, traits, defaults, is_excluded)
            WHERE person.id = change.id
              AND (change.defaults || person.traits || change.traits IS DISTINCT FROM person.traits
                   OR COALESCE(change.is_excluded, person.is_excluded) IS DISTINCT FROM person.is_excluded)
            """,
            [
                list(changes),
                [json.dumps(change.traits) for change in changes.values()],
                [json.dumps(change.defaults) for change in changes.values()],
                [change.is_excluded for change in changes.values()],
            ],
        )
