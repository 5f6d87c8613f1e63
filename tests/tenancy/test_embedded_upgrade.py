"""The embedded cluster of an earlier major version: refused with the right remedy, and upgraded by a command."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from django.conf import settings

from engage_server.tenancy import embedded, embedded_processes, embedded_upgrade
from engage_server.tenancy.exceptions import EmbeddedPostgresError
from tests.end_to_end.processes import ROOT

pytestmark = pytest.mark.skipif(
    not settings.ENGAGE_EMBEDDED_POSTGRES, reason="DATABASE_URL is set: the embedded server is not in use"
)
FORMER = min(embedded_processes.VERSIONS)


def postgres(data_dir: Path, action: str, *, version: int | None = None) -> subprocess.CompletedProcess[str]:
    """``manage.py postgres`` of a release that runs this version (default: ours)."""
    extra = {} if version is None else {"PGSERVER_POSTGRES_VERSION": str(version)}
    return subprocess.run(
        [sys.executable, "manage.py", "postgres", action],
        cwd=ROOT,
        env={**os.environ, "ENGAGE_DATA_DIR": str(data_dir), "ENGAGE_DATABASE": "engage", **extra},
        capture_output=True,
        text=True,
        check=False,
    )


def ask(data_dir: Path, statement: str) -> str:
    """psql's answer."""
    server = embedded_processes.Server(data_dir / "postgres", cleanup_mode=None)
    socket_dir = (data_dir / "postgres" / "postmaster.pid").read_text().splitlines()[4]
    return subprocess.run(
        [server.bin_path / "psql", "-XAtq", "-h", socket_dir, "-U", "postgres", "-d", "engage", "-c", statement],
        capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip


@pytest.fixture
def data_dir():
    """The data directory of an earlier release, with a table in its database; the server runs."""
    # Not pytest's: each of its runs closes those of all runs to others, and PostgreSQL may run as another user.
    directory = Path(tempfile.mkdtemp(prefix="engage-upgrade-"))
    directory.chmod(0o755)
    started = postgres(directory, "start", version=FORMER)
    assert started.returncode == 0, started.stderr
    ask(directory, "CREATE TABLE kept AS SELECT 7 AS number")
    yield directory
    embedded.stop(directory)
    shutil.rmtree(directory)


def test_another_major_version_is_refused_with_the_command_that_upgrades_it(data_dir):
    stopped = postgres(data_dir, "stop", version=FORMER)
    assert stopped.returncode == 0, stopped.stderr
    with pytest.raises(EmbeddedPostgresError, match=r"of version 16.*runs 18.*`manage.py postgres upgrade`"):
        embedded.ensure_running(data_dir, "engage")
    assert (data_dir / "postgres" / "PG_VERSION").read_text().strip() == str(FORMER)


def test_an_upgrade_brings_everything_and_keeps_the_former_cluster(data_dir):
    done = postgres(data_dir, "upgrade")
    assert done.returncode == 0, done.stderr
    assert f"upgraded from PostgreSQL {FORMER} to {embedded_processes.VERSION}" in done.stdout
    assert ask(data_dir, "SELECT number, current_setting('server_version') FROM kept").startswith("7|18")
    assert ask(data_dir, "SHOW max_locks_per_transaction") == "1024"
    assert (data_dir / f"postgres-{FORMER}" / "PG_VERSION").exists()
    assert postgres(data_dir, "upgrade").stdout.strip() == "is of this release's version"


def test_a_killed_upgrade_is_ended_by_the_next_one(data_dir, monkeypatch):
    rename = Path.rename

    def die(self, target):
        if self.name == "postgres.new":
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", die)
    with pytest.raises(KeyboardInterrupt):
        embedded_upgrade.upgrade(data_dir)
    monkeypatch.undo()
    with pytest.raises(EmbeddedPostgresError, match="was not ended"):
        embedded.ensure_running(data_dir, "engage")
    assert embedded_upgrade.upgrade(data_dir) is not None
    embedded.ensure_running(data_dir, "engage")
    assert ask(data_dir, "SELECT number FROM kept") == "7"


def test_a_version_that_no_program_knows_is_told_a_way_that_exists(tmp_path):
    cluster = tmp_path / "postgres"
    cluster.mkdir()
    for version in (14, 19):
        (cluster / "PG_VERSION").write_text(f"{version}\n")
        for attempt in (
            lambda: embedded.ensure_running(tmp_path, "engage"),
            lambda: embedded_upgrade.upgrade(tmp_path),
        ):
            with pytest.raises(
                EmbeddedPostgresError, match=rf"version {version}.*`manage.py backup`.*ENGAGE_DATA_DIR"
            ):
                attempt()
