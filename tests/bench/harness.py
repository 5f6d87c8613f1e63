"""What a section returns, how it is shown, and the database that it is measured on."""

import json
import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Literal

import psutil
from rich.console import Console
from rich.table import Table

SETTINGS: Final = "engage_server.settings.base"


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value. ``name`` is ``section.what``; ``goal`` None: for information."""

    name: str
    value: float
    unit: str
    goal: float | None = None
    better: Literal["higher", "lower"] = "higher"

    @property
    def is_met(self) -> bool:
        """Whether the goal is reached; always, where there is none."""
        if self.goal is None:
            return True
        return self.value >= self.goal if self.better == "higher" else self.value <= self.goal


@contextmanager
def own_database(parent: Path | None = None) -> Iterator[Path]:
    """A PostgreSQL of the benchmark's own in a temporary directory, gone at the end; Django is set up on it.

    ``parent`` is where that directory is made; the system's place for such by default.

    Enter it once in a process, before anything imports Django's settings.
    """
    data_dir = Path(tempfile.mkdtemp(prefix="engage-bench-", dir=parent))
    data_dir.chmod(0o755)  # PostgreSQL refuses to run as root, and its own user must get in
    os.environ.pop("DATABASE_URL", None)
    os.environ.update(
        ENGAGE_DATA_DIR=str(data_dir),
        DJANGO_SETTINGS_MODULE=SETTINGS,
        ENGAGE_DATABASE="bench",
        ENGAGE_ENV="local",
    )
    os.environ.setdefault("ENGAGE_LOG_LEVEL", "ERROR")  # thousands of tenants are made, each with its lines
    import django
    from django.core.management import call_command

    django.setup()
    from engage_server.tenancy import embedded

    try:
        call_command("migrate", verbosity=0)
        yield data_dir
    finally:
        embedded.stop(data_dir)
        shutil.rmtree(data_dir)


def machine() -> dict[str, Any]:
    """What the figures were measured on; needs the database."""
    from django.db import connection

    from engage_server.tenancy.scope import shared_scope

    with shared_scope(), connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        postgresql = cursor.fetchone()[0]
    return {
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
        "cpu": _cpu_model(),
        "load_1min": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "postgresql": postgresql,
    }


def _cpu_model() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()


def progress(what: str, *, done: int, of: int) -> None:
    """A line on standard error about a long preparation."""
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {what}: {done:,} of {of:,}\n")


def show(section: str, figures: Sequence[Figure]) -> None:
    """The figures as a table."""
    table = Table(title=section)
    for column in ("figure", "value", "unit", "goal", "met"):
        table.add_column(column, justify="right" if column in {"value", "goal"} else "left")
    for figure in figures:
        sign = "≥" if figure.better == "higher" else "≤"
        table.add_row(
            figure.name,
            f"{figure.value:,.4g}" if abs(figure.value) < 10_000 else f"{figure.value:,.0f}",
            figure.unit,
            "" if figure.goal is None else f"{sign} {figure.goal:g}",
            "" if figure.goal is None else ("yes" if figure.is_met else "NO"),
        )
    Console().print(table)


def write_json(path: Path, *, figures: Sequence[Figure], described: Mapping[str, Any]) -> None:
    """The figures with the machine that they were measured on."""
    document = {"machine": described, "figures": [asdict(figure) for figure in figures]}
    path.write_text(json.dumps(document, indent=2) + "\n")
