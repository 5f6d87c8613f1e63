"""What may come from where: a key that stands in a web page is no secret, and tests must not count."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import msgspec

from engage_server.activity.models import Source
from engage_server.activity.sources import PLAIN, SourceKind, source_kind
from engage_server.ingest.exceptions import ItemError
from engage_server.ingest.items import (
    AccountItem,
    AliasItem,
    EventItem,
    Item,
    LedgerItem,
    PersonKey,
    ResponseItem,
    SubscriptionItem,
)

# Phones that were offline deliver within days; who sends older history has a server to send it from.
CLIENT_BACKDATING: Final = timedelta(days=7)
Translate = Callable[[bytes], list[Item]]


def is_unrestricted(source: str) -> bool:
    """Whether all that comes from the source counts as it was sent; inside the tenant's scope."""
    return source_kind(source) == PLAIN


def apply_source_rules(translate: Translate, *, source: str, received_at: datetime) -> Translate:
    """The translation with the rules of the source applied to what it gives; inside the tenant's scope.

    Args:
        translate: turns a raw item into items.
        source: the name of the source.
        received_at: when it came, first.
    """
    if is_unrestricted(source):
        return translate
    kind = source_kind(source)

    def translate_by_rules(raw: bytes) -> list[Item]:
        return list(_apply(translate(raw), kind, received_at))

    return translate_by_rules


def _apply(items: Iterable[Item], kind: SourceKind, received_at: datetime) -> Iterator[Item]:
    for item in items:
        kept = _restrict_client(item, received_at) if kind.side is Source.Side.CLIENT else item
        if not kind.is_test:
            yield kept
        elif isinstance(kept, EventItem):
            # Nobody's event is in no roll-up, and describes nobody.
            yield msgspec.structs.replace(kept, person=PersonKey(), account=None)


def _restrict_client(item: Item, received_at: datetime) -> Item:
    """The item as far as a client is believed.

    Raises:
        ItemError: it is not believed at all.
    """
    if isinstance(item, AliasItem):
        raise ItemError(
            "server_side_only",
            "An alias call joins persons for good and is not taken from clients. Remedy: send it from a server.",
        )
    if isinstance(item, EventItem | ResponseItem) and received_at - item.occurred_at > CLIENT_BACKDATING:
        raise ItemError(
            "client_backdated",
            f"The item is more than {CLIENT_BACKDATING.days} days old, which is not taken from clients. "
            "Remedy: send history from a server, or import it.",
        )
    if isinstance(item, SubscriptionItem | LedgerItem):
        raise ItemError(
            "server_side_only",
            "What is paid, earned or spent is not taken from clients. Remedy: send it from a server.",
        )
    if isinstance(item, AccountItem):
        known_only = {**item.traits, **item.defaults}
        return replace(
            item,
            name=None,
            parent=None,
            plan=None,
            stage=None,
            owner=None,
            started_at=None,
            traits={},
            defaults=known_only,
        )
    return item
