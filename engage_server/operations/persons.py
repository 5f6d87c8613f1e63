"""Describes a tenant's persons and says where they belong, on record. Works inside the tenant's scope."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from pydantic import JsonValue

from engage_server.audit.log import record
from engage_server.customers.cache_epoch import lock_epoch
from engage_server.customers.canonical_persons import find_merge_group
from engage_server.customers.merging import lock_identity
from engage_server.customers.models import Membership
from engage_server.ingest.items import name_of
from engage_server.operations.accounts import require_account
from engage_server.operations.exceptions import RefusedWriteError
from engage_server.operations.merges import person_known_as
from engage_server.operations.records import NewMembership, PersonFacts
from engage_server.operations.stored_records import store_record


def describe_person(facts: PersonFacts) -> int:
    """Add to what is known of a person, as an identify call does; who is not known yet is made. Returns the number.

    Raises:
        RefusedWriteError: it cannot be kept, or the person is kept out of everything.
    """
    with transaction.atomic():
        store_record(facts.item())
        number = person_known_as(name_of(facts.key) or "")
        details: dict[str, JsonValue] = {"traits": len(facts.traits or {}), "is_excluded": facts.is_excluded}
        record("person.described", subject=f"person {number}", details=details)
    return number


def add_membership(membership: NewMembership) -> tuple[int, int]:
    """Let a person belong to a known account, as a group call does; return the numbers of both.

    Raises:
        UnknownRecordError: there is no such account.
        RefusedWriteError: the person is kept out of everything.
    """
    with transaction.atomic():
        lock_epoch()
        account = require_account(membership.account)
        item = membership.item()
        store_record(item)
        person = person_known_as(name_of(membership.key) or "")
        details: dict[str, JsonValue] = {
            "person": person,
            "from": item.starts_at.isoformat(),
            "until": None if item.ends_at is None else item.ends_at.isoformat(),
        }
        record("membership.added", subject=f"account {account}", details=details)
    return person, account


def end_membership(person: str, account: str, *, at: datetime | None = None) -> tuple[int, int]:
    """Let a person belong to an account no longer from a moment on (None: now); return the numbers of both.

    Raises:
        UnknownPersonError, UnknownRecordError: there is no such person or account.
        RefusedWriteError: the person does not belong to it, or came later.
    """
    moment = at or timezone.now()
    with transaction.atomic():
        lock_epoch()
        lock_identity()
        number, belonging = person_known_as(person), require_account(account)
        open_ones = Membership.objects.select_for_update().filter(
            person__in=find_merge_group([person]).persons, account=belonging, ends_at=None
        )
        started = [one.starts_at for one in open_ones]
        if not started:
            raise RefusedWriteError(
                "The person does not belong to the account now. Remedy: nothing to do.",
                field="person",
            )
        if moment <= max(started):
            raise RefusedWriteError(
                f"The person belongs to the account only since {max(started).isoformat()}. Remedy: a later end.",
                field="at",
            )
        open_ones.update(ends_at=moment)
        details: dict[str, JsonValue] = {"person": number, "until": moment.isoformat()}
        record("membership.ended", subject=f"account {belonging}", details=details)
    return number, belonging
