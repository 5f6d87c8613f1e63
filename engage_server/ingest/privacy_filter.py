"""Keeps out what comes of persons who are suppressed or have withdrawn consent, before anything of a batch is stored.

Both kinds are dropped with a code, and not kept in quarantine either. While a tenant has neither, a batch pays for
one look into the caches of the process.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import msgspec

from engage_server.customers.cache_epoch import EpochLock
from engage_server.customers.consent import names_without_consent
from engage_server.ingest.batch_references import names_in_use
from engage_server.ingest.id_cache import suppressed_names, suppression_keys
from engage_server.ingest.items import (
    AliasItem,
    EventItem,
    Item,
    MembershipItem,
    PersonItem,
    PersonKey,
    ResponseItem,
    name_of,
)
from engage_server.ingest.outcomes import Outcome, OutcomeKind

SUPPRESSED: Final = Outcome(
    OutcomeKind.DROPPED, "suppressed", "The person is suppressed: nothing is taken in under this id."
)
WITHOUT_CONSENT: Final = Outcome(
    OutcomeKind.DROPPED,
    "consent_withdrawn",
    "The person has withdrawn consent: what it does is not stored.",
)
CONSENT_TRAIT: Final = "consent"
_Named = EventItem | PersonItem | MembershipItem | ResponseItem


@dataclass(frozen=True, slots=True)
class FilteredBatch:
    """The items of a batch that may be stored.

    ``as_sent`` are the same items with every name that they came with, from which digests are made. ``dropped`` has the
    outcome of each item of the batch that must not be stored, and None for the others; it is empty where all may be.
    """

    items: Sequence[Item]
    as_sent: Sequence[Item]
    dropped: Sequence[Outcome | None] = ()

    def outcomes(self, of_items: Sequence[Outcome]) -> Sequence[Outcome]:
        """The outcomes of the whole batch, given those of the items that may be stored."""
        if not self.dropped:
            return of_items
        remaining = iter(of_items)
        return [dropped or next(remaining) for dropped in self.dropped]


def filter_items(hold: EpochLock, items: Sequence[Item]) -> FilteredBatch:
    """Sort out what must not be stored; where nobody is suppressed and everybody consents, all is returned as it is.

    Raises:
        UnknownPrivacyKeyError: whether somebody is suppressed cannot be known; nothing may be stored.
    """
    suppressed: Collection[str] = frozenset()
    if suppression_keys(hold.place):
        suppressed = suppressed_names(hold.place, names_in_use(items).ordered())
    decided = consent_decisions(items)
    objecting: Collection[str] = frozenset()
    if hold.withheld or not all(decided.values()):
        objecting = _without_consent(items, decided)
    if not suppressed and not objecting:
        return FilteredBatch(items, items)
    return _drop(items, suppressed=suppressed, objecting=objecting)


def consent_decisions(items: Sequence[Item]) -> dict[str, bool]:
    """What the batch itself says of consent, by name; the last word counts."""
    return {
        name: consents
        for item in items
        if isinstance(item, PersonItem)
        and (consents := consent_in(item.traits) if item.consents is None else item.consents) is not None
        and (name := name_of(item.person)) is not None
    }


def consent_in(traits: Mapping[str, Any]) -> bool | None:
    """What traits say of consent; None where they do not say it in yes or no."""
    consents = traits.get(CONSENT_TRAIT)
    return consents if isinstance(consents, bool) else None


def _without_consent(items: Sequence[Item], decided: Mapping[str, bool]) -> set[str]:
    names = {
        name
        for item in items
        if isinstance(item, EventItem | ResponseItem) and (name := name_of(item.person))
    }
    stored = names_without_consent(names) if names else frozenset()
    return {name for name in names if not decided.get(name, name not in stored)}


def _drop(items: Sequence[Item], *, suppressed: Collection[str], objecting: Collection[str]) -> FilteredBatch:
    kept: list[Item] = []
    as_sent: list[Item] = []
    dropped: list[Outcome | None] = []
    for item in items:
        allowed = _unless_suppressed(item, suppressed)
        if allowed is None:
            dropped.append(SUPPRESSED)
        elif isinstance(item, EventItem | ResponseItem) and name_of(item.person) in objecting:
            dropped.append(WITHOUT_CONSENT)
        else:
            kept.append(allowed)
            as_sent.append(item)
            dropped.append(None)
    return FilteredBatch(kept, as_sent, dropped)


def _unless_suppressed(item: Item, suppressed: Collection[str]) -> Item | None:
    """The item as it may be stored; None if it is a suppressed person's.

    Another user on a suppressed person's device is somebody else: only the device's name is left out.
    """
    if isinstance(item, AliasItem):
        return None if item.previous_id in suppressed or item.user_id in suppressed else item
    if not isinstance(item, _Named):
        return item
    if name_of(item.person) in suppressed:
        return None
    if item.person.anonymous_id not in suppressed:
        return item
    person = PersonKey(user_id=item.person.user_id)
    if isinstance(item, EventItem):
        return msgspec.structs.replace(item, person=person)
    return replace(item, person=person)
