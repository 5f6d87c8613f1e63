"""Keeps Python's cycle collector out of the way of an import."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

# About one batch of objects. None of them form cycles; the default of 700 spends a quarter of the time looking.
COLLECT_AFTER_OBJECTS: Final = 200_000


@contextmanager
def rare_collections() -> Iterator[None]:
    """Python's cycle collector runs rarely inside the block."""
    thresholds = gc.get_threshold()
    gc.set_threshold(COLLECT_AFTER_OBJECTS, *thresholds[1:])
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
