"""Keeps who has withdrawn consent to being analysed. A merged person speaks for all that it was merged with."""

from collections.abc import Collection, Mapping
from typing import Final

from django.db import connection

WITHHELD: Final = """
    SELECT alias.alias FROM customers_personalias alias JOIN customers_person person ON person.id = alias.person_id
    WHERE alias.alias = ANY(%s) AND EXISTS (
        SELECT FROM customers_person family
        WHERE NOT family.consents
          AND COALESCE(family.merged_into_id, family.id) = COALESCE(person.merged_into_id, person.id))
"""
WRITE: Final = """
    UPDATE customers_person person SET consents = change.consents
    FROM unnest(%s::int[], %s::boolean[]) AS change (root, consents)
    WHERE (person.id = change.root OR person.merged_into_id = change.root) AND person.consents <> change.consents
"""


def names_without_consent(names: Collection[str]) -> frozenset[str]:
    """Those of the names whose person, or one that it was merged with, has withdrawn consent."""
    with connection.cursor() as cursor:
        cursor.execute(WITHHELD, [list(names)])
        return frozenset(name for (name,) in cursor.fetchall())


def write_consent(changes: Mapping[int, bool]) -> None:
    """Set it, by the id of the root, for everybody merged into that."""
    if changes:
        with connection.cursor() as cursor:
            cursor.execute(WRITE, [list(changes), list(changes.values())])
