"""Writes what joins and parts persons: ``merged_into`` and the names' ties. Nothing else is ever rewritten."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db import connection

LOCK_CLASS: Final = 0x1DE271  # a number of our own among PostgreSQL's advisory locks


@dataclass(frozen=True, slots=True)
class Attachment:
    """A device's name now belongs to a user: the user's own person, and the canonical one that it counts as."""

    person: int
    user: int
    canonical: int
    at: datetime


@dataclass(frozen=True, slots=True)
class MergePlan:
    """What to change; person ids throughout."""

    newly_identified: list[str] = field(default_factory=list)
    detached: list[int] = field(default_factory=list)
    named: dict[int, str] = field(default_factory=dict)  # person -> the user id it turned out to have
    joined: dict[int, int] = field(default_factory=dict)  # formerly canonical -> canonical
    steps: dict[int, int] = field(
        default_factory=dict
    )  # formerly canonical -> the one that it was joined to itself
    attached: dict[str, Attachment] = field(default_factory=dict)  # by the device's name


def lock_identity() -> None:
    """Let one transaction of the tenant at a time join persons: a canonical person must stay one while others join it."""
    _execute("SELECT pg_advisory_xact_lock(%s, hashtext(current_schema()))", [LOCK_CLASS])


def lock_persons(persons: Collection[int], *, merged_into: Collection[int] = ()) -> None:
    """Lock these persons, and those merged into others, in the one order that all writers keep."""
    _execute(
        """
        SELECT id FROM customers_person WHERE id = ANY(%s) OR merged_into_id = ANY(%s)
        ORDER BY id FOR NO KEY UPDATE
        """,
        [list(persons), list(merged_into)],
    )


def apply_plan(plan: MergePlan) -> None:
    """Write the plan; a fixed number of statements.

    Who was merged into a person that joins another one follows it, so that chains never form.
    """
    if plan.newly_identified:
        _execute(
            """
            UPDATE customers_personalias SET is_firm = true, tied_to_id = NULL, tied_at = NULL
            WHERE alias = ANY(%s)
            """,
            [plan.newly_identified],
        )
    if plan.detached:
        _execute("UPDATE customers_person SET merged_into_id = NULL WHERE id = ANY(%s)", [plan.detached])
    if plan.named:
        _update_from(plan.named, "SET external_id = change.value", "person.id = change.id", "text")
    if plan.steps:
        setting = "SET joined_to_id = change.value, joined_at = statement_timestamp()"
        _update_from(plan.steps, setting, "person.id = change.id", "int")
    if plan.joined:
        _update_from(
            plan.joined,
            "SET merged_into_id = change.value",
            "person.id = change.id OR person.merged_into_id = change.id",
            "int",
        )
    if plan.attached:
        _attach(plan.attached)


def _attach(attached: Mapping[str, Attachment]) -> None:
    canonical = {attachment.person: attachment.canonical for attachment in attached.values()}
    _update_from(canonical, "SET merged_into_id = change.value", "person.id = change.id", "int")
    _execute(
        """
        UPDATE customers_personalias alias SET tied_to_id = change.person, tied_at = change.at
        FROM unnest(%s::text[], %s::int[], %s::timestamptz[]) AS change (alias, person, at)
        WHERE alias.alias = change.alias
        """,
        [list(attached), [one.user for one in attached.values()], [one.at for one in attached.values()]],
    )


def _update_from(changes: Mapping[int, Any], setting: str, condition: str, kind: str) -> None:
    _execute(
        f"""
        UPDATE customers_person person {setting}
        FROM unnest(%s::int[], %s::{kind}[]) AS change (id, value) WHERE {condition}
        """,
        [list(changes), list(changes.values())],
    )


def _execute(statement: str, params: Iterable[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, list(params))
