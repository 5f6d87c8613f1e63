"""Runs an import: batch after batch through conversion and store, and counts what became of the rows."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from engage_server.engine.gc_tuning import rare_collections
from engage_server.ingest.imports.bisect_store import Outcome, store
from engage_server.ingest.imports.columns import Context
from engage_server.ingest.imports.conversion import Converted, convert, reject
from engage_server.ingest.imports.mapping import Plan
from engage_server.ingest.imports.prefetch import prefetch
from engage_server.ingest.imports.rejects import RejectFile
from engage_server.ingest.imports.sources import Batch, Source
from engage_server.ingest.items import Reject
from engage_server.ingest.privacy_filter import PRIVACY_CODES


@dataclass(frozen=True, slots=True)
class Tally:
    """Rows so far: ``read = stored + duplicates + described + rejected``. In a dry run ``stored`` could be stored.

    ``described`` rows of another tool's export hold no event, only what is known of a person or account.
    ``withheld`` are those of the rejected that are kept out for their persons' sake: nothing is wrong with them.
    ``incomplete`` rows are stored without a part that could not be kept, e.g. a parent that closes a circle.
    """

    read: int = 0
    stored: int = 0
    duplicates: int = 0
    rejected: int = 0
    incomplete: int = 0
    described: int = 0
    withheld: int = 0

    @property
    def faulty(self) -> int:
        """Rejected rows that can be corrected and imported again."""
        return self.rejected - self.withheld


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
            outcome = Outcome(stored=len(converted.items))
            if not dry_run:
                outcome = store(converted.items, source=source_name)
            written = _rejects(batch, converted, outcome)
            rejects.write(written)
            tally = Tally(
                read=tally.read + len(batch.places) + len(batch.rejects),
                stored=tally.stored + outcome.stored,
                duplicates=tally.duplicates + outcome.duplicates,
                rejected=tally.rejected + len(written) - len(outcome.incomplete),
                incomplete=tally.incomplete + len(outcome.incomplete),
                withheld=tally.withheld + sum(is_withheld(one) for one in written),
            )
            progress(tally)
    return tally


def _rejects(batch: Batch, converted: Converted, outcome: Outcome) -> list[Reject]:
    """Everything to be said about the batch, in the file's order."""
    faults = [*outcome.refused.items(), *outcome.incomplete.items()]
    refused = [_without_row(reject(batch, converted.rows[index], fault)) for index, fault in faults]
    return sorted([*batch.rejects, *converted.rejects, *refused], key=lambda one: one.index)


def is_withheld(one: Reject) -> bool:
    """Whether the row is kept out for its person's sake."""
    return one.code.lower() in PRIVACY_CODES


def _without_row(one: Reject) -> Reject:
    """What is kept out for its person's sake is not written to the file of rejects either."""
    return replace(one, payload="{}") if is_withheld(one) else one
