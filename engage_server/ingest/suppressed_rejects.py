"""Keeps out of quarantine what mentions somebody on the suppression list."""

from collections.abc import Sequence
from typing import Final

from engage_server.customers.person_mentions import possible_names_in_payload
from engage_server.ingest.id_cache import suppression_keys
from engage_server.ingest.items import Reject
from engage_server.suppression.register import suppressed_among
from engage_server.tenancy.tenant_cache import CacheEpoch

LONGEST_NAME: Final = 200
NAMES_AT_ONCE: Final = 20_000


def drop_suppressed(place: CacheEpoch, rejects: Sequence[Reject]) -> list[Reject]:
    """Return those rejects that may be kept: what mentions a suppressed person is kept nowhere."""
    keys = suppression_keys(place) if rejects else ()
    if not keys:
        return list(rejects)
    texts = [
        {name for name in possible_names_in_payload(reject.payload) if len(name) <= LONGEST_NAME}
        for reject in rejects
    ]
    names = list(set().union(*texts))
    # Not by way of the cache, where every word of what was refused would push out names that are asked for again.
    listed = frozenset(
        name
        for start in range(0, len(names), NAMES_AT_ONCE)
        for name in suppressed_among(names[start : start + NAMES_AT_ONCE], keys=keys)
    )
    return [reject for reject, found in zip(rejects, texts, strict=True) if listed.isdisjoint(found)]
