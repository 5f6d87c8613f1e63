"""Keeps answers of the database for a few seconds, for requests that come by the hundred a second.

Libraries' caches (``cachetools``) know no tenants and count the time from after the question, and they lock to read.
"""

import threading
import time
from collections.abc import Callable
from typing import Final, Generic, TypeVar

from engage_server.tenancy.tenant_cache import on_invalidate

# Longest time for which this process does not feel what another one changes: keys, limits, sources, origins.
TTL_S: Final = 4.0
Key = TypeVar("Key")
Value = TypeVar("Value")


class TtlCache(Generic[Key, Value]):
    """Values by key, each of one tenant, for ``TTL_S``; at most ``capacity``, beyond which the oldest goes."""

    def __init__(self, *, capacity: int) -> None:
        self._capacity = capacity
        self._lock = threading.Lock()
        # All live equally long, so that the order of insertion is the order of expiry.
        self._entries: dict[Key, tuple[int, Value, float]] = {}
        self._invalidations = 0
        on_invalidate(self.invalidate)

    def __len__(self) -> int:
        return len(self._entries)

    def peek(self, key: Key) -> Value | None:
        """Return the value, if it is there; load nothing."""
        entry = self._entries.get(key)
        return entry[1] if entry is not None and time.monotonic() < entry[2] else None

    def get_or_load(self, key: Key, load: Callable[[], tuple[int, Value]]) -> Value:
        """Return the value that is there, else load it."""
        entry = self._entries.get(key)
        if entry is not None and time.monotonic() < entry[2]:
            return entry[1]
        return self.load(key, load)

    def load(self, key: Key, load: Callable[[], tuple[int, Value]]) -> Value:
        """Return the value that ``load`` gives beside its tenant's id, and keep it; an error is not kept."""
        # The time runs from before the question, so that a change while it is asked is felt in time.
        until, invalidations = time.monotonic() + TTL_S, self._invalidations
        tenant_id, value = load()
        with self._lock:
            # What was invalidated in the meantime may have been read before the change.
            if invalidations == self._invalidations:
                self._entries.pop(key, None)
                self._entries[key] = (tenant_id, value, until)
                if len(self._entries) > self._capacity:
                    del self._entries[next(iter(self._entries))]
        return value

    def invalidate(self, tenant_id: int) -> None:
        """Drop what is of the tenant."""
        with self._lock:
            self._invalidations += 1
            for key in [key for key, entry in self._entries.items() if entry[0] == tenant_id]:
                del self._entries[key]

    def clear(self) -> None:
        """Drop everything."""
        with self._lock:
            self._invalidations += 1
            self._entries.clear()
