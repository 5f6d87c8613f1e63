"""Events as they were sent, column by column: the form in which a batch of nothing else goes its way.

A list per field is made, looked through and written by a few calls for a whole batch, where an object per event
takes several calls for each.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from hashlib import blake2b
from struct import unpack
from typing import Any, Final

from engage_server.customers.identity import DeviceLink, IdentifierUsage
from engage_server.ingest.items import EventItem, PersonKey

DIGEST_BYTES: Final = 8
_no_digest: Final = blake2b(digest_size=DIGEST_BYTES)


@dataclass(frozen=True, slots=True)
class EventBatch:
    """The fields of ``EventItem``, each as a list; the lists run in parallel."""

    message_ids: Sequence[str]
    names: Sequence[str]
    users: Sequence[str | None]
    devices: Sequence[str | None]
    occurred: Sequence[datetime]
    received: Sequence[datetime]
    raw_times: Sequence[str]
    accounts: Sequence[str | None]
    features: Sequence[str | None]
    passive: Sequence[bool]
    properties: Sequence[str]

    def __len__(self) -> int:
        """How many there are."""
        return len(self.message_ids)

    def items(self) -> list[EventItem]:
        """Each as an item."""
        keys = map(PersonKey, self.users, self.devices)
        return list(
            map(
                EventItem,
                self.message_ids, self.names, keys, self.occurred, self.received, self.raw_times, self.accounts,
                self.features, self.passive, self.properties,
            )
        )  # fmt: skip


def from_items(events: Sequence[EventItem]) -> EventBatch:
    """The items column by column."""
    persons = [event.person for event in events]
    return EventBatch(
        [event.message_id for event in events],
        [event.name for event in events],
        [person.user_id for person in persons],
        [person.anonymous_id for person in persons],
        [event.occurred_at for event in events],
        [event.received_at for event in events],
        [event.raw_time for event in events],
        [event.account for event in events],
        [event.feature for event in events],
        [event.passive for event in events],
        [event.properties for event in events],
    )


def concat(parts: Sequence[EventBatch]) -> EventBatch:
    """The events of all parts, one after the other."""
    if len(parts) == 1:
        return parts[0]
    return EventBatch(
        *[_chained([getattr(part, field.name) for part in parts]) for field in fields(EventBatch)]
    )


def _chained(parts: Sequence[Sequence[Any]]) -> list[Any]:
    whole: list[Any] = []
    for part in parts:
        whole += part
    return whole


def digests_of(events: EventBatch) -> Sequence[int]:
    """Signed 64-bit numbers that tell payloads under one message id apart (BLAKE2b over what the client sent)."""
    hashed = []
    for name, user, device, account, raw_time, at, text in zip(
        events.names, events.users, events.devices, events.accounts, events.raw_times, events.occurred,
        events.properties,
        strict=True,
    ):  # fmt: skip
        digest = _no_digest.copy()  # takes half the time of another beginning
        digest.update(
            f"{name}\x1f{user or ''}\x1f{device or ''}\x1f{account or ''}\x1f{raw_time or at.isoformat()}"
            f"\x1f{text}".encode()
        )
        hashed.append(digest.digest())
    return unpack(f">{len(hashed)}q", b"".join(hashed))


def names_of(events: EventBatch) -> IdentifierUsage:
    """The names of persons in the events."""
    users, devices = frozenset(filter(None, events.users)), frozenset(filter(None, events.devices))
    return IdentifierUsage(users, devices, tuple(_ties(events)) if users and devices else ())


def _ties(events: EventBatch) -> Iterable[DeviceLink]:
    for device, user, at in zip(events.devices, events.users, events.occurred, strict=True):
        if device and user and device != user:
            yield DeviceLink(device, user, at)
