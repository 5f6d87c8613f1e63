"""Bounds what a tenant's quarantine holds: an ingest key may be public, and anybody who has it can send rubbish."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.db import connection

from engage_server.tenancy.scope import current_tenant
from engage_server.tenancy.ttl_cache import TtlCache

BYTES_OF_A_MB: Final = 1_000_000
# Of texts that are stored elsewhere for their length, neither function reads more than the length.
MEASURE: Final = """
    SELECT count(*), COALESCE(sum(octet_length(payload) + octet_length(message)), 0) FROM ingest_quarantineditem
"""


@dataclass(slots=True)
class _Held:
    items: int
    bytes: int


_known: Final[TtlCache[int, _Held]] = TtlCache(capacity=4_096)
_lock: Final = threading.Lock()


def reserve(sizes: Sequence[int]) -> int:
    """Count items of these sizes in bytes against the quota of the tenant in scope; return how many of the first fit.

    What is held is measured every few seconds; between, a process counts what it adds itself. So the limits may be
    exceeded by what other processes add in that time.
    """
    most_items, most_bytes = _limits()
    held = _known.get_or_load(current_tenant().id, _measure)
    with _lock:
        kept = 0
        for size in sizes:
            if held.items >= most_items or held.bytes + size > most_bytes:
                break
            held.items, held.bytes, kept = held.items + 1, held.bytes + size, kept + 1
    return kept


def is_full() -> bool:
    """Whether the quarantine of the tenant in scope has come to one of its limits; measured by this call."""
    most_items, most_bytes = _limits()
    held = _known.load(current_tenant().id, _measure)
    # An item of the usual size might still find its place, and the next would not.
    return held.items >= most_items or held.bytes >= most_bytes * 0.99


def _limits() -> tuple[float, float]:
    return (
        settings.ENGAGE_QUARANTINE_ITEMS or float("inf"),
        settings.ENGAGE_QUARANTINE_MB * BYTES_OF_A_MB or float("inf"),
    )


def _measure() -> tuple[int, _Held]:
    with connection.cursor() as cursor:
        cursor.execute(MEASURE)
        items, size = cursor.fetchone()
    return current_tenant().id, _Held(items, int(size))
