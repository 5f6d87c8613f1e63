"""The rules that a plugin's sources show: what they import, and whether they ask clock, chance or surroundings."""

import ast
import re
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Final

from engage_server.sdk.testing.findings import Finding

OF_THE_SDK: Final = frozenset({"polars", "pydantic", "strawberry"})
"""Distributions that the SDK's own contract is made of: no plugin need declare them."""
SURROUNDINGS: Final = frozenset(
    {"random", "secrets", "uuid", "socket", "ssl", "http", "urllib", "requests", "httpx", "subprocess", "multiprocessing",
     "threading", "asyncio", "shutil", "tempfile", "sqlite3", "ctypes", "pickle"}
)  # fmt: skip
CALLS: Final = frozenset(
    {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.monotonic", "time.time_ns",
     "time.sleep", "time.localtime", "os.getenv", "os.urandom", "open", "eval", "exec", "input", "print", "__import__"}
)  # fmt: skip


def source_findings(sources: Path, *, package: str, dependencies: frozenset[str]) -> Iterator[Finding]:
    """What the sources of a plugin do that they must not.

    Args:
        sources: the folder of the package, or its only module.
        package: the name under which it is imported.
        dependencies: names of the distributions that it declares.
    """
    allowed = sys.stdlib_module_names | OF_THE_SDK | {package} | _modules_of(dependencies)
    for path in sorted(sources.rglob("*.py")) if sources.is_dir() else [sources]:
        tree = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
        for node in ast.walk(tree):
            yield from _import_findings(node, path.name, allowed)
            yield from _call_findings(node, path.name)


def _modules_of(dependencies: frozenset[str]) -> frozenset[str]:
    wanted = {_canonical(name) for name in dependencies}
    installed = metadata.packages_distributions()
    found = {module for module, names in installed.items() if wanted & {_canonical(name) for name in names}}
    return frozenset(found | {name.replace("-", "_") for name in wanted}) - {"engage_server"}


def _canonical(distribution: str) -> str:
    name = re.split(r"[^A-Za-z0-9._-]", distribution.strip(), maxsplit=1)[0]
    return re.sub(r"[-_.]+", "-", name).lower()


def _import_findings(node: ast.AST, file: str, allowed: frozenset[str] | set[str]) -> Iterator[Finding]:
    for name in _imported(node):
        top = name.partition(".")[0]
        where = f"{file}, line {getattr(node, 'lineno', 0)}: imports {name}"
        if top == "engage_server":
            if not re.match(r"engage_server\.sdk(\.|\Z)", name):
                yield Finding("imports", f"{where}, which is the server's.", "import engage_server.sdk only")
        elif top not in allowed:
            yield Finding("imports", f"{where}, which it does not declare.", "name it among the dependencies")
        elif top in SURROUNDINGS:
            yield Finding("clock-and-chance", f"{where}.", "a computation is a function of its rows alone")


def _imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
        if node.module == "engage_server":
            yield from (f"engage_server.{alias.name}" for alias in node.names)
        else:
            yield node.module


def _call_findings(node: ast.AST, file: str) -> Iterator[Finding]:
    called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
    if isinstance(node, ast.Attribute) and ast.unparse(node) == "os.environ":
        called = "os.environ"
    last_two = ".".join(called.split(".")[-2:])
    if last_two in CALLS | {"os.environ"}:
        yield Finding(
            "clock-and-chance",
            f"{file}, line {getattr(node, 'lineno', 0)}: uses {called}.",
            "a computation is a function of its rows alone; the day is rows.day",
        )
