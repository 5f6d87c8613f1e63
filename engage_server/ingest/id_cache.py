"""Resolves the names of a batch from what the process remembers, and asks the database for the others."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, cast

from engage_server.activity.dictionary import NameUse, resolve_event_names, resolve_source
from engage_server.customers.accounts import resolve_accounts
from engage_server.customers.cache_epoch import EpochLock
from engage_server.customers.identifiers import Identifier
from engage_server.customers.identity import IdentifierUsage, Resolution, changes_anything, resolve
from engage_server.ingest.event_batch import EventBatch
from engage_server.suppression.register import keys_in_use, suppressed_among
from engage_server.tenancy.tenant_cache import CacheEpoch, TenantCache, on_invalidate

# An entry takes 100 to 400 bytes: 30 MB at the very most.
_sources: Final[TenantCache[int]] = TenantCache(capacity=2_000)
_event_names: Final[TenantCache[int]] = TenantCache(capacity=20_000)
_accounts: Final[TenantCache[int]] = TenantCache(capacity=40_000)
_persons: Final[TenantCache[Identifier]] = TenantCache(capacity=80_000)
_keys: Final[TenantCache[tuple[bytes, ...]]] = TenantCache(capacity=20_000)
_suppressed: Final[TenantCache[bool]] = TenantCache(capacity=80_000)
_holds: Final[dict[int, EpochLock]] = {}
MOST_HOLDS: Final = 4_096
ALL: Final = ""


@dataclass(frozen=True, slots=True)
class ResolvedIds:
    """What the names of a batch stand for."""

    source: int
    event_names: Mapping[str, int]
    accounts: Mapping[str, int]
    persons: Mapping[str, Identifier]


@dataclass(frozen=True, slots=True)
class IdColumns:
    """What the names of a batch stand for, event by event: the lists run in parallel."""

    source: int
    event_names: Sequence[int]
    persons: Sequence[int | None]
    accounts: Sequence[int | None]


def keep_epoch(hold: EpochLock) -> None:
    """Remember how this process last found the tenant; whoever relies on it has to ask whether it still is so."""
    if len(_holds) >= MOST_HOLDS:
        _holds.clear()
    _holds[hold.place.tenant_id] = hold


def last_epoch(tenant_id: int) -> EpochLock | None:
    """How this process last found the tenant."""
    return _holds.get(tenant_id)


def cached_columns(place: CacheEpoch, *, source: str, events: EventBatch) -> IdColumns | None:
    """The ids of a batch that names users only, without a statement; None where one is unknown or may be suppressed.

    What most batches of a server are; ``cached_ids`` answers the others at twice the cost.
    """
    users = events.users
    if any(events.devices) or None in users or _keys.get_many(place, (ALL,)).get(ALL) != ():
        return None
    number = _sources.get_many(place, (source,)).get(source)
    event_names = _event_names.get_each(place, events.names)
    accounts = _accounts.get_each(place, events.accounts)
    identifiers = _persons.get_each(place, users)
    if number is None or event_names is None or accounts is None or identifiers is None:
        return None
    # A user's id changes nothing of a name that is known as one.
    persons = [one.person for one in identifiers if one is not None and one.has_user_id and one.is_identified]
    if len(persons) != len(users):
        return None
    return IdColumns(number, cast("list[int]", event_names), persons, accounts)


def cached_ids(
    place: CacheEpoch,
    *,
    source: str,
    event_names: Collection[str],
    accounts: Collection[str],
    use: IdentifierUsage,
) -> ResolvedIds | None:
    """A batch's names, without a statement; None where one is unknown that is no person's, suppressed or changes its
    person.

    Persons' names that are unknown are missing in the answer.
    """
    if use.written or use.aliases:
        return None
    names = use.users | use.anonymous
    persons = _persons.get_many(place, names)
    if changes_anything(use, persons):
        return None
    keys = _keys.get_many(place, (ALL,)).get(ALL)
    if keys is None or (keys and not _are_all_free(place, names)):
        return None
    found = ResolvedIds(
        source=_sources.get_many(place, (source,)).get(source, 0),
        event_names=_event_names.get_many(place, event_names),
        accounts=_accounts.get_many(place, accounts),
        persons=persons,
    )
    is_complete = (
        found.source and len(found.event_names) == len(event_names) and len(found.accounts) == len(accounts)
    )
    return found if is_complete else None


def keep_persons(place: CacheEpoch, found: Mapping[str, Identifier]) -> None:
    """Remember whom names stand for, which a transaction has made that is committed."""
    _persons.put_many(place, found)


def _are_all_free(place: CacheEpoch, names: Collection[str]) -> bool:
    known = _suppressed.get_many(place, names)
    return len(known) == len(names) and not any(known.values())


def source_number(place: CacheEpoch, name: str) -> int:
    """The number of this source."""
    known = _sources.get_many(place, (name,)).get(name)
    if known is not None:
        return known
    number = resolve_source(name)
    _sources.put_after_commit(place, {name: number})
    return number


def resolve_ids(
    place: CacheEpoch,
    *,
    source: str,
    event_names: Mapping[str, NameUse],
    accounts: Collection[str],
    use: IdentifierUsage,
) -> tuple[ResolvedIds, bool]:
    """All of a batch's names; what is unknown is made. Says also whether a person that was there has changed."""
    source_id = source_number(place, source)
    names, numbers = event_name_numbers(place, event_names), account_numbers(place, accounts)
    resolution = resolve_or_change_persons(place, use)
    return ResolvedIds(source_id, names, numbers, resolution.identifiers), resolution.has_changes


def event_name_numbers(place: CacheEpoch, uses: Mapping[str, NameUse]) -> dict[str, int]:
    """Numbers by name; how a known name is used changes nothing."""
    known = _event_names.get_many(place, uses)
    if len(known) == len(uses):
        return known
    resolved = resolve_event_names({name: use for name, use in uses.items() if name not in known})
    _event_names.put_after_commit(place, resolved)
    return known | resolved


def suppression_keys(place: CacheEpoch) -> tuple[bytes, ...]:
    """What the tenant's suppression list is hashed with; empty where nobody is on it.

    Putting somebody on the list bumps the epoch, so that another place is asked for from then on.
    """
    known = _keys.get_many(place, (ALL,)).get(ALL)
    if known is None:
        known = keys_in_use()
        _keys.put_after_commit(place, {ALL: known})
    return known


def suppressed_names(place: CacheEpoch, names: Collection[str]) -> frozenset[str]:
    """Those of the names that are on the tenant's suppression list."""
    known = _suppressed.get_many(place, names)
    unknown = [name for name in names if name not in known]
    if unknown:
        listed = suppressed_among(unknown, keys=suppression_keys(place))
        found = {name: name in listed for name in unknown}
        _suppressed.put_after_commit(place, found)
        known = {**known, **found}
    return frozenset(name for name, is_suppressed in known.items() if is_suppressed)


def account_numbers(place: CacheEpoch, external_ids: Collection[str]) -> dict[str, int]:
    """Ids by external id; unknown accounts are made."""
    known = _accounts.get_many(place, external_ids)
    if len(known) == len(external_ids):
        return known
    resolved = resolve_accounts([external_id for external_id in external_ids if external_id not in known])
    _accounts.put_after_commit(place, resolved)
    return known | resolved


def resolve_persons(place: CacheEpoch, use: IdentifierUsage) -> dict[str, Identifier]:
    """Find the person of each name of the batch; see ``resolve_or_change_persons``."""
    return resolve_or_change_persons(place, use).identifiers


def resolve_or_change_persons(place: CacheEpoch, use: IdentifierUsage) -> Resolution:
    """Find whom each name of the batch stands for. ``canonical`` is up to date only for the names in ``use.written``.

    A name's person never changes; that it is identified or has a user id never ends; its tie moves to earlier times only.
    So whatever changes nothing to what is remembered changes nothing to what is stored.
    """
    names = use.ordered()
    if not use.written and not use.aliases:
        known = _persons.get_many(place, names)
        if not changes_anything(use, known):
            # No tie is news, so that the unknown names are all that there is to ask for.
            unknown = IdentifierUsage(
                users=use.user_ids - known.keys(), anonymous=use.anonymous - known.keys()
            )
            resolution = _resolve(place, unknown)
            return Resolution(known | resolution.identifiers, resolution.has_changes)
    return _resolve(place, use)


def _resolve(place: CacheEpoch, use: IdentifierUsage) -> Resolution:
    resolution = resolve(use)
    _persons.put_after_commit(place, resolution.identifiers)
    return resolution


def _forget(tenant_id: int) -> None:
    _holds.pop(tenant_id, None)


on_invalidate(_forget)
