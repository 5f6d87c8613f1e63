"""Runs an import: batch after batch through conversion and store, and counts what became of the rows."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from engage_server.engine.gc_tuning import rare_collections
from engage_server.ingest.bisection import NOT_STORABLE, store_by_halves
from engage_server.ingest.imports.columns import Context
from engage_server.ingest.imports.conversion import Converted, convert, reject
from engage_server.ingest.imports.exceptions import InvalidValueError
from engage_server.ingest.imports.mapping import Plan
from engage_server.ingest.imports.prefetch import prefetch
from engage_server.ingest.imports.rejects import RejectFile
from engage_server.ingest.imports.sources import Batch, Source
from engage_server.ingest.items import Reject
from engage_server.ingest.outcomes import AllStored, Outcome, OutcomeKind

CONFLICT: Final = InvalidValueError(
    "CONFLICT", "The id is stored with other content, from this file or an earlier one; the first is kept."
)


@dataclass(frozen=True, slots=True)
class Tally:
    """Rows so far: ``read = stored + duplicates + described + rejected``. In a dry run ``stored`` could be stored.

    ``described`` rows of another tool's export hold no event, only what is known of a person or account.
    ``dropped`` are those of the rejected that are kept nowhere to protect their persons: nothing is wrong with them.
    ``incomplete`` rows are stored without a part that could not be kept, e.g. a parent that closes a circle.
    """

    read: int = 0
    stored: int = 0
    duplicates: int = 0
    rejected: int = 0
    incomplete: int = 0
    described: int = 0
    dropped: int = 0

    @property
    def faulty(self) -> int:
        """Rejected rows that can be corrected and imported again."""
        return self.rejected - self.dropped


def run(
    source: Source,
    plan: Plan,
    *,
    context: Context,
    source_name: str,
    batch_size: int,
    rejects: RejectFile,
    dry_run: bool,
    progress: Callable[[Tally], None],
) -> Tally:
    """Import the whole file into the tenant whose scope is in force; each batch is committed by itself.

    Raises:
        UnreadableFileError: the file is damaged; the batches before stay stored.
    """
    tally = Tally()
    with rare_collections():
        batches = source.batches(plan.needed, batch_size)
        for batch, converted in prefetch(batches, partial(convert, plan=plan, context=context)):
            tally, found = store_batch(
                batch, converted, source_name=source_name, is_checked_alone=dry_run, tally=tally
            )
            rejects.write(found)
            progress(tally)
    return tally


def store_batch(
    batch: Batch, converted: Converted, *, source_name: str, is_checked_alone: bool, tally: Tally
) -> tuple[Tally, list[Reject]]:
    """Store a batch's rows, or do as if they had been; the tally with them, and those that were not taken whole."""
    outcomes: Sequence[Outcome] = AllStored(len(converted.items))
    if not is_checked_alone:
        outcomes = store_by_halves([(item,) for item in converted.items], source=source_name)
    found = [*batch.rejects, *converted.rejects, *_rejects(batch, converted, outcomes)]
    kinds = Counter(outcome.kind for outcome in outcomes)
    incomplete = kinds[OutcomeKind.INCOMPLETE]
    return Tally(
        read=tally.read + len(batch.places) + len(batch.rejects),
        stored=tally.stored + kinds[OutcomeKind.STORED] + incomplete,
        duplicates=tally.duplicates + kinds[OutcomeKind.DUPLICATE],
        rejected=tally.rejected + len(found) - incomplete,
        incomplete=tally.incomplete + incomplete,
        dropped=tally.dropped + kinds[OutcomeKind.DROPPED],
    ), sorted(found, key=lambda one: one.index)


def _rejects(batch: Batch, converted: Converted, outcomes: Sequence[Outcome]) -> Iterator[Reject]:
    """The rows that were not stored, or not whole."""
    for row, outcome in zip(converted.rows, outcomes, strict=True):
        if outcome.is_rejected:
            rejected = reject(batch, row, _fault(outcome))
            # What is dropped is not written to the file of rejects either.
            yield replace(rejected, payload="{}") if outcome.kind is OutcomeKind.DROPPED else rejected


def _fault(outcome: Outcome) -> InvalidValueError:
    """What is wrong with a row, in the words of files."""
    if outcome.kind is OutcomeKind.CONFLICT:
        return CONFLICT
    if outcome.code == NOT_STORABLE:
        return InvalidValueError("DATABASE_ERROR", f"The database refused it: {outcome.message}.")
    return InvalidValueError(outcome.code.upper(), outcome.message)
