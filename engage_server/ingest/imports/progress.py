"""Shows how far an import has come: a bar on a terminal, a line every few seconds elsewhere."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Final, Protocol, TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from engage_server.ingest.imports.runner import Tally

LINE_EVERY_S: Final = 5.0

Report = Callable[[Tally], None]


class Readable(Protocol):
    """A file that is being read."""

    def fraction(self) -> float:
        """How much of it has been read, 0 to 1."""


@contextmanager
def show_progress(source: Readable, stream: TextIO) -> Iterator[Report]:
    """A function to call after each batch; writes to ``stream``."""
    if stream.isatty():
        with _bar(source, stream) as report:
            yield report
    else:
        yield _lines(source, stream)


@contextmanager
def _bar(source: Readable, stream: TextIO) -> Iterator[Report]:
    bar = Progress(
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rows]}"),
        TimeRemainingColumn(compact=True),
        console=Console(file=stream),
    )
    started = monotonic()
    with bar:
        task = bar.add_task("import", total=1.0, rows="")
        yield lambda tally: bar.update(task, completed=source.fraction(), rows=_rows(tally, started))


def _lines(source: Readable, stream: TextIO) -> Report:
    started = last = monotonic()

    def report(tally: Tally) -> None:
        nonlocal last
        now = monotonic()
        if now - last >= LINE_EVERY_S:
            last = now
            done = source.fraction()
            left = (now - started) * (1 - done) / done if done else 0.0
            stream.write(f"{done:.0%}, {_rows(tally, started)}, about {left:,.0f} s left\n")

    return report


def _rows(tally: Tally, started: float) -> str:
    rate = tally.read / max(monotonic() - started, 0.001)
    return f"{tally.read:,} rows, {rate:,.0f}/s"
