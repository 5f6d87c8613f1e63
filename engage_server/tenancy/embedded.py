"""Runs the PostgreSQL that comes as a wheel, for installations without a DATABASE_URL.

One cluster per data directory, shared by the server, workers and commands; the first to need it starts it and it
stays up until ``manage.py postgres stop``. A killed server is started again by the next connection.
"""

import contextlib
import fcntl
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psutil
import psycopg
from psycopg import sql

from engage_server.tenancy import embedded_processes as processes
from engage_server.tenancy.embedded_processes import VERSION, VERSIONS, Server, ready_socket
from engage_server.tenancy.exceptions import EmbeddedPostgresError

USER: Final = "postgres"
START_TIMEOUT_S: Final = 60
RETRY_FAILURES_S: Final = 8
STOP_TIMEOUT_S: Final = 60
# After a start that failed, for processes that answer requests.
REST_AFTER_FAILURE_S: Final = 2.0
LOGS: Final = "logs"
LOGS_KEPT: Final = 10

# Locks: a transaction that touches many tenants' tables needs more than the default of 64 per connection.
# Write-ahead log: a tenant moves to another installation by logical replication (docs/scale-out.md).
# Logs: what failed is answered to the client that sent it, and to our own log by its kind; PostgreSQL's own lines would
# quote statements, rows and values. So of ERRORs nothing is written, and of worse no details.
CONFIGURATION: Final = """
max_connections = 200
max_locks_per_transaction = 1024
shared_buffers = {shared_buffers_mb}MB
max_wal_size = 4GB
checkpoint_timeout = 15min
jit = off
wal_level = logical
timezone = 'UTC'
log_timezone = 'UTC'
log_min_messages = log
log_min_error_statement = panic
log_error_verbosity = terse
log_statement = none
log_min_duration_statement = -1
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
logging_collector = on
log_directory = '{logs}'
log_filename = 'postgresql-%Y%m%d-%H%M%S.log'
log_file_mode = 0600
log_rotation_age = 1d
log_rotation_size = 10MB
"""

# What a container may have, by the second and by the first version of control groups.
MEMORY_LIMITS: Final = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)

_databases_seen: set[tuple[Path, str]] = set()
_starts: dict[Path, "Start"] = {}
_starts_lock: Final = threading.Lock()
_patience_s: float | None = None


class Start:
    """One try of this process to start a server, which all of its threads share."""

    def __init__(self, cluster: Path) -> None:
        self._socket_dir: Future[Path] = Future()
        self._ended = 0.0
        threading.Thread(target=self._run, args=(cluster,), name="postgres-start", daemon=True).start()

    def _run(self, cluster: Path) -> None:
        try:
            self._socket_dir.set_result(_start(cluster))
        except BaseException as error:
            self._ended = time.monotonic()
            self._socket_dir.set_exception(error)
            if not isinstance(error, EmbeddedPostgresError):
                raise

    def is_worth_asking(self, *, rest_s: float) -> bool:
        """Whether it is under way, or failed so lately that another try would fail as well."""
        if not self._socket_dir.done():
            return True
        return self._socket_dir.exception() is not None and time.monotonic() - self._ended < rest_s

    def socket_dir(self, timeout_s: float | None) -> Path:
        """The directory of the server's socket.

        Raises:
            EmbeddedPostgresError: it did not start, or has not started yet.
        """
        try:
            return self._socket_dir.result(timeout_s)
        except TimeoutError:
            raise EmbeddedPostgresError(
                "The embedded PostgreSQL is being started. Remedy: ask again in a few seconds."
            ) from None
        except EmbeddedPostgresError as error:
            # One error of its own for each thread, which puts its traceback on it.
            raise EmbeddedPostgresError(str(error)) from None


def wait_at_most(seconds: float | None) -> None:
    """How long connections of this process wait for a start: None for a command, little where requests are answered."""
    global _patience_s  # noqa: PLW0603  # one process-wide switch, set before the first connection
    _patience_s = seconds


def ensure_running(data_dir: Path, database: str) -> Path:
    """Start the server and make the database where needed; return the directory of its socket.

    Raises:
        EmbeddedPostgresError: it did not start, and the message ends with the server's own log; or it is being
            started, and this process does not wait for that.
    """
    cluster = data_dir / "postgres"
    socket_dir = ready_socket(cluster) or _start_once(cluster)
    if (cluster, database) not in _databases_seen:
        _ensure_database(socket_dir, database)
        _databases_seen.add((cluster, database))
    return socket_dir


def ensure_answering(data_dir: Path, database: str) -> Path:
    """``ensure_running`` for whom the socket was closed: a killed server counts as ready until its process is gone.

    Raises:
        EmbeddedPostgresError: as of ``ensure_running``.
    """
    processes.wait_until_gone(data_dir / "postgres", STOP_TIMEOUT_S if _patience_s is None else _patience_s)
    return ensure_running(data_dir, database)


def is_running(data_dir: Path) -> bool:
    """Whether the data directory's server answers."""
    return ready_socket(data_dir / "postgres") is not None


def stop(data_dir: Path) -> bool:
    """Stop the server of the data directory, also one that starts; False where none runs. Open connections are ended.

    Raises:
        EmbeddedPostgresError: it does not stop.
    """
    cluster = data_dir / "postgres"
    if not cluster.exists():
        return False
    with locked(cluster.with_name("postgres.lock")):  # not in the middle of another process's start
        if processes.postmaster(cluster) is None:
            processes.bury(cluster)
            return False
        return _stop(cluster)


def _stop(cluster: Path) -> bool:
    server = Server(cluster, cleanup_mode=None)
    done = subprocess.run(  # noqa: S603  # the wheel's own program on our own directory
        [server.bin_path / "pg_ctl", "-w", "-m", "fast", "-D", cluster, "stop"],
        check=False,
        capture_output=True,
        text=True,
        user=server.system_user,
    )
    if done.returncode == 0:
        return True
    if not processes.wait_until_gone(cluster, STOP_TIMEOUT_S):
        raise EmbeddedPostgresError(
            f"The embedded PostgreSQL in {cluster} does not stop ({(done.stdout + done.stderr).strip()}). "
            f"Remedy: end its process. Its log ends with:\n{_tail(cluster)}"
        )
    processes.bury(cluster)  # somebody had killed it, and it was not gone yet
    return False


def is_ready(cluster: Path) -> bool:
    """Whether the cluster's server answers, of whatever version it is."""
    return ready_socket(cluster) is not None


def cluster_version(cluster: Path) -> int | None:
    """The major version that made the cluster; None where there is none yet."""
    try:
        return int((cluster / "PG_VERSION").read_text())
    except FileNotFoundError:
        return None


def upgrading_marker(cluster: Path) -> Path:
    """Is there, and holds the former version, while an upgraded cluster takes the former one's place."""
    return cluster.with_name("postgres.upgrading")


def require_upgradable(version: int, cluster: Path) -> None:
    """Go on only if the wheel brings programs of this version, and of a later one.

    Raises:
        EmbeddedPostgresError: names the remedy.
    """
    if version not in VERSIONS or version > VERSION:
        raise EmbeddedPostgresError(
            f"The embedded PostgreSQL in {cluster} is of version {version}, from which this release, which runs "
            f"{VERSION}, knows no way. Nothing was changed. Remedy: start the release that ran before "
            "and `manage.py backup`, then restore that with this release into another ENGAGE_DATA_DIR."
        )


def _require_present_version(cluster: Path) -> None:
    if upgrading_marker(cluster).exists():
        raise EmbeddedPostgresError(
            f"The upgrade of the embedded PostgreSQL in {cluster} was not ended. "
            "Remedy: `manage.py postgres upgrade` ends it."
        )
    version = cluster_version(cluster)
    if version is None or version == VERSION:
        return
    require_upgradable(version, cluster)
    raise EmbeddedPostgresError(
        f"The embedded PostgreSQL in {cluster} is of version {version}; this release runs {VERSION}. "
        "Remedy: `manage.py postgres upgrade`; it keeps the former cluster beside the new one."
    )


def remove_old_logs(data_dir: Path) -> None:
    """Delete all but the latest of the server's log files; PostgreSQL begins new ones and deletes none."""
    for old in _logs(data_dir / "postgres")[:-LOGS_KEPT]:
        old.unlink(missing_ok=True)


def _start_once(cluster: Path) -> Path:
    """One thread of the process starts the server, and waits for other processes that do; the others ask it."""
    with _starts_lock:
        start = _starts.get(cluster)
        rest_s = 0.0 if _patience_s is None else REST_AFTER_FAILURE_S
        if start is None or not start.is_worth_asking(rest_s=rest_s):
            start = _starts[cluster] = Start(cluster)
    return start.socket_dir(_patience_s)


def _start(cluster: Path) -> Path:
    try:
        cluster.mkdir(parents=True, exist_ok=True)
        with locked(cluster.with_name("postgres.lock")):
            socket_dir = ready_socket(cluster)  # another process may have been faster
            return socket_dir or _prepare_and_start(cluster)
    except OSError as error:
        raise EmbeddedPostgresError(
            f"The embedded PostgreSQL in {cluster} cannot be started ({error}). Remedy: make the directory writable "
            "and its disk not full, or set ENGAGE_DATA_DIR or DATABASE_URL."
        ) from error


def _prepare_and_start(cluster: Path) -> Path:
    _require_present_version(cluster)
    server = Server(cluster, cleanup_mode=None)
    server.ensure_pgdata_inited()
    _write_where_new(
        cluster / "engage.conf", CONFIGURATION.format(logs=LOGS, shared_buffers_mb=shared_buffers_mb())
    )
    main = cluster / "postgresql.conf"
    if "engage.conf" not in main.read_text():
        with main.open("a") as file:
            file.write("\ninclude_if_exists = 'engage.conf'\n")
    # What the server says before it opens a log file of its own; of former versions of ours all it ever said.
    server.log.unlink(missing_ok=True)
    remove_old_logs(cluster.parent)
    return _start_and_wait(server, cluster)


def shared_buffers_mb() -> int:
    """An eighth of the memory that this process may have, from 256 MB to 2 GB.

    The key of events is random: each one meets another page of its index, and what is not held here is written and read
    again. What no page has filled costs nothing.
    """
    allowed = psutil.virtual_memory().total
    for limit in MEMORY_LIMITS:
        if limit.exists() and (text := limit.read_text().strip()).isdigit():
            allowed = min(allowed, int(text))
    return int(min(max(allowed // 8 >> 20, 256), 2048))


def _write_where_new(path: Path, text: str) -> None:
    """Write a file where that says something else, whole or not at all: the disk may be full."""
    if path.exists() and path.read_text() == text:
        return
    made = path.with_suffix(".new")
    made.write_text(text)
    made.replace(path)


def _start_and_wait(server: Server, cluster: Path) -> Path:
    deadline = time.monotonic() + START_TIMEOUT_S
    give_up = time.monotonic() + RETRY_FAILURES_S
    launched = False
    while (socket_dir := ready_socket(cluster)) is None:
        if time.monotonic() > deadline:
            raise EmbeddedPostgresError(
                f"The embedded PostgreSQL in {cluster} was not ready after {START_TIMEOUT_S} s. "
                f"Its log ends with:\n{_tail(cluster)}"
            )
        if not processes.is_under_way(cluster):
            # The children of a killed server hold its memory for a moment, and keep another from starting.
            if launched and time.monotonic() > give_up:
                raise EmbeddedPostgresError(
                    f"The embedded PostgreSQL in {cluster} did not start. Its log ends with:\n{_tail(cluster)}"
                )
            processes.bury(cluster)
            _launch(server, cluster)
            launched = True
        time.sleep(processes.LOOK_S)
    return socket_dir


def _launch(server: Server, cluster: Path) -> None:
    try:
        processes.launch(server, cluster)
    except subprocess.CalledProcessError as error:
        raise EmbeddedPostgresError(
            f"The embedded PostgreSQL in {cluster} did not start. Its log ends with:\n{_tail(cluster)}"
        ) from error


def _ensure_database(socket_dir: Path, database: str) -> None:
    with psycopg.connect(host=str(socket_dir), user=USER, dbname="postgres", autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (database,)).fetchone()
        if known is None:
            try:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
            except (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                return  # another process was faster, or is at it at this moment


@contextmanager
def locked(path: Path) -> Iterator[None]:
    # Not the wheel's own lock: it lies in the temporary directory and keeps other users of the machine out.
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _logs(cluster: Path) -> list[Path]:
    """The server's log files, the latest last."""
    return sorted((cluster / LOGS).glob("postgresql-*.log"))


def _tail(cluster: Path, lines: int = 15) -> str:
    said: list[str] = []
    for log in (cluster / "log", *_logs(cluster)[-1:]):
        with contextlib.suppress(FileNotFoundError):
            said += log.read_text(errors="replace").splitlines()[-lines:]
    return "\n".join(said) or "(no log)"
