"""Keeps who has withdrawn consent to being analysed. A merged person speaks for all that it was merged with."""

from collections.abc import Collection, Mapping
from typing import Final

from django.db import connection

from engage_server.customers.canonical_persons import canonical_id, is_in_group_of

WITHHELD: Final = f"""
    SELECT alias.alias FROM customers_personalias alias JOIN customers_person person ON person.id = alias.person_id
    WHERE alias.alias = ANY(%s) AND EXISTS (
        SELECT FROM customers_person member
        WHERE NOT member.consents AND {canonical_id("member")} = {canonical_id("person")})
"""  # noqa: S608  # canonical_id gives a constant
WRITE: Final = f"""
    UPDATE customers_person person SET consents = change.consents
    FROM unnest(%s::int[], %s::boolean[]) AS change (canonical, consents)
    WHERE {is_in_group_of("person", "change.canonical")} AND person.consents <> change.consents
"""  # noqa: S608  # canonical_id gives a constant


def names_without_consent(names: Collection[str]) -> frozenset[str]:
    """Those of the names whose person, or one that it was merged with, has withdrawn consent."""
    with connection.cursor() as cursor:
        cursor.execute(WITHHELD, [list(names)])
        return frozenset(name for (name,) in cursor.fetchall())


def write_consent(changes: Mapping[int, bool]) -> None:
    """Set it for whole merge groups, by the id of the canonical person."""
    if changes:
        with connection.cursor() as cursor:
            cursor.execute(WRITE, [list(changes), list(changes.values())])
