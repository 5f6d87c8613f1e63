"""``python -m tests.bench [section] [--json PATH] [--quick]``."""

import argparse
import importlib
import importlib.util
from pathlib import Path
from typing import Final

from rich.console import Console

from tests.bench.harness import Figure, machine, own_database, show, write_json

SECTIONS: Final = (
    "ingest",
    "imports",
    "activity",
    "analysis",
    "metrics",
    "catalogue",
    "tenants",
    "scale",
    "engine",
    "automation",
    "graphql",
    "limits",
)


def main() -> None:
    """Run the section, or all, on a database of its own."""
    parser = argparse.ArgumentParser(
        prog="make bench", description="Measures the server against its neighbours."
    )
    parser.add_argument("section", nargs="?", choices=SECTIONS, help="all of them, if none is named")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    parser.add_argument(
        "--quick", action="store_true", help="a minute a section, the same names, rougher figures"
    )
    options = parser.parse_args()
    figures: list[Figure] = []
    with own_database():
        described = machine()
        Console().print(", ".join(f"{key} {value}" for key, value in described.items()))
        for name in [options.section] if options.section else SECTIONS:
            figures += run_section(name, quick=options.quick)
    if options.json:
        write_json(options.json, figures=figures, described=described)


def run_section(name: str, *, quick: bool) -> list[Figure]:
    """The figures of ``tests/bench/<name>.py``, shown; none where there is no such section."""
    module = f"{__package__}.{name}"
    if importlib.util.find_spec(module) is None:
        Console().print(f"{name}: there is no such section yet (tests/bench/{name}.py).")
        return []
    figures: list[Figure] = importlib.import_module(module).run(quick=quick)
    show(name, figures)
    return figures


if __name__ == "__main__":
    main()
