"""What tenants cost an installation, measured with as many as fit into a few minutes, and what follows for more of them.

The table at the end extrapolates by the number of tenants. Thousands of them would take hours to make; that a figure grows
faster than their number would show in the first and the last tenants' making.
"""

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from tests.bench.harness import Figure, progress
from tests.bench.tenants import PACKAGE, SHIPPED, answer, side, write_migration

COUNTS: Final = (100, 1_000, 10_000, 100_000)
CONNECTIONS: Final = 64
SCHEMAS_A_CONNECTION: Final = 200
# What one cell is filled to: beyond, moves, migrations and backups take longer than anybody waits for.
TENANTS_A_CELL: Final = 5_000


def run(*, quick: bool) -> list[Figure]:
    """150 tenants, 30 with ``quick``."""
    count = 30 if quick else 150
    folder = Path(tempfile.mkdtemp(prefix="engage-bench-scale-"))
    try:
        progress("scale: made", done=0, of=count)
        command = [sys.executable, "-m", "tests.bench.scale_side", str(count)]
        found = answer(command, "ours", folder, migrations=False)
        shutil.copytree(SHIPPED, folder / PACKAGE, ignore=shutil.ignore_patterns("__pycache__"))
        write_migration(folder, "bench_field")
        found |= side("migrate", "ours", count, folder)
    finally:
        shutil.rmtree(folder)
    found["migrate_tenant_s"] = (found["migrate_s"] - found["noop_s"]) / count
    show(found, count)
    return [
        Figure("scale.onboard_first_ms", found["onboard_first_s"] * 1000, "ms", 150, "lower"),
        Figure("scale.onboard_last_ms", found["onboard_last_s"] * 1000, "ms", 150, "lower"),
        Figure("scale.empty_mb", found["tenant_bytes"] / 1e6, "MB", 1.2, "lower"),
        Figure("scale.catalogue_kb", found["catalogue_bytes"] / 1e3, "kB", None, "lower"),
        Figure("scale.migrate_100_s", found["migrate_tenant_s"] * 100, "s", None, "lower"),
        Figure("scale.noop_migrate_s", found["noop_s"], "s", 1, "lower"),
        Figure("scale.connection_mb", found["connection_bytes"] / 1e6, "MB", None, "lower"),
        Figure("scale.connection_tenant_kb", found["connection_tenant_bytes"] / 1e3, "kB", None, "lower"),
        Figure("scale.dispatcher_tick_ms", found["tick_s"] * 1000, "ms", None, "lower"),
        Figure("scale.compactor_scan_ms", found["scan_s"] * 1000, "ms", None, "lower"),
    ]


def show(found: dict[str, float], measured: int) -> None:
    """The table of simulations."""
    table = Table(
        title=f"measured with {measured} tenants; what stands below is extrapolated by their number"
    )
    for column in (
        "tenants",
        "disk GB",
        "of that catalogue GB",
        "migrate min",
        "connections GB",
        "ticks ms",
        "cells",
    ):
        table.add_column(column, justify="right")
    for tenants in COUNTS:
        served = min(tenants, SCHEMAS_A_CONNECTION)
        memory = CONNECTIONS * (found["connection_bytes"] + served * found["connection_tenant_bytes"])
        more = max(0, tenants - measured)
        ticks = sum(found[name] + more * found[f"{name}_each"] for name in ("tick_s", "scan_s"))
        table.add_row(
            f"{tenants:,}", f"{tenants * found['tenant_bytes'] / 1e9:,.2f}",
            f"{tenants * found['catalogue_bytes'] / 1e9:,.2f}",
            f"{(found['noop_s'] + tenants * found['migrate_tenant_s']) / 60:,.1f}", f"{memory / 1e9:,.2f}",
            f"{ticks * 1000:,.0f}", str(-(-tenants // TENANTS_A_CELL)),
        )  # fmt: skip
    Console().print(table)
