"""Opens requests to suppress or erase a person. From the commit on nothing more of the person is taken in or shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from django.db import transaction
from django.db.models import Q, Subquery

from engage_server.audit import log as audit_log
from engage_server.audit.actor import current_actor
from engage_server.customers.cache_epoch import bump_epoch
from engage_server.customers.canonical_persons import find_merge_group
from engage_server.customers.consent import write_consent
from engage_server.customers.erasure import hide_persons, show_persons
from engage_server.privacy.exceptions import UnknownPersonError, UnknownRequestError
from engage_server.privacy.models import PrivacyRequest
from engage_server.suppression.register import add_names, remove_names
from engage_server.tenancy.scope import current_tenant, shared_scope

Kind = PrivacyRequest.Kind
State = PrivacyRequest.State


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was asked for and what came of it; holds no personal data.

    ``counts`` are rows erased by table, ``days_restated`` the days of the tenant's calendar whose values are
    computed again since events or answers of theirs are gone.
    """

    id: UUID
    kind: str
    state: str
    requested_by: str
    requested_at: Any
    finished_at: Any
    counts: dict[str, int]
    days_restated: int
    error: str

    @classmethod
    def of(cls, row: PrivacyRequest) -> Self:
        """The receipt that a row stands for."""
        return cls(
            id=row.id,
            kind=row.kind,
            state=row.state,
            requested_by=row.requested_by,
            requested_at=row.requested_at,
            finished_at=row.finished_at,
            counts=dict(row.counts),
            days_restated=row.days_restated,
            error=row.error,
        )


def suppress(name: str) -> Receipt:
    """Take in and show nothing more of the person of this user id or anonymous id; what is stored stays.

    But what lies in quarantine and mentions the person: the workers delete that.

    Inside the tenant's scope. A name that belongs to nobody is suppressed as well: then nobody will get it. Safe to repeat.
    """
    return _open(name, Kind.SUPPRESS)


def request_erasure(name: str) -> Receipt:
    """``suppress``, and have the workers delete what is stored.

    Where an erasure of the person is under way already, it is that one. Each name of nobody gets a request of its own.
    """
    return _open(name, Kind.ERASE)


def unsuppress(name: str) -> bool:
    """Take in the person of this name again, from now on; False where the name was not suppressed.

    For somebody who comes back of their own will. Of a person who is stored, every name is admitted.
    """
    with transaction.atomic():
        bump_epoch()
        group = find_merge_group([name])
        if not remove_names({name, *group.names}):
            return False
        show_persons(group.persons)
        audit_log.record("person.admitted", subject=_subject(group.persons))
    return True


def set_consent(name: str, *, consents: bool) -> None:
    """Say whether what the person of this name does may be stored for analysis, from now on.

    Raises:
        UnknownPersonError: nobody has the name.
    """
    with transaction.atomic():
        group = find_merge_group([name])
        if not group.persons:
            raise UnknownPersonError(
                "Nobody of this tenant has the id. Remedy: check it; ids are case-sensitive."
            )
        write_consent(dict.fromkeys(group.persons, consents))
        audit_log.record(
            "person.consent_changed", subject=_subject(group.persons), details={"consents": consents}
        )


def newest(count: int, *, place: UUID | None = None, is_backwards: bool = False) -> list[Receipt]:
    """Requests of the tenant in scope, the newest first, at most so many.

    Those made before the one that ``place`` names, or with ``is_backwards`` the nearest of those made after it; all of them
    where it names none.
    """
    tenant = current_tenant()
    order = ("requested_at", "id") if is_backwards else ("-requested_at", "-id")
    with shared_scope():
        mine = PrivacyRequest.objects.filter(tenant_id=tenant.id)
        if place is not None:
            at = Subquery(mine.filter(pk=place).values("requested_at"))
            mine = mine.filter(
                Q(requested_at__gt=at) | Q(requested_at=at, id__gt=place)
                if is_backwards
                else Q(requested_at__lt=at) | Q(requested_at=at, id__lt=place)
            )
        found = [Receipt.of(row) for row in mine.order_by(*order)[:count]]
    return found[::-1] if is_backwards else found


def count() -> int:
    """How many requests the tenant in scope has made."""
    tenant = current_tenant()
    with shared_scope():
        return PrivacyRequest.objects.filter(tenant_id=tenant.id).count()


def receipt(request: UUID) -> Receipt:
    """One request of the tenant in scope.

    Raises:
        UnknownRequestError: the tenant has none of this id.
    """
    tenant = current_tenant()
    with shared_scope():
        row = PrivacyRequest.objects.filter(tenant_id=tenant.id, pk=request).first()
    if row is None:
        raise UnknownRequestError(
            f"There is no privacy request {request}. Remedy: `manage.py privacy requests` lists them."
        )
    return Receipt.of(row)


def open_erasure(names: Sequence[str]) -> PrivacyRequest:
    """An erasure of the person who has one of these names, in the caller's transaction."""
    return _write(names, Kind.ERASE)


def _open(name: str, kind: PrivacyRequest.Kind) -> Receipt:
    with transaction.atomic():
        return Receipt.of(_write([name], kind))


def _write(names: Sequence[str], kind: PrivacyRequest.Kind) -> PrivacyRequest:
    tenant = current_tenant()
    bump_epoch()
    group = find_merge_group(names)
    add_names({*names, *group.names}, erased=kind == Kind.ERASE)
    hide_persons(group.persons)
    with shared_scope():
        row = _under_way(group.persons) if kind == Kind.ERASE else None
        if row is None:
            row = PrivacyRequest.objects.create(
                tenant_id=tenant.id,
                kind=kind,
                persons=list(group.persons),
                requested_by=current_actor()[:100],
            )
            row.refresh_from_db()
    audit_log.record(
        "person.suppressed",
        subject=_subject(group.persons),
        details={"request": str(row.id), "kind": str(kind)},
    )
    return row


def _subject(persons: Sequence[int]) -> str:
    return ", ".join(f"person {person}" for person in persons)[:200] or "a person not stored"


def _under_way(persons: Sequence[int]) -> PrivacyRequest | None:
    if not persons:
        return None  # Of names that belong to nobody, no two need be one person's.
    return PrivacyRequest.objects.filter(
        tenant_id=current_tenant().id, kind=Kind.ERASE, state=State.PENDING, persons=list(persons)
    ).first()
