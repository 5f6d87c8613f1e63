"""Prepares the next batch in a thread while the database stores this one."""

from collections.abc import Callable, Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Batch = TypeVar("Batch")
Result = TypeVar("Result")


def prefetch(
    batches: Iterable[Batch], prepare: Callable[[Batch], Result]
) -> Generator[tuple[Batch, Result], None, None]:
    """Each batch with what ``prepare`` makes of it, in order; one batch ahead of the caller, and no more.

    Reading and ``prepare`` run in a thread of their own and must not use the database. What they raise is raised
    here, at the place of the batch.
    """
    remaining = iter(batches)

    def next_result() -> tuple[Batch, Result] | None:
        for batch in remaining:
            return batch, prepare(batch)
        return None

    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="import") as reader:
        coming = reader.submit(next_result)
        while (ready := coming.result()) is not None:
            coming = reader.submit(next_result)
            yield ready
