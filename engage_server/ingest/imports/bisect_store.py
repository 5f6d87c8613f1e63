"""Stores a batch so that a row which the database refuses costs itself and not the batch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db import DatabaseError

from engage_server.ingest.imports.exceptions import InvalidValueError
from engage_server.ingest.items import Item
from engage_server.ingest.store import store_items
from engage_server.tenancy.database_errors import may_be_of_an_item

CONFLICT = InvalidValueError(
    "CONFLICT", "The id is stored with other content, from this file or an earlier one; the first is kept."
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of some items: ``stored``, ``duplicates`` and ``refused`` add up to their number.

    ``refused`` and ``incomplete`` are by index; the latter are stored, save for the part that the fault names.
    """

    stored: int = 0
    duplicates: int = 0
    refused: Mapping[int, InvalidValueError] = field(default_factory=dict)
    incomplete: Mapping[int, InvalidValueError] = field(default_factory=dict)


def store(items: Sequence[Item], *, source: str) -> Outcome:
    """Store in one transaction; if the database refuses the content, by halves, down to the row that it means.

    Only faults of content are narrowed down: a lost connection or a timeout ends the import.
    """
    if not items:
        return Outcome()
    try:
        result = store_items(items, source=source)
    except DatabaseError as error:
        if not may_be_of_an_item(error):
            raise
        if len(items) == 1:
            first_line = str(error).strip().partition("\n")[0]
            return Outcome(
                refused={0: InvalidValueError("DATABASE_ERROR", f"The database refused it: {first_line}.")}
            )
    else:
        return Outcome(
            stored=result.stored,
            duplicates=result.duplicates,
            refused={
                **dict.fromkeys(result.conflicts, CONFLICT),
                **{one.index: InvalidValueError(one.code.upper(), one.message) for one in result.withheld},
            },
            incomplete={
                part.index: InvalidValueError(part.code.upper(), part.message) for part in result.refused
            },
        )
    middle = len(items) // 2
    head, tail = store(items[:middle], source=source), store(items[middle:], source=source)
    return Outcome(
        stored=head.stored + tail.stored,
        duplicates=head.duplicates + tail.duplicates,
        refused={**head.refused, **_moved(tail.refused, middle)},
        incomplete={**head.incomplete, **_moved(tail.incomplete, middle)},
    )


def _moved(faults: Mapping[int, InvalidValueError], by: int) -> dict[int, InvalidValueError]:
    return {index + by: fault for index, fault in faults.items()}
