"""Writes and reads definitions. A change is a new version, signed by who acts; what was stays as history.

Works inside the tenant's scope.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Generic

from django.db import IntegrityError, connection, transaction
from django.db.models import Max
from django.utils import timezone

from engage_server.audit.actor import current_actor
from engage_server.definitions.exceptions import (
    InvalidDefinitionError,
    NameTakenError,
    UnknownDefinitionError,
)
from engage_server.definitions.kinds import KINDS, Body, BodyT, read_body
from engage_server.definitions.models import Definition

LONGEST_NAME: Final = 100
# Two that are made at once get different numbers; two changes of what refers to each other take turns.
LOCK: Final = "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || ':definitions', 0))"


@dataclass(frozen=True, slots=True)
class Defined(Generic[BodyT]):
    """A version of a definition, its body read by the kind's model."""

    number: int
    version: int
    name: str
    body: BodyT
    author: str
    created_at: datetime
    is_retired: bool = False


def define(kind: str, name: str, body: Body) -> int:
    """Make a definition; return its number.

    Raises:
        InvalidDefinitionError: the name is blank or too long.
        NameTakenError: another one of the kind has the name.
    """
    with transaction.atomic():
        lock_definitions()
        highest = Definition.objects.aggregate(highest=Max("number"))["highest"] or 0
        _write(Definition(number=highest + 1, kind=kind), name=name, body=body)
    return highest + 1


def redefine(kind: str, number: int, *, name: str | None = None, body: Body | None = None) -> bool:
    """Bring a definition to another name or body, None leaves it; return whether that is a new version.

    Raises:
        UnknownDefinitionError, InvalidDefinitionError, NameTakenError
    """
    with transaction.atomic():
        lock_definitions()
        row = _in_force(kind, number)
        wanted = (row.name if name is None else name, row.body if body is None else _stored(body))
        if wanted == (row.name, row.body):
            return False
        _supersede(row)
        following = Definition(number=number, version=row.version + 1, kind=kind)
        model = KINDS[kind]
        _write(following, name=wanted[0], body=body if body is not None else read_body(model, row.body))
    return True


def retire(kind: str, number: int) -> None:
    """End a definition; its versions stay.

    Raises:
        UnknownDefinitionError: there is none, or it was retired already.
    """
    with transaction.atomic():
        lock_definitions()
        row = _in_force(kind, number)
        _supersede(row)
        Definition.objects.create(
            number=number, version=row.version + 1, kind=kind, name=row.name, body=row.body, author=current_actor(),
            is_retired=True,
        )  # fmt: skip


def in_force(kind: str, model: type[BodyT]) -> list[Defined[BodyT]]:
    """All definitions of a kind, in the order in which they were made."""
    rows = Definition.objects.filter(kind=kind, superseded_at=None, is_retired=False).order_by("number")
    return [_read(model, row) for row in rows]


def find(kind: str, model: type[BodyT], number: int) -> Defined[BodyT]:
    """The version in force.

    Raises:
        UnknownDefinitionError
    """
    return _read(model, _in_force(kind, number))


def history(kind: str, model: type[BodyT], number: int) -> Sequence[Defined[BodyT]]:
    """Every version, the newest first."""
    rows = Definition.objects.filter(kind=kind, number=number).order_by("-version")
    return [_read(model, row) for row in rows]


def names_of(numbers: Collection[int]) -> dict[int, str]:
    """How definitions of any kind are called, or were when they were retired; one statement."""
    rows = Definition.objects.filter(number__in=numbers).order_by("number", "-version").distinct("number")
    return dict(rows.values_list("number", "name"))


def lock_definitions() -> None:
    """Let nobody else define anything until the end of the transaction, so that what was checked stays true."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK)


def _in_force(kind: str, number: int) -> Definition:
    row = Definition.objects.filter(kind=kind, number=number, superseded_at=None, is_retired=False).first()
    if row is None:
        raise UnknownDefinitionError(
            f"There is no {kind} of the number {number}. Remedy: list those there are, and name one of them."
        )
    return row


def _supersede(row: Definition) -> None:
    Definition.objects.filter(number=row.number, version=row.version).update(superseded_at=timezone.now())


def _write(row: Definition, *, name: str, body: Body) -> None:
    row.name, row.body, row.author = name.strip(), _stored(body), current_actor()
    if not 0 < len(row.name) <= LONGEST_NAME:
        raise InvalidDefinitionError(
            f"A name has 1 to {LONGEST_NAME} characters and this one {len(row.name)}. Remedy: another name."
        )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        if "definition_name_once" not in str(error):
            raise
        raise NameTakenError(
            f"There is a {row.kind} named {row.name!r} already. Remedy: another name, or change that one."
        ) from error


def _stored(body: Body) -> object:
    return body.model_dump(mode="json", exclude_defaults=True, by_alias=True)


def _read(model: type[BodyT], row: Definition) -> Defined[BodyT]:
    return Defined(
        number=row.number,
        version=row.version,
        name=row.name,
        body=read_body(model, row.body),
        author=row.author,
        created_at=row.created_at,
        is_retired=row.is_retired,
    )
