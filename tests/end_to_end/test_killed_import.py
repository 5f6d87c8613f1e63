"""An import that is killed, wherever it stands, and begun again ends as if nothing had happened."""

import random
import subprocess
import sys
import time
from pathlib import Path

from engage_server.activity.models import Event
from engage_server.activity.rollups.compaction import ensure_current
from engage_server.tenancy.scope import TenantRef, tenant_scope
from tests.activity.rollup_snapshot import rollup_snapshot
from tests.end_to_end.processes import ROOT, environment, running

ROWS = 1_500
BAD_ROWS = (7, 800, 1_499)
KILLS = 2
NOT_ALL_TAKEN = 3


def test_a_killed_import_begun_again_gives_the_clean_result(
    committed_tenants: tuple[TenantRef, TenantRef], tmp_path: Path
) -> None:
    file = tmp_path / "events.csv"
    file.write_text("message_id,name,person,account,occurred_at,plan\n" + "".join(map(row, range(ROWS))))
    clean, killed = committed_tenants
    finish(*command(file, clean, tmp_path / "clean.ndjson"))
    chance = random.Random(20)
    for _ in range(KILLS):
        with running(*command(file, killed, tmp_path / "killed.ndjson")) as process:
            target = stored(killed) + chance.randrange(1, ROWS // (KILLS + 1))
            while stored(killed) < target and process.poll() is None:
                time.sleep(chance.uniform(0, 0.02))
            assert process.poll() is None, "The import ended before it was killed."
    assert 0 < stored(killed) < ROWS - len(BAD_ROWS)
    finish(*command(file, killed, tmp_path / "killed.ndjson"))
    assert outcome(killed) == outcome(clean)
    assert stored(killed) == ROWS - len(BAD_ROWS)
    assert (tmp_path / "killed.ndjson").read_bytes() == (tmp_path / "clean.ndjson").read_bytes()


def row(number: int) -> str:
    at = "long ago" if number in BAD_ROWS else f"2026-03-{1 + number % 28:02}T12:{number % 60:02}:00Z"
    return f"m{number},event {number % 7},p{number % 90},a{number % 11},{at},pro\n"


def command(file: Path, tenant: TenantRef, rejects: Path) -> list[str]:
    options = ["--batch-size=10", "--properties=plan", f"--rejects={rejects}"]
    return ["import", "events", str(file), f"--tenant={tenant.slug}", *options]


def finish(*arguments: str) -> None:
    """To its end, at which it says by its exit status that there were bad rows."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT, env=environment(), check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == NOT_ALL_TAKEN, done.stderr


def stored(tenant: TenantRef) -> int:
    with tenant_scope(tenant):
        return Event.objects.count()


def outcome(tenant: TenantRef) -> tuple[object, ...]:
    with tenant_scope(tenant):
        ensure_current()
        events = Event.objects.values_list("message_id", "name__name", "occurred_at", "properties", "digest")
        return sorted(events, key=str), rollup_snapshot()
