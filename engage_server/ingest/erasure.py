"""Removes from quarantine what mentions persons who are erased. Inside the tenant's scope."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from engage_server.customers.cache_epoch import lock_epoch
from engage_server.customers.person_mentions import NameMatcher
from engage_server.ingest.items import Reject
from engage_server.ingest.models import QuarantinedItem
from engage_server.ingest.suppressed_rejects import drop_suppressed

READ_AT_ONCE: Final = 1_000


@dataclass(frozen=True, slots=True)
class Swept:
    """How many items were removed. ``last``: the number of the last item looked at; None once all were."""

    removed: int
    last: int | None


def remove_mentioning(texts: Collection[str], *, after: int, limit: int) -> Swept:
    """Look through up to ``limit`` items and delete those that mention a suppressed name or one of the texts.

    Names are recognised by their hashes, so that those of nobody stored are found too.
    """
    matcher = NameMatcher(texts)
    items = list(QuarantinedItem.objects.filter(id__gt=after).order_by("id")[:limit])
    rejects = [Reject(index, item.code, item.message, item.payload) for index, item in enumerate(items)]
    kept = {
        reject.index
        for reject in drop_suppressed(lock_epoch().place, rejects)
        if not matcher.matches_payload(reject.payload)
    }
    doomed = [item.id for index, item in enumerate(items) if index not in kept]
    QuarantinedItem.objects.filter(id__in=doomed).delete()
    return Swept(len(doomed), items[-1].id if len(items) == limit else None)


def items_mentioning(texts: Collection[str]) -> Iterator[QuarantinedItem]:
    """The items that mention one of the texts, oldest first; needs a transaction."""
    matcher = NameMatcher(texts)
    for item in QuarantinedItem.objects.order_by("id").iterator(chunk_size=READ_AT_ONCE):
        if matcher.matches_payload(item.payload):
            yield item
