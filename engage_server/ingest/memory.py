"""Resolves the names of a batch from what the process remembers, and asks the database for the others."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from engage_server.activity.dictionary import NameUse, resolve_event_names, resolve_source
from engage_server.customers.accounts import resolve_accounts
from engage_server.customers.identity import NamesInUse, changes_anything, resolve_names
from engage_server.customers.names import Name
from engage_server.customers.removals import Hold
from engage_server.suppression.register import keys_in_use, suppressed_among
from engage_server.tenancy.memory import Place, TenantMemory, when_forgotten

# An entry takes 100 to 400 bytes: 30 MB at the very most.
_sources: Final[TenantMemory[int]] = TenantMemory(capacity=2_000)
_event_names: Final[TenantMemory[int]] = TenantMemory(capacity=20_000)
_accounts: Final[TenantMemory[int]] = TenantMemory(capacity=40_000)
_persons: Final[TenantMemory[Name]] = TenantMemory(capacity=80_000)
_keys: Final[TenantMemory[tuple[bytes, ...]]] = TenantMemory(capacity=20_000)
_suppressed: Final[TenantMemory[bool]] = TenantMemory(capacity=80_000)
_holds: Final[dict[int, Hold]] = {}
MOST_HOLDS: Final = 4_096
ALL: Final = ""


@dataclass(frozen=True, slots=True)
class Numbers:
    """What the names of a batch stand for."""

    source: int
    event_names: Mapping[str, int]
    accounts: Mapping[str, int]
    persons: Mapping[str, Name]


def keep_hold(hold: Hold) -> None:
    """Remember how this process last found the tenant; whoever relies on it has to ask whether it still is so."""
    if len(_holds) >= MOST_HOLDS:
        _holds.clear()
    _holds[hold.place.tenant_id] = hold


def last_hold(tenant_id: int) -> Hold | None:
    """How this process last found the tenant."""
    return _holds.get(tenant_id)


def remembered(
    place: Place, *, source: str, event_names: Collection[str], accounts: Collection[str], use: NamesInUse
) -> Numbers | None:
    """All of a batch's names, without a statement; None where one is unknown, suppressed or changes its person."""
    if use.written or use.aliases:
        return None
    names = use.users | use.anonymous
    persons = _persons.recall(place, names)
    if len(persons) != len(names) or changes_anything(use, persons):
        return None
    keys = _keys.recall(place, (ALL,)).get(ALL)
    if keys is None or (keys and not _are_all_free(place, names)):
        return None
    found = Numbers(
        source=_sources.recall(place, (source,)).get(source, 0),
        event_names=_event_names.recall(place, event_names),
        accounts=_accounts.recall(place, accounts),
        persons=persons,
    )
    is_complete = (
        found.source and len(found.event_names) == len(event_names) and len(found.accounts) == len(accounts)
    )
    return found if is_complete else None


def _are_all_free(place: Place, names: Collection[str]) -> bool:
    known = _suppressed.recall(place, names)
    return len(known) == len(names) and not any(known.values())


def source_number(place: Place, name: str) -> int:
    """The number of this source."""
    known = _sources.recall(place, (name,)).get(name)
    if known is not None:
        return known
    number = resolve_source(name)
    _sources.keep_after_commit(place, {name: number})
    return number


def event_name_numbers(place: Place, uses: Mapping[str, NameUse]) -> dict[str, int]:
    """Numbers by name; how a known name is used changes nothing."""
    known = _event_names.recall(place, uses)
    if len(known) == len(uses):
        return known
    resolved = resolve_event_names({name: use for name, use in uses.items() if name not in known})
    _event_names.keep_after_commit(place, resolved)
    return known | resolved


def suppression_keys(place: Place) -> tuple[bytes, ...]:
    """What the tenant's suppression list is hashed with; empty where nobody is on it.

    Whoever puts somebody on the list announces a removal, so that another place is asked for from then on.
    """
    known = _keys.recall(place, (ALL,)).get(ALL)
    if known is None:
        known = keys_in_use()
        _keys.keep_after_commit(place, {ALL: known})
    return known


def suppressed_names(place: Place, names: Collection[str]) -> frozenset[str]:
    """Those of the names that are on the tenant's suppression list."""
    known = _suppressed.recall(place, names)
    unknown = [name for name in names if name not in known]
    if unknown:
        listed = suppressed_among(unknown, keys=suppression_keys(place))
        found = {name: name in listed for name in unknown}
        _suppressed.keep_after_commit(place, found)
        known = {**known, **found}
    return frozenset(name for name, is_suppressed in known.items() if is_suppressed)


def account_numbers(place: Place, external_ids: Collection[str]) -> dict[str, int]:
    """Ids by external id; unknown accounts are made."""
    known = _accounts.recall(place, external_ids)
    if len(known) == len(external_ids):
        return known
    resolved = resolve_accounts([external_id for external_id in external_ids if external_id not in known])
    _accounts.keep_after_commit(place, resolved)
    return known | resolved


def persons_behind(place: Place, use: NamesInUse) -> dict[str, Name]:
    """Whom each name of the batch stands for. ``root`` is up to date only for the names in ``use.written``.

    A name's person never changes; that it is firm or has a user id never ends; its tie moves to earlier times only.
    So whatever changes nothing to what is remembered changes nothing to what is stored.
    """
    names = use.ordered()
    if not use.written and not use.aliases:
        known = _persons.recall(place, names)
        if not changes_anything(use, known):
            # No tie is news, so that the unknown names are all that there is to ask for.
            unknown = NamesInUse(users=use.user_ids - known.keys(), anonymous=use.anonymous - known.keys())
            return known | _resolved(place, unknown)
    return _resolved(place, use)


def _resolved(place: Place, use: NamesInUse) -> dict[str, Name]:
    resolved = resolve_names(use)
    _persons.keep_after_commit(place, resolved)
    return resolved


def _forget(tenant_id: int) -> None:
    _holds.pop(tenant_id, None)


when_forgotten(_forget)
