"""Keeps Python's garbage collector from walking a run's values over and over: none of them is garbage while it lasts."""

import gc
from typing import Final

# A run of a thousand values makes some ten thousand objects, each of which goes by itself when the run ends.
THRESHOLD: Final = 100_000


def collect_rarely() -> None:
    """For the rest of the process; for one that computes. What is loaded by now is never walked again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(THRESHOLD)
