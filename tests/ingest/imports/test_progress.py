"""Progress is a bar on a terminal and silent for short imports elsewhere."""

import io
from pathlib import Path

from engage_server.ingest.imports.formats import open_source
from engage_server.ingest.imports.progress import show_progress
from engage_server.ingest.imports.runner import Tally


class Terminal(io.StringIO):
    """Text that is shown to a person."""

    def isatty(self) -> bool:
        return True


def shown_on(stream: io.StringIO, tmp_path: Path) -> str:
    path = tmp_path / "a.csv"
    path.write_text("id\n1\n")
    source = open_source(path)
    with show_progress(source, stream) as report:
        list(source.batches(["id"], 1))
        report(Tally(read=1_234, stored=1_234))
    return stream.getvalue()


def test_a_terminal_gets_a_bar_with_rows_and_share(tmp_path):
    text = shown_on(Terminal(), tmp_path)
    assert "1,234 rows" in text
    assert "100%" in text


def test_a_short_import_into_a_log_says_nothing(tmp_path):
    assert shown_on(io.StringIO(), tmp_path) == ""
