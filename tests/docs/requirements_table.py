"""The table of the requirements: which metric or feature keeps each row, and which test shows it: ``make requirements``."""

import ast
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
PAGE: Final = ROOT / "docs" / "requirements.md"
ROWS: Final = Path(__file__).parent / "requirement_rows.toml"
OF_THE_SERVER: Final = ROOT / "tests" / "requirements.toml"
NAME: Final = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?\Z")
HEAD: Final = """# Requirements

Which metric or feature keeps each requirement that names a metric, a formula, a benchmark or an analysis, and the test
that fails without it. Written by `make requirements` from `plugins/*/requirements.toml` and `tests/requirements.toml`.

| row | requirement | kept by | test |
|--:|---|---|---|
"""


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """One row that something keeps. ``plugin`` is the folder of the plugin that says so; empty: the server."""

    number: int
    metric: str
    test: str
    plugin: str = ""

    @property
    def is_metric(self) -> bool:
        """Whether it names a plugin or a metric, and not a feature in words."""
        return NAME.match(self.metric) is not None


@cache
def titles(section: str = "rows") -> dict[int, str]:
    """The rows that name a metric, formula, benchmark or analysis; those of ``others`` may be kept as well."""
    return {int(number): title for number, title in tomllib.loads(ROWS.read_text())[section].items()}


def entries() -> list[Entry]:
    """Every entry of every file, by row."""
    files = [OF_THE_SERVER, *sorted(ROOT.glob("plugins/*/requirements.toml"))]
    return sorted(entry for file in files for entry in _read(file))


def page() -> str:
    """The page as it is to be."""
    known = titles() | titles("others")
    lines = [
        f"| {one.number} | {known[one.number]} | {_kept_by(one)} | {_link(one.test)} |" for one in entries()
    ]
    return HEAD + "\n".join(lines) + "\n"


def has_test(node: str) -> bool:
    """Whether there is such a test: ``path::function`` or ``path::Class::function``, without parameters."""
    path, _, name = node.partition("::")
    return name in _tests_of(ROOT / path)


def _read(file: Path) -> Iterator[Entry]:
    plugin = "" if file == OF_THE_SERVER else file.parent.name
    for row in tomllib.loads(file.read_text()).get("row", []):
        yield Entry(number=row["number"], metric=row["metric"], test=row["test"], plugin=plugin)


@cache
def _tests_of(path: Path) -> frozenset[str]:
    if not path.is_file():
        return frozenset()
    return frozenset(_names(ast.parse(path.read_text()).body, ""))


def _names(body: list[ast.stmt], prefix: str) -> Iterator[str]:
    for statement in body:
        if isinstance(statement, ast.ClassDef):
            yield from _names(statement.body, f"{prefix}{statement.name}::")
        elif isinstance(statement, ast.FunctionDef) and statement.name.startswith("test_"):
            yield prefix + statement.name


def _kept_by(entry: Entry) -> str:
    return f"`{entry.metric}`" if entry.is_metric else entry.metric


def _link(node: str) -> str:
    path, _, name = node.partition("::")
    return f"[{name.removeprefix('test_').replace('_', ' ')}](../{path})"


if __name__ == "__main__":
    PAGE.write_text(page())
