"""Shows long steps: a bar on a terminal, one line at the end of each step elsewhere."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

Advance = Callable[[int], None]
TITLE_WIDTH: Final = 52


@contextmanager
def step(console: Console, title: str, *, total: int) -> Iterator[Advance]:
    """A step of ``total`` parts; the function that it gives is called with the number of parts done.

    It may be called from several threads.
    """
    began = time.monotonic()
    if console.is_terminal:
        columns = (
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeRemainingColumn(compact=True),
        )
        with Progress(*columns, console=console, transient=True) as bar:
            task = bar.add_task(f"  {title}", total=total)
            yield lambda parts: bar.advance(task, parts)
    else:
        yield lambda parts: None
    console.print(
        f"  {title:<{TITLE_WIDTH}} {total:>9,}  in {time.monotonic() - began:.1f} s", highlight=False
    )
