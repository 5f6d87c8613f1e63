"""The internal form of everything that comes in, whatever protocol or file it came by.

Adapters (tracking protocols, file imports) turn what they read into these items and hand them to
``engage_server.ingest.store``; they never touch tables themselves. Times are aware; external ids are as sent.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec


class PersonKey(msgspec.Struct, frozen=True, gc=False):
    """How an item names its person: by user id, by a device's anonymous id, or by both (which ties them)."""

    user_id: str | None = None
    anonymous_id: str | None = None


def name_of(key: PersonKey) -> str | None:
    """The name that the item's row goes under: the user id where there is one."""
    return key.user_id or key.anonymous_id


class EventItem(msgspec.Struct, frozen=True, gc=False):
    """Something a person did. A struct: thousands are made in a second, and frozen dataclasses take much longer.

    ``raw_time`` is the client's own timestamp text: part of the digest, since a retry repeats it to the letter
    while the corrected ``occurred_at`` may move. ``properties`` is the JSON text as it came.
    """

    message_id: str
    name: str
    person: PersonKey
    occurred_at: datetime
    received_at: datetime
    raw_time: str = ""
    account: str | None = None
    feature: str | None = None
    passive: bool = False
    properties: str = "{}"


@dataclass(frozen=True, slots=True)
class PersonItem:
    """Traits of a person (identify). Where ``person`` bears both names, they are tied as of ``occurred_at``.

    ``defaults`` are traits that stand only where none is known. ``consents`` None leaves it to the traits.
    """

    person: PersonKey
    traits: Mapping[str, Any] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)
    is_excluded: bool | None = None
    occurred_at: datetime | None = None
    consents: bool | None = None


@dataclass(frozen=True, slots=True)
class AliasItem:
    """From now on ``previous_id`` and ``user_id`` are one person."""

    previous_id: str
    user_id: str


@dataclass(frozen=True, slots=True)
class AccountItem:
    """Traits of an account; fields left None stay as they are. ``parent`` is an external id.

    Plan, stage, parent, owner and tracked traits were so at ``occurred_at``, and are until a later time of which another
    value is told, whichever comes in first; None: at the time at which the item comes in.

    ``defaults`` are traits that stand only where none is known.
    """

    external_id: str
    name: str | None = None
    parent: str | None = None
    plan: str | None = None
    stage: str | None = None
    started_at: datetime | None = None
    traits: Mapping[str, Any] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)
    owner: str | None = None
    occurred_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class MembershipItem:
    """A person belongs to an account from a time on (group call, or a dated row of a file)."""

    person: PersonKey
    account: str
    starts_at: datetime
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SubscriptionItem:
    """Seats and price of an account for a time. ``seats`` None = unlimited.

    ``status`` is as ``customers.statuses.read_status`` gives it. Another plan, number of seats, price, status or
    account than is known holds from ``changed_on`` on; None: from the day on which it comes in.
    """

    external_id: str
    account: str
    starts_on: date
    ends_on: date | None = None
    plan: str = ""
    seats: int | None = None
    amount: Decimal = Decimal(0)
    currency: str = "USD"
    interval_months: int = 1
    is_trial: bool = False
    status: str = "active"
    changed_on: date | None = None
    channel: str = ""
    cancel_reason: str = ""


@dataclass(frozen=True, slots=True)
class LedgerItem:
    """A cost, a revenue beside subscriptions, or a stage of an opportunity; what is told last of an entry stands.

    ``kind`` is one of ``customers.models.LedgerEntry.Kind``; only opportunities have a stage and ``closes_on``.
    """

    kind: str
    external_id: str
    amount: Decimal
    occurred_on: date
    account: str | None = None
    category: str = ""
    currency: str = "USD"
    stage: str = ""
    closes_on: date | None = None
    included_in_crc: bool = True


@dataclass(frozen=True, slots=True)
class ResponseItem:
    """One answer of one survey; ``score`` None = shown and dismissed. Without a scale: feedback in words alone.

    ``given_by`` is CUSTOMER or STAFF; ``metric`` the full id of the metric that the text is about, if any.
    """

    external_id: str
    instrument: str
    scale_min: Decimal | None
    scale_max: Decimal | None
    occurred_at: datetime
    direction: str = "UP"
    score: Decimal | None = None
    person: PersonKey = field(default_factory=PersonKey)
    account: str | None = None
    text: str = ""
    given_by: str = "CUSTOMER"
    tags: tuple[str, ...] = ()
    metric: str = ""


Item = (
    EventItem
    | PersonItem
    | AliasItem
    | AccountItem
    | MembershipItem
    | SubscriptionItem
    | LedgerItem
    | ResponseItem
)


@dataclass(frozen=True, slots=True)
class Reject:
    """An item that was not taken. ``index`` is its place in the batch or file, from 0."""

    index: int
    code: str
    message: str
    payload: str = ""
