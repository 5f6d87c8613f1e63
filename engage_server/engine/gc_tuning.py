"""Keeps Python's cycle collector from walking many objects over and over where hardly any of them forms a cycle."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

# More objects than a run of a thousand values makes (some ten thousand), or than a batch of an import does. Each of
# them goes by itself when it is no longer used; with Python's own threshold a quarter of the time goes into looking.
COLLECT_AFTER_OBJECTS: Final = 100_000


def collect_rarely(*, after_objects: int = COLLECT_AFTER_OBJECTS) -> None:
    """Collect rarely for the rest of the process, and never walk again what is loaded by now."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(after_objects)


@contextmanager
def rare_collections() -> Iterator[None]:
    """Collect rarely inside the block."""
    thresholds = gc.get_threshold()
    gc.set_threshold(COLLECT_AFTER_OBJECTS, *thresholds[1:])
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
