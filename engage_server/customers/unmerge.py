"""Takes merges back: who parts leaves with those who came with it, and nothing joins them again by itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from django.db import connection

from engage_server.customers.cache_epoch import bump_epoch
from engage_server.customers.exceptions import NotMergedError
from engage_server.customers.merging import MergePlan, apply_plan, lock_identity, lock_persons
from engage_server.customers.models import Person


class MergeKind(StrEnum):
    """How two came together. TIE: a device was used by the user; JOIN: an alias call or an operator said so."""

    TIE = "TIE"
    JOIN = "JOIN"


@dataclass(frozen=True, slots=True)
class Merge:
    """One merged person and the canonical one that it counts as; persons by number, ``name`` is the merged one's own.

    ``at`` is the time of the item that tied them, or of the joining; None where that was not recorded.
    """

    person: int
    canonical: int
    kind: MergeKind
    at: datetime | None
    name: str
    canonical_name: str


@dataclass(frozen=True, slots=True)
class UnmergeResult:
    """Who left whom: ``person`` is canonical again, of all in ``persons`` (itself among them)."""

    person: int
    former_canonical: int
    persons: tuple[int, ...]


MERGES: Final = """
    SELECT person.id, canonical.id, alias.tied_to_id IS NOT NULL, COALESCE(alias.tied_at, person.joined_at),
           COALESCE(alias.alias, person.external_id, ''), COALESCE(canonical.external_id, canonical_alias.alias, '')
    FROM customers_person person JOIN customers_person canonical ON canonical.id = person.merged_into_id
    LEFT JOIN LATERAL (
        SELECT * FROM customers_personalias WHERE person_id = person.id ORDER BY id LIMIT 1) alias ON true
    LEFT JOIN LATERAL (
        SELECT * FROM customers_personalias WHERE person_id = canonical.id ORDER BY id LIMIT 1) canonical_alias ON true
    WHERE person.id {side} %s AND NOT person.is_suppressed AND NOT canonical.is_suppressed
    ORDER BY person.id {order} LIMIT %s
"""
AHEAD: Final = MERGES.format(side=">", order="ASC")
BACK: Final = MERGES.format(side="<", order="DESC")
# With whom each member of the merge group came; a step to somebody who is gone counts as one to the canonical person.
STEPS: Final = """
    SELECT member.id, CASE WHEN step.id = member.merged_into_id OR step.merged_into_id = member.merged_into_id
                           THEN step.id ELSE member.merged_into_id END,
           alias.alias
    FROM customers_person member
    LEFT JOIN customers_personalias alias ON alias.person_id = member.id AND alias.tied_to_id IS NOT NULL
    LEFT JOIN customers_person step ON step.id = COALESCE(alias.tied_to_id, member.joined_to_id)
    WHERE member.merged_into_id = %s
"""


def merges(*, after: int = 0, before: int | None = None, limit: int) -> list[Merge]:
    """The merges in force of the tenant in scope, by the merged person's number; those of suppressed persons left out.

    At most ``limit``: the first behind a number or, with ``before``, the last before one.
    """
    with connection.cursor() as cursor:
        cursor.execute(*((AHEAD, [after, limit]) if before is None else (BACK, [before, limit])))
        found = [
            Merge(person, canonical, MergeKind.TIE if is_tie else MergeKind.JOIN, at, name, canonical_name)
            for person, canonical, is_tie, at, name, canonical_name in cursor.fetchall()
        ]
    return found if before is None else found[::-1]


def count_merges() -> int:
    """How many merges are in force, of persons who may be shown."""
    return Person.objects.filter(
        merged_into__isnull=False, is_suppressed=False, merged_into__is_suppressed=False
    ).count()


def unmerge(person: int) -> UnmergeResult:
    """Take the merge of this person back, inside the caller's transaction.

    A device is never tied again by an item that bears both names: the operator's word stands. A later alias call
    that names both joins them again.

    Raises:
        NotMergedError: the person is not merged into anybody, or there is none of this number.
    """
    bump_epoch()
    lock_identity()
    canonical = _canonical_of(person)
    with connection.cursor() as cursor:
        cursor.execute(STEPS, [canonical])
        rows = cursor.fetchall()
    ties = {member: name for member, _, name in rows if name is not None}
    leaving = merged_with(person, {member: step for member, step, _ in rows})
    lock_persons([person, canonical, *leaving], merged_into=[canonical])
    plan = MergePlan(detached=[person], newly_identified=[ties[person]] if person in ties else [])
    apply_plan(plan)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE customers_person SET joined_to_id = NULL, joined_at = NULL WHERE id = %s", [person]
        )
        cursor.execute(
            "UPDATE customers_person SET merged_into_id = %s WHERE id = ANY(%s) AND id <> %s",
            [person, leaving, person],
        )
    return UnmergeResult(person=person, former_canonical=canonical, persons=tuple(sorted(leaving)))


def merged_with(person: int, steps: Mapping[int, int]) -> list[int]:
    """The person and all who came to the merge group with it; ``steps`` say whom each member came with."""
    found = {person}
    grown = True
    while grown:
        more = {member for member, step in steps.items() if step in found} - found
        found |= more
        grown = bool(more)
    return sorted(found)


def _canonical_of(person: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT merged_into_id FROM customers_person WHERE id = %s", [person])
        row = cursor.fetchone()
    if row is None or row[0] is None:
        raise NotMergedError(
            "This person is not merged into anybody. Remedy: `manage.py identity list` shows who is."
        )
    canonical: int = row[0]
    return canonical
