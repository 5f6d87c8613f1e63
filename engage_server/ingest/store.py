"""Stores a batch of items in one transaction: the one way in for HTTP, file imports and replays.

Whether a batch goes in one message to the database or statement by statement is chosen here and nowhere else.

A batch costs a fixed number of statements, however many items it has. Everything is written in the same order by
everybody (accounts, persons, what refers to them, events; within each by key), so that two batches may wait for
each other but never in a circle.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Final, TypeVar

from django.db import transaction
from django.utils import timezone
from psycopg.types.json import Jsonb

from engage_server.activity.rollups.deltas import log_events
from engage_server.activity.writer import EventRow, write_events, write_new_events
from engage_server.customers.accounts import (
    AccountChange,
    AccountStatement,
    Described,
    describe_accounts,
)
from engage_server.customers.cache_epoch import lock_epoch
from engage_server.customers.consent import write_consent
from engage_server.customers.identifiers import Identifier
from engage_server.customers.ledger import LedgerRow, write_ledger
from engage_server.customers.memberships import MembershipPeriod, write_memberships
from engage_server.customers.persons import PersonChange, describe_persons
from engage_server.customers.responses import ResponseRow, write_responses
from engage_server.customers.subscription_terms import Terms
from engage_server.customers.subscriptions import SubscriptionRow, write_subscriptions
from engage_server.customers.traits import MOST_BYTES, MOST_TRAITS
from engage_server.ingest.batch_references import (
    UniqueEvents,
    account_ids,
    event_name_uses,
    names_in_use,
    unique_events,
)
from engage_server.ingest.event_batch import EventBatch
from engage_server.ingest.id_cache import (
    account_numbers,
    event_name_numbers,
    keep_epoch,
    resolve_persons,
    source_number,
)
from engage_server.ingest.items import (
    AccountItem,
    EventItem,
    Item,
    LedgerItem,
    MembershipItem,
    PersonItem,
    PersonKey,
    ResponseItem,
    SubscriptionItem,
    name_of,
)
from engage_server.ingest.known_batch import store_known_events
from engage_server.ingest.late_data import mark_late_days
from engage_server.ingest.outcomes import CONFLICT, DUPLICATE, AllStored, Outcome, OutcomeKind, outcomes_of
from engage_server.ingest.privacy_filter import FilteredBatch, consent_decisions, filter_items
from engage_server.tenancy.scope import current_tenant
from engage_server.tenancy.tenant_cache import CacheEpoch

Kind = TypeVar("Kind", bound=Item)
Indexed = list[tuple[int, Kind]]
Conclusion = TypeVar("Conclusion")
Write = Callable[[int, Mapping[str, EventRow]], dict[str, int]]
TRAITS_FULL: Final = Outcome(
    OutcomeKind.INCOMPLETE,
    "traits_full",
    f"No trait of it was kept: with them there would be more than {MOST_TRAITS} traits, or more than "
    f"{MOST_BYTES // 1024} kB. Remedy: send what varies as properties of events.",
)


def store_items(items: Sequence[Item], *, source: str) -> Sequence[Outcome]:
    """Store all items or none, inside the tenant's scope; to store them again changes nothing.

    Args:
        items: what an adapter has validated; texts without NUL, JSON without NaN.
        source: name of the source; message ids are unique within it.

    Raises:
        NoTenantError: there is no tenant's scope.
        django.db.DataError, django.db.IntegrityError: an item breaks a rule of the tables; nothing is stored.
        django.db.OperationalError: the database is unavailable; the same batch may be sent again.
    """
    with transaction.atomic():
        return _store(items, source=source, write=write_events)


def store_new_items(
    items: Callable[[], Sequence[Item]],
    *,
    events: EventBatch | None,
    source: str,
    conclude: Callable[[Sequence[Outcome]], Conclusion],
) -> Conclusion:
    """As ``store_items``, faster for a batch whose message ids are new; returns what ``conclude`` does.

    Args:
        items: gives the items; not called where one message to the database stores them all.
        events: the same column by column, where all of them are events.
        source: name of the source.
        conclude: is given the outcomes, and writes what else belongs to the transaction. It has nothing to write
            where every item was stored: the transaction may have ended then.

    Raises:
        RepeatedIdsError: the ids are not new; nothing is stored, and the batch goes to ``store_items``.
        django.db.DatabaseError: as of ``store_items``.
    """
    if events is not None and store_known_events(events, source=source):
        return conclude(AllStored(len(events)))
    with transaction.atomic():
        return conclude(_store(items(), source=source, write=write_new_events))


def _store(items: Sequence[Item], *, source: str, write: Write) -> Sequence[Outcome]:
    current_tenant()
    if not items:
        return AllStored(0)
    lock = lock_epoch()
    keep_epoch(lock)
    batch = filter_items(lock, items)
    if not batch.items:
        return batch.outcomes(())
    return batch.outcomes(_store_filtered(lock.place, batch, source=source, write=write))


def _store_filtered(
    place: CacheEpoch, batch: FilteredBatch, *, source: str, write: Write
) -> Sequence[Outcome]:
    items = batch.items
    unique = unique_events(items, as_sent=batch.as_sent)
    others: list[tuple[int, Item]] = [
        (index, item) for index, item in enumerate(items) if not isinstance(item, EventItem)
    ]
    kept = [*[item for _, item in others], *unique.events.values()]
    source_id = source_number(place, source)
    event_names = event_name_numbers(place, event_name_uses(unique.events.values()))
    accounts = account_numbers(place, account_ids(kept))
    now = timezone.now()
    today = now.astimezone(current_tenant().zone).date()
    faults, described = _describe_accounts(_of(others, AccountItem), accounts, now=now)
    names = resolve_persons(place, names_in_use(kept))
    faults |= _describe_persons(_of(others, PersonItem), names)
    _write_memberships(_of(others, MembershipItem), names, accounts)
    subscribed = _write_subscriptions(_of(others, SubscriptionItem), accounts, today=today)
    entered = _write_ledger(_of(others, LedgerItem), accounts)
    repeated = _write_responses(_of(others, ResponseItem), names, accounts)
    rows = _event_rows(unique, event_names, names, accounts)
    known = write(source_id, rows)
    log_events(
        [row for row in rows.values() if row.message_id not in known],
        marked={name.person for name in names.values()},
    )
    found = {**faults, **dict.fromkeys(repeated, DUPLICATE), **_repeated_events(unique, known)}
    outcomes = outcomes_of(len(items), found)
    mark_late_days(items, outcomes, described=described, subscribed=subscribed, entered=entered)
    return outcomes


def _repeated_events(unique: UniqueEvents, known: Mapping[str, int]) -> dict[int, Outcome]:
    """The outcomes of events whose message id stood in the table, or further ahead in the batch."""
    first_digests = {**unique.digests, **known}
    repeats = [
        *[(unique.indexes[message_id], message_id, unique.digests[message_id]) for message_id in known],
        *unique.repeats,
    ]
    return {
        index: DUPLICATE if digest == first_digests[message_id] else CONFLICT
        for index, message_id, digest in repeats
    }


def _of(items: Sequence[tuple[int, Item]], kind: type[Kind]) -> Indexed[Kind]:
    return [(index, item) for index, item in items if isinstance(item, kind)]


def _describe_accounts(
    items: Indexed[AccountItem], accounts: Mapping[str, int], *, now: datetime
) -> tuple[dict[int, Outcome], Described]:
    tenant = current_tenant()
    changes: dict[int, AccountChange] = {}
    for _, item in items:
        account = accounts[item.external_id]
        known = changes.get(account, AccountChange())
        tracked = {name: item.traits[name] for name in tenant.tracked_traits if name in item.traits}
        statement = AccountStatement(
            at=min(item.occurred_at or now, now),
            plan=item.plan,
            stage=item.stage,
            parent=accounts[item.parent] if item.parent else None,
            owner=item.owner,
            traits=tracked,
        )
        changes[account] = AccountChange(
            name=item.name if item.name is not None else known.name,
            started_at=item.started_at or known.started_at,
            statements=(*known.statements, statement),
            traits={**known.traits, **item.traits},
            defaults={**item.defaults, **known.defaults},
        )
    described = describe_accounts(changes, now=now, zone=tenant.zone)
    too_full = {
        index: TRAITS_FULL
        for index, item in items
        if (item.traits or item.defaults) and accounts[item.external_id] in described.full
    }
    in_circles = {
        index: _circular_parent(item)
        for index, item in items
        if item.parent and (accounts[item.external_id], accounts[item.parent]) in described.circular
    }
    return {**too_full, **in_circles}, described


def _circular_parent(item: AccountItem) -> Outcome:
    message = "The account cannot stand below its parent, which stands below it."
    return Outcome(OutcomeKind.INCOMPLETE, "circular_parent", message)


def _describe_persons(items: Indexed[PersonItem], names: Mapping[str, Identifier]) -> dict[int, Outcome]:
    changes: dict[int, PersonChange] = {}
    for _, item in items:
        name = name_of(item.person)
        if name is None or not (item.traits or item.defaults or item.is_excluded is not None):
            continue
        known = changes.get(names[name].canonical, PersonChange({}))
        changes[names[name].canonical] = PersonChange(
            traits={**known.traits, **item.traits},
            defaults={**item.defaults, **known.defaults},
            is_excluded=known.is_excluded if item.is_excluded is None else item.is_excluded,
        )
    full = describe_persons(changes)
    decided = consent_decisions([item for _, item in items])
    write_consent({names[name].canonical: consents for name, consents in decided.items()})
    return {
        index: TRAITS_FULL
        for index, item in items
        if (item.traits or item.defaults) and (name := name_of(item.person)) and names[name].canonical in full
    }


def _write_memberships(
    items: Indexed[MembershipItem], names: Mapping[str, Identifier], accounts: Mapping[str, int]
) -> None:
    write_memberships(
        [
            MembershipPeriod(person, accounts[item.account], item.starts_at, item.ends_at)
            for _, item in items
            if (person := _person(item.person, names)) is not None
        ]
    )


def _write_subscriptions(
    items: Indexed[SubscriptionItem], accounts: Mapping[str, int], *, today: date
) -> frozenset[date]:
    return write_subscriptions(
        [
            SubscriptionRow(
                external_id=item.external_id,
                terms=Terms(
                    account=accounts[item.account],
                    plan=item.plan,
                    seats=item.seats,
                    amount=item.amount,
                    currency=item.currency,
                    interval_months=item.interval_months,
                    is_trial=item.is_trial,
                    status=item.status,
                    channel=item.channel,
                    cancel_reason=item.cancel_reason,
                ),
                starts_on=item.starts_on,
                ends_on=item.ends_on,
                changed_on=item.changed_on,
            )
            for _, item in items
        ],
        today=today,
    )


def _write_ledger(items: Indexed[LedgerItem], accounts: Mapping[str, int]) -> frozenset[date]:
    return write_ledger(
        [
            LedgerRow(
                kind=item.kind,
                external_id=item.external_id,
                stage=item.stage,
                account=accounts[item.account] if item.account else None,
                category=item.category,
                amount=item.amount,
                currency=item.currency,
                occurred_on=item.occurred_on,
                closes_on=item.closes_on,
                included_in_crc=item.included_in_crc,
            )
            for _, item in items
        ]
    )


def _write_responses(
    items: Indexed[ResponseItem], names: Mapping[str, Identifier], accounts: Mapping[str, int]
) -> list[int]:
    rows: dict[str, ResponseRow] = {}
    firsts: dict[str, int] = {}
    for index, item in items:
        if firsts.setdefault(item.external_id, index) == index:
            rows[item.external_id] = ResponseRow(
                external_id=item.external_id,
                instrument=item.instrument,
                person=_person(item.person, names),
                account=accounts[item.account] if item.account else None,
                scale_min=item.scale_min,
                scale_max=item.scale_max,
                direction=item.direction,
                score=item.score,
                text=item.text,
                occurred_at=item.occurred_at,
                given_by=item.given_by,
                tags=Jsonb(list(item.tags)),
                metric=item.metric,
            )
    known = write_responses(rows)
    return [index for index, item in items if item.external_id in known or firsts[item.external_id] != index]


def _event_rows(
    unique: UniqueEvents,
    event_names: Mapping[str, int],
    names: Mapping[str, Identifier],
    accounts: Mapping[str, int],
) -> dict[str, EventRow]:
    return {
        message_id: EventRow(
            message_id=message_id,
            digest=unique.digests[message_id],
            name=event_names[event.name],
            person=_person(event.person, names),
            account=accounts[event.account] if event.account else None,
            occurred_at=event.occurred_at,
            received_at=event.received_at,
            properties=event.properties,
        )
        for message_id, event in unique.events.items()
    }


def _person(key: PersonKey, names: Mapping[str, Identifier]) -> int | None:
    name = name_of(key)
    return None if name is None else names[name].person
