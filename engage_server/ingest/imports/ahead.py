"""Prepares the next batch in a thread while the database stores this one."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

Batch = TypeVar("Batch")
Prepared = TypeVar("Prepared")
END: Final = None


def prepared(
    batches: Iterable[Batch], prepare: Callable[[Batch], Prepared]
) -> Iterator[tuple[Batch, Prepared]]:
    """Each batch with what ``prepare`` makes of it, in order; one batch ahead of the caller, and no more.

    Reading and ``prepare`` run in a thread of their own and must not use the database. What they raise is raised
    here, at the place of the batch.
    """
    remaining = iter(batches)

    def following() -> tuple[Batch, Prepared] | None:
        for batch in remaining:
            return batch, prepare(batch)
        return END

    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="import") as reader:
        coming = reader.submit(following)
        while (ready := coming.result()) is not END:
            coming = reader.submit(following)
            yield ready
