"""Stores a batch of which the database refuses a part: by halves, down to the items that it means."""

import logging
from collections.abc import Sequence
from itertools import chain
from typing import Final

from django.db import DatabaseError, transaction

from engage_server.ingest.items import Item
from engage_server.ingest.outcomes import Outcome, OutcomeKind
from engage_server.ingest.store import store_items
from engage_server.tenancy.database_errors import is_known_of_items, may_be_of_an_item, state_of

log = logging.getLogger("engage.ingest")
NOT_STORABLE: Final = "not_storable"
Groups = Sequence[Sequence[Item]]


def store_by_halves(groups: Groups, *, source: str) -> Sequence[Outcome]:
    """Store what the database takes, in one transaction; return the outcomes of all items, in their order.

    One bad group among n costs at most 2 log n tries more than none; each try is undone by a savepoint.

    Args:
        groups: items that are stored together or refused together, such as those of one raw item.
        source: name of the source.

    Raises:
        django.db.DatabaseError: nothing is stored. No item is to blame; or every one of several groups was refused, and
            of none it was said that it is to blame, so that the fault is ours.
    """
    filled = [group for group in groups if group]
    errors: list[DatabaseError] = []
    with transaction.atomic():
        outcomes = _store(filled, source, errors)
        if len(errors) == len(filled) > 1 and not any(map(is_known_of_items, errors)):
            raise errors[-1]
    if errors:
        log.warning(
            "The database refused %s of %s items of a batch.",
            len(errors),
            len(filled),
            extra={"action": "batch_split", "source": source, "state": state_of(errors[-1])},
        )
    return outcomes


def _store(groups: Groups, source: str, errors: list[DatabaseError]) -> Sequence[Outcome]:
    """``errors`` takes up those that single groups met."""
    items = list(chain.from_iterable(groups))
    try:
        return store_items(items, source=source)
    except DatabaseError as error:
        if not may_be_of_an_item(error):
            raise
        if len(groups) == 1:
            errors.append(error)
            reason = str(error).strip().partition("\n")[0]
            return [Outcome(OutcomeKind.REFUSED, NOT_STORABLE, reason)] * len(items)
    middle = len(groups) // 2
    return [*_store(groups[:middle], source, errors), *_store(groups[middle:], source, errors)]
