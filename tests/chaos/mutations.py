"""``python -m tests.chaos.mutations [--mutants N] [--seed N] [--only WALL]``: do the tests notice when the code is wrong?

Of the modules that hold the walls (who sees which tenant, which run is whose, which event is stored), a sample of small
changes made by Cosmic Ray, each tried in a copy of the tree against the tests of its module. A mutant that its tests
let pass is shown as a difference; the share of those found has to reach the goal.
"""

import argparse
import difflib
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names
from rich.console import Console

ROOT: Final = Path(__file__).resolve().parents[2]
GOAL: Final = 0.9
TIMEOUT_S: Final = 300
# Unions of types are written with this sign, and one sort of union is as good as another to the interpreter.
OF_TYPES: Final = "BitOr"


@dataclass(frozen=True, slots=True)
class Wall:
    """Modules, and the tests that must notice when one of them is wrong."""

    name: str
    modules: tuple[str, ...]
    tests: tuple[str, ...]


WALLS: Final = (
    Wall(
        "tenancy",
        ("engage_server/tenancy/scope.py", "engage_server/tenancy/postgresql/base.py"),
        (
            "tests/tenancy/test_scope.py",
            "tests/tenancy/test_scope_everywhere.py",
            "tests/tenancy/test_shared_statements.py",
        ),
    ),
    Wall(
        "ledger",
        ("engage_server/engine/ledger.py",),
        ("tests/engine/test_ledger.py", "tests/engine/test_runs.py", "tests/engine/test_dispatcher.py"),
    ),
    Wall(
        "ingest",
        ("engage_server/ingest/store.py", "engage_server/activity/writer.py"),
        ("tests/ingest", "tests/activity/test_writer.py"),
    ),
)


@dataclass(frozen=True, slots=True)
class Mutant:
    """One small change to a module."""

    module: str
    operator: str
    occurrence: int


def mutants_of(module: str) -> Iterator[Mutant]:
    """Every change that Cosmic Ray knows for the module."""
    nodes = list(ast_nodes(get_ast((ROOT / module).read_text())))
    for name in operator_names():
        operator = get_operator(name)
        if OF_TYPES in name or operator.arguments():
            continue
        instance = operator()
        count = sum(len(list(instance.mutation_positions(node))) for node in nodes)
        yield from (Mutant(module, name, occurrence) for occurrence in range(count))


def change(source: str, mutant: Mutant) -> str:
    """The module's text with the change in it."""
    mutated: str | None = mutate_code(source, get_operator(mutant.operator)(), mutant.occurrence)
    assert mutated is not None, f"{mutant} changes nothing"
    return mutated


@contextmanager
def copy_of_tree() -> Iterator[Path]:
    """The files that git tracks, in a folder of their own with a database of its own; gone at the end."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    folder = Path(tempfile.mkdtemp(prefix="engage-mutants-"))
    folder.chmod(0o755)  # the embedded PostgreSQL's own user must get in
    try:
        for name in listed.stdout.splitlines():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
        yield folder
    finally:
        subprocess.run(
            [sys.executable, "manage.py", "postgres", "stop"],
            cwd=folder,
            env=environment(folder),
            check=False,
            capture_output=True,
        )
        shutil.rmtree(folder)


def environment(folder: Path) -> dict[str, str]:
    """For commands in the copy: its own data, and its own modules before the installed ones."""
    return {**os.environ, "ENGAGE_DATA_DIR": str(folder / ".data"), "PYTHONPATH": str(folder)}


def tests_pass(folder: Path, tests: Sequence[str]) -> bool:
    """Whether the tests find nothing wrong; a run that does not end has found something."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:randomly", "--reuse-db", *tests]
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment(folder),
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def survivors(wall: Wall, folder: Path, *, mutants: int, seed: int, console: Console) -> tuple[int, int]:
    """Try a sample of the wall's mutants; how many were tried, and how many were let pass."""
    console.print(f"{wall.name}: the tests as they are …")
    assert tests_pass(folder, wall.tests), f"{wall.tests} fail without any mutation"
    everything = [mutant for module in wall.modules for mutant in mutants_of(module)]
    sample = random.Random(seed).sample(everything, min(mutants, len(everything)))
    passed = 0
    for done, mutant in enumerate(sample):
        source = (ROOT / mutant.module).read_text()
        mutated = change(source, mutant)
        (folder / mutant.module).write_text(mutated)
        began = time.monotonic()
        survived = tests_pass(folder, wall.tests)
        (folder / mutant.module).write_text(source)
        passed += survived
        console.print(
            f"{wall.name} {done + 1}/{len(sample)} of {len(everything)}: "
            f"{'SURVIVED' if survived else 'found'} in {time.monotonic() - began:.0f} s"
        )
        if survived:
            difference = difflib.unified_diff(
                source.splitlines(), mutated.splitlines(), mutant.module, mutant.operator, lineterm="", n=1
            )
            console.print("\n".join(difference), markup=False)
    return len(sample), passed


def main() -> int:
    """1 where too many are let pass."""
    parser = argparse.ArgumentParser(prog="make mutation", description=__doc__)
    parser.add_argument("--mutants", type=int, default=20, help="of each wall")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=[wall.name for wall in WALLS], help="one wall alone")
    options = parser.parse_args()
    console, missed = Console(), []
    with copy_of_tree() as folder:
        for wall in WALLS:
            if options.only not in {None, wall.name}:
                continue
            tried, passed = survivors(
                wall, folder, mutants=options.mutants, seed=options.seed, console=console
            )
            score = (tried - passed) / tried
            missed += [wall.name] if score < GOAL else []
            console.print(f"{wall.name}: {tried - passed} of {tried} found, score {score:.2f} (goal {GOAL})")
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
