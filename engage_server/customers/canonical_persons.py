"""Says who counts for whom: the canonical person of each person, and the merge group that shares it.

A merged person points with ``merged_into`` at its canonical person, which is never merged itself: one step is enough.
Rows of other tables stay under the person that they came under.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection
from django.db.models.functions import Coalesce

from engage_server.customers.models import Person


def canonical_id(person: str) -> str:
    """SQL: the id of the canonical person, of the row of ``customers_person`` that goes by this alias."""
    return f"COALESCE({person}.merged_into_id, {person}.id)"


def is_in_group_of(person: str, canonical: str) -> str:
    """SQL: whether the row of this alias belongs to the merge group of this canonical person's id.

    Unlike a comparison of ``canonical_id`` it is answered by the indexes of both columns.
    """
    return f"({person}.id = {canonical} OR {person}.merged_into_id = {canonical})"


def canonical_id_of(relation: str) -> Coalesce:
    """The same for Django's queries: the canonical person behind a foreign key to a person."""
    return Coalesce(f"{relation}__merged_into_id", f"{relation}_id")


def canonical_person(person: Person) -> Person:
    """The person that counts for this one: itself, unless it is merged."""
    return person.merged_into or person


@dataclass(frozen=True, slots=True)
class MergeGroup:
    """All persons that count as one, by number, and every name that they go by."""

    persons: tuple[int, ...]
    names: tuple[str, ...]


GROUP: Final = f"""
    WITH named AS (
        SELECT person_id AS id FROM customers_personalias WHERE alias = ANY(%(names)s)
        UNION SELECT id FROM customers_person WHERE external_id = ANY(%(names)s)
    ),
    canonical AS (
        SELECT DISTINCT {canonical_id("person")} AS id FROM named JOIN customers_person person USING (id)
    )
    SELECT person.id FROM customers_person person
    WHERE person.id IN (SELECT id FROM canonical) OR person.merged_into_id IN (SELECT id FROM canonical)
    ORDER BY person.id
"""  # noqa: S608  # canonical_id gives a constant
NAMES: Final = """
    SELECT alias FROM customers_personalias WHERE person_id = ANY(%(persons)s)
    UNION SELECT external_id FROM customers_person WHERE id = ANY(%(persons)s) AND external_id IS NOT NULL
    ORDER BY 1
"""
MERGED: Final = "SELECT id FROM customers_person WHERE merged_into_id = ANY(%(persons)s)"


def find_merge_group(names: Collection[str]) -> MergeGroup:
    """Find the persons that these names stand for, with everybody merged with them; empty where nobody bears one of them."""
    persons = _column(GROUP, {"names": list(names)})
    return MergeGroup(tuple(persons), names_of(persons))


def names_of(persons: Sequence[int]) -> tuple[str, ...]:
    """Every user id and anonymous id of these stored persons."""
    return tuple(_column(NAMES, {"persons": list(persons)}))


def merged_into(persons: Collection[int]) -> frozenset[int]:
    """Who is merged into one of these canonical persons."""
    return frozenset(_column(MERGED, {"persons": list(persons)}))


def _column(statement: str, params: Mapping[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return [value for (value,) in cursor.fetchall()]
