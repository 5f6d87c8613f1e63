"""What a process remembers of tenants' rows, so that names which it has met before cost no statement.

Only what is committed and never changes is remembered, under the tenant and its epoch (see
``engage_server.customers.cache_epoch``): where rows are removed the epoch moves on, and what was remembered under the
former one is not found again.
"""

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Generic, TypeVar

from django.db import transaction

Value = TypeVar("Value")
# Whose answers are that belong to nobody, such as that a host is no tenant's.
NO_TENANT: Final = 0
_forgetting: Final[list[Callable[[int], None]]] = []


@dataclass(frozen=True, slots=True)
class CacheEpoch:
    """Whose rows, and since which removal."""

    tenant_id: int
    epoch: int


class TenantCache(Generic[Value]):
    """Names of one kind and what they stand for, of at most ``capacity`` entries over all tenants.

    It has two halves. What is used moves to the young one; when that is full, it becomes the old one and the former
    old one is dropped. So the least recently used goes first, at the cost of a dictionary.
    """

    def __init__(self, *, capacity: int) -> None:
        self._half = capacity // 2
        self._lock = threading.Lock()
        self._young: dict[CacheEpoch, dict[str, Value]] = {}
        self._old: dict[CacheEpoch, dict[str, Value]] = {}
        self._count = 0
        on_invalidate(self.forget)

    def get_many(self, place: CacheEpoch, names: Collection[str]) -> dict[str, Value]:
        """Those of the names that are remembered."""
        young = self._young.get(place, {})
        found = {name: young[name] for name in names if name in young}
        if len(found) < len(names) and (old := self._old.get(place)):
            returning = {name: old[name] for name in names if name in old and name not in found}
            if returning:
                self.put_many(place, returning)
                found |= returning
        return found

    def get_each(self, place: CacheEpoch, names: Sequence[str | None]) -> "list[Value | None] | None":
        """What each of the names stands for, in their order, and None for no name; None where one is not remembered."""
        young: dict[Any, Value] = self._young.get(place, {})
        found = list(map(young.get, names))
        if (missing := found.count(None)) == 0 or missing == names.count(None):
            return found
        known: dict[Any, Value] = {**self.get_many(place, {name for name in names if name is not None})}
        found = list(map(known.get, names))
        return found if found.count(None) == names.count(None) else None

    def put_many(self, place: CacheEpoch, entries: Mapping[str, Value]) -> None:
        """Remember the entries, now."""
        with self._lock:
            home = self._young.setdefault(place, {})
            before = len(home)
            home.update(entries)
            self._count += len(home) - before
            if self._count >= self._half:
                self._old, self._young, self._count = self._young, {}, 0

    def put_after_commit(self, place: CacheEpoch, entries: Mapping[str, Value]) -> None:
        """Remember the entries once the running transaction is committed; never if it is rolled back."""
        if entries:
            transaction.on_commit(partial(self.put_many, place, entries))

    def forget(self, tenant_id: int) -> None:
        """Forget all of the tenant's."""
        with self._lock:
            for half in (self._young, self._old):
                for place in [place for place in half if place.tenant_id == tenant_id]:
                    dropped = half.pop(place)
                    self._count -= len(dropped) if half is self._young else 0


def on_invalidate(forget: Callable[[int], None]) -> None:
    """Have this called with the tenant's id whenever a tenant is to be forgotten."""
    _forgetting.append(forget)


def invalidate_tenant(tenant_id: int) -> None:
    """Forget what this process remembers of the tenant and its keys, after a change to them."""
    for forget in _forgetting:
        forget(tenant_id)
