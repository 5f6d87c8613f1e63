"""Prints the part of requirements.lock that a server needs: what the project itself depends on, without the
development group. The lock's own "via" comments are the graph, so that there is one lock and nothing to drift.

Usage: python docker/runtime_lock.py requirements.lock [extra package …]
"""

import re
import sys
from pathlib import Path

NAME = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)(\[[^]]*\])?==", re.MULTILINE)
PROJECT = "engage-server (pyproject.toml)"


def entries(lock: str) -> dict[str, str]:
    """The text of each package's entry, with its hashes and comments, by name."""
    starts = [match.start() for match in NAME.finditer(lock)]
    parts = [lock[start:end] for start, end in zip(starts, [*starts[1:], len(lock)], strict=True)]
    return {_name(part): part for part in parts}


def wanted(packages: dict[str, str], extra: set[str]) -> list[str]:
    """The names that the project or another wanted package asks for, or that are asked for here, sorted."""
    askers = {name: _askers(text) for name, text in packages.items()}
    found = extra | {name for name, by in askers.items() if PROJECT in by}
    while more := {name for name, by in askers.items() if by & found} - found:
        found |= more
    return sorted(found)


def _name(entry: str) -> str:
    match = NAME.match(entry)
    if match is None:
        raise ValueError(f"Not an entry of a lock file: {entry[:40]!r}.")
    return match[1]


def _askers(entry: str) -> set[str]:
    comments = re.findall(r"^ +# +(?:via )?(\S.*)$", entry, re.MULTILINE)
    return set(comments) - {"via"}


def main(lock: Path, extra: set[str]) -> None:
    """Write the entries to standard output."""
    packages = entries(lock.read_text())
    if missing := extra - packages.keys():
        raise SystemExit(f"{lock} has no {', '.join(sorted(missing))}. Remedy: renew it with `make lock`.")
    sys.stdout.write("".join(packages[name] for name in wanted(packages, extra)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), set(sys.argv[2:]))
