"""Imports small tables that come with a request as ``manage.py import`` does files, on record; inside the tenant's scope."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from django.conf import settings
from django.db import transaction
from pydantic import JsonValue

from engage_server.activity.sources import source_kind
from engage_server.audit.log import record
from engage_server.ingest.imports.columns import Context
from engage_server.ingest.imports.conversion import convert
from engage_server.ingest.imports.csv_files import CsvSource
from engage_server.ingest.imports.csv_separators import separator_of
from engage_server.ingest.imports.exceptions import ImportFileError
from engage_server.ingest.imports.kinds import KINDS
from engage_server.ingest.imports.mapping import MappingOptions, resolve
from engage_server.ingest.imports.runner import Tally, store_batch
from engage_server.ingest.imports.sources import Reading
from engage_server.ingest.items import Reject
from engage_server.operations.exceptions import RefusedWriteError
from engage_server.tenancy.private_files import create_private
from engage_server.tenancy.scope import current_tenant

LONGEST_TEXT: Final = 64 * 1024  # characters
MOST_ROWS: Final = 1_000
MOST_COLUMNS: Final = 100  # mapped, constant or kept
LONGEST_SOURCE: Final = 63


@dataclass(frozen=True, slots=True)
class PastedRows:
    """A table as CSV with a header, and how its columns become the fields of a kind of ``ingest.imports.kinds``."""

    kind: str
    csv: str
    columns: Mapping[str, str]
    constants: Mapping[str, str]
    extras: Sequence[str] = ()
    separator: str | None = None
    source: str = "import"


def row_count(csv: str) -> int:
    """How many rows a table has at most: its lines without the header."""
    return max(0, len(csv.splitlines()) - 1)


def import_rows(given: PastedRows) -> tuple[Tally, list[Reject]]:
    """Store the rows, each by itself; what became of them, and those that were not taken whole.

    Raises:
        RefusedWriteError: the table is too long or cannot be read, the mapping does not fit it, or the source is none for
            what counts; nothing was stored.
    """
    _require_bounded(given)
    with TemporaryDirectory(prefix="engage-rows-") as folder, transaction.atomic():
        path = Path(folder) / "rows.csv"
        with create_private(path) as file:
            file.write(given.csv.encode())
        try:
            tally, rejects = _stored(path, given)
        except ImportFileError as error:
            # The name of the file is ours.
            raise RefusedWriteError(str(error).replace(path.name, "the table"), field="csv") from None
        details: dict[str, JsonValue] = {
            "kind": given.kind,
            "rows": tally.read,
            "stored": tally.stored,
            "rejected": tally.rejected,
        }
        record("rows.imported", subject=f"source {given.source}", details=details)
    return tally, rejects


def _stored(path: Path, given: PastedRows) -> tuple[Tally, list[Reject]]:
    tenant = current_tenant()
    separator = None if given.separator is None else separator_of(given.separator)
    table = CsvSource(path, Reading(encoding="utf-8", separator=separator))
    context = Context(
        zone=tenant.zone,
        now=datetime.now(UTC),
        future_tolerance=timedelta(seconds=settings.ENGAGE_FUTURE_TOLERANCE_S),
        placeholder_ids=tenant.placeholder_ids,
    )
    mapping = MappingOptions(given.columns, given.constants, given.extras)
    plan = resolve(KINDS[given.kind], table.columns, mapping, context, repeated=table.repeated)
    tally, rejects = Tally(), list[Reject]()
    for batch in table.batches(plan.needed, MOST_ROWS):
        tally, found = store_batch(
            batch,
            convert(batch, plan, context),
            source_name=given.source,
            is_checked_alone=False,
            tally=tally,
        )
        rejects += found
    return tally, rejects


def _require_bounded(given: PastedRows) -> None:
    if len(given.csv) > LONGEST_TEXT or (rows := row_count(given.csv)) > MOST_ROWS:
        raise RefusedWriteError(
            f"The table has {len(given.csv):,} characters, or more than {MOST_ROWS:,} rows. Remedy: at most "
            f"{LONGEST_TEXT:,} characters and {MOST_ROWS:,} rows a request; `manage.py import` takes files.",
            field="csv",
        )
    if not rows:
        raise RefusedWriteError(
            "The table has no rows. Remedy: a header, and a line for each row.", field="csv"
        )
    if len(given.columns) + len(given.constants) + len(given.extras) > MOST_COLUMNS:
        raise RefusedWriteError(
            f"Too many columns are mapped. Remedy: at most {MOST_COLUMNS}.", field="mapping"
        )
    if not 1 <= len(given.source) <= LONGEST_SOURCE:
        raise RefusedWriteError(
            f"The source's name has {len(given.source)} characters. Remedy: 1 to {LONGEST_SOURCE}.",
            field="source",
        )
    if source_kind(given.source).is_test:
        raise RefusedWriteError(
            f"{given.source!r} is a test source, and what is imported counts. Remedy: another source.",
            field="source",
        )
