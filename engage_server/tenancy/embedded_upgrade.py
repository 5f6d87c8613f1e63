"""Takes the embedded cluster to the major version that the wheel brings, by pg_upgrade with the programs of both.

The former cluster is kept beside the new one, unchanged. Killed anywhere, the same command goes on from there.
"""

import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engage_server.tenancy import embedded
from engage_server.tenancy.embedded import USER, cluster_version, upgrading_marker
from engage_server.tenancy.embedded_processes import VERSION, Server
from engage_server.tenancy.exceptions import EmbeddedPostgresError

LOG_LINES: Final = 15


@dataclass(frozen=True, slots=True)
class Upgrade:
    """From which version to which; ``kept``: where the former cluster is."""

    former: int
    present: int
    kept: Path


def upgrade(data_dir: Path) -> Upgrade | None:
    """Upgrade the cluster of the data directory; None where there is nothing to do. It is stopped for that.

    Raises:
        EmbeddedPostgresError: the wheel does not bring the cluster's version, or pg_upgrade refuses; says why.
    """
    cluster = data_dir / "postgres"
    with embedded.locked(cluster.with_name("postgres.lock")):
        marker = upgrading_marker(cluster)
        former = int(marker.read_text()) if marker.exists() else cluster_version(cluster)
        if former is None or former == VERSION:
            return None
        embedded.require_upgradable(former, cluster)
        fresh, kept = cluster.with_name("postgres.new"), cluster.with_name(f"postgres-{former}")
        if cluster.exists() and not marker.exists():
            if kept.exists():
                raise EmbeddedPostgresError(
                    f"{kept} is there already. Remedy: move it elsewhere, then again."
                )
            _make(cluster, fresh, former=former)
            marker.write_text(str(former))
        if not kept.exists():
            cluster.rename(kept)
        if fresh.exists():
            fresh.rename(cluster)
        marker.unlink()
    return Upgrade(former, VERSION, kept)


def _make(cluster: Path, fresh: Path, *, former: int) -> None:
    """Fill ``fresh`` with what the cluster holds."""
    old = Server(cluster, cleanup_mode=None, postgres_version=former)
    new = Server(fresh, cleanup_mode=None)
    _shut_down(old)
    shutil.rmtree(fresh, ignore_errors=True)  # of an attempt that was killed
    fresh.mkdir(mode=0o700)
    with tempfile.TemporaryDirectory(prefix="engage-upgrade-") as directory:
        place = Path(directory)
        for path in (fresh, place):
            _give(path, new.system_user)
        checksums = "--data-checksums" if _has_checksums(old) else "--no-data-checksums"
        _run(new, place, "initdb", "--auth=trust", "--encoding=utf8", checksums, "-U", USER, "-D", str(fresh))
        _run(
            new, place, "pg_upgrade", "-b", str(old.bin_path), "-B", str(new.bin_path), "-d", str(cluster),
            "-D", str(fresh), "-U", USER, "-s", str(place),
        )  # fmt: skip


def _shut_down(server: Server) -> None:
    """Stop the server; one that was killed is started once more, to write down what it had not."""
    if embedded.is_ready(server.pgdata) or "shut down" not in _control(server, "Database cluster state"):
        server.ensure_pgdata_inited()
        server.ensure_postgres_running()
        _run(server, server.pgdata, "pg_ctl", "-w", "-m", "fast", "-D", str(server.pgdata), "stop")


def _has_checksums(server: Server) -> bool:
    return _control(server, "Data page checksum version") != "0"


def _control(server: Server, name: str) -> str:
    lines = _run(server, server.pgdata, "pg_controldata", "-D", str(server.pgdata)).splitlines()
    return next(line.partition(":")[2].strip() for line in lines if line.startswith(name))


def _run(server: Server, place: Path, program: str, *arguments: str) -> str:
    done = subprocess.run(  # noqa: S603  # the wheel's own program on our own directory
        [server.bin_path / program, *arguments],
        cwd=place, user=server.system_user, capture_output=True, text=True, check=False, env={"LC_ALL": "C"},
    )  # fmt: skip
    if done.returncode:
        said = "\n".join((done.stdout + done.stderr).strip().splitlines()[-LOG_LINES:])
        raise EmbeddedPostgresError(
            f"{program} failed; the cluster in {server.pgdata} is as it was. It said:\n{said}\n"
            "Remedy: start the release that ran before, `manage.py backup`, and restore that with this release into "
            "another ENGAGE_DATA_DIR."
        )
    return done.stdout


def _give(path: Path, user: str | None) -> None:
    if user is not None:
        shutil.chown(path, user)
