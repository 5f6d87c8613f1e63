"""Tenants: making them and migrating them, against django-tenants as it comes, on the same models in one run."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from tests.bench.harness import Figure, progress

ROOT: Final = Path(__file__).resolve().parents[2]
SHIPPED: Final = ROOT / "engage_server" / "customers" / "migrations"
PACKAGE: Final = "bench_customers_migrations"
# django-tenants makes so many tenants by its own way; the others are made from our script to save time.
THEIR_SAMPLE: Final = 8
SIDES: Final = {"ours": "tests.bench.settings.own", "theirs": "tests.bench.settings.vanilla"}


def run(*, quick: bool) -> list[Figure]:
    """500 tenants of ours, 50 with ``quick``; the contestant, who needs seconds for each, has a tenth of them.

    His seconds stand as for all of ours, at what one of his took: his command goes through them one by one, and
    nothing in it is done for all at once.
    """
    ours_count = 50 if quick else 500
    counts = {"ours": ours_count, "theirs": max(THEIR_SAMPLE, ours_count // 10)}
    folder = Path(tempfile.mkdtemp(prefix="engage-bench-tenants-"))
    try:
        made = {side: side("prepare", side, count, folder) for side, count in counts.items()}
        shutil.copytree(SHIPPED, folder / PACKAGE, ignore=shutil.ignore_patterns("__pycache__"))
        write_migration(folder, "bench_field")
        migrated = {side: side("migrate", side, count, folder) for side, count in counts.items()}
        write_migration(folder, "bench_loaded")
        loaded = _under_load(ours_count, folder, seconds=4 if quick else 20)
    finally:
        shutil.rmtree(folder)
    ours, theirs = made["ours"], made["theirs"]
    field_s = migrated["ours"]["migrate_s"]
    their_field_s = migrated["theirs"]["migrate_s"] * counts["ours"] / counts["theirs"]
    return [
        Figure("tenants.onboard_ms", ours["onboard_s"] * 1000, "ms", 150, "lower"),
        Figure("tenants.onboard_django_tenants_ms", theirs["onboard_s"] * 1000, "ms", None, "lower"),
        Figure("tenants.onboard_speedup", theirs["onboard_s"] / ours["onboard_s"], "×", 3, "higher"),
        Figure("tenants.noop_migrate_500_s", ours["noop_s"], "s", 1, "lower"),
        Figure("tenants.add_field_s", field_s, "s", None, "lower"),
        Figure("tenants.add_field_django_tenants_s", their_field_s, "s", None, "lower"),
        Figure("tenants.add_field_speedup", their_field_s / field_s, "×", 20, "higher"),
        Figure(
            "tenants.migrate_p99_vs_idle", loaded["beside_s"] / loaded["alone_s"], "ratio", 2, "lower"
        ),
        Figure("tenants.migrate_longest_request_s", loaded["longest_s"], "s", 2, "lower"),
        Figure("tenants.empty_mb", ours["tenant_bytes"] / 1e6, "MB", 1.2, "lower"),
    ]  # fmt: skip


def side(action: str, side: str, count: int, folder: Path) -> dict[str, float]:
    """What one side took for an action."""
    progress(f"tenants: {action} {side}", done=0, of=count)
    return answer(_command(action, side, count, folder), side, folder, migrations=action == "migrate")


def _under_load(count: int, folder: Path, *, seconds: float) -> dict[str, float]:
    """Our migration once more, of another field, while clients ask and write."""
    progress("tenants: migrated beside requests", done=0, of=count)
    load = [sys.executable, "-m", "tests.bench.tenants_load", str(seconds)]
    return answer(
        [*load, *_command("migrate_beside", "ours", count, folder)], "ours", folder, migrations=True
    )


def _command(action: str, side: str, count: int, folder: Path) -> list[str]:
    script = str(folder / "ddl.json")
    return [sys.executable, "-m", "tests.bench.tenants_side", action, side, str(count), script]


def answer(command: list[str], side: str, folder: Path, *, migrations: bool) -> dict[str, float]:
    """The figures that a command prints, on a side's database."""
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": SIDES[side],
            "ENGAGE_DATABASE": f"bench_tenants_{side}",
            "PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)]),
            **({"BENCH_MIGRATIONS": PACKAGE} if migrations else {}),
        },
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def write_migration(folder: Path, field: str) -> None:
    """One migration more of `customers`, which adds a field that may be null."""
    target = folder / PACKAGE
    last = max(file.stem for file in target.glob("[0-9]*.py"))
    (target / f"{int(last[:4]) + 1:04}_{field}.py").write_text(
        "from django.db import migrations, models\n\n\n"
        "class Migration(migrations.Migration):\n"
        f'    dependencies = [("customers", "{last}")]\n'
        f'    operations = [migrations.AddField("account", "{field}", models.TextField(null=True))]\n'
    )
