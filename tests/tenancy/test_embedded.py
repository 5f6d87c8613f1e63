"""The embedded PostgreSQL: shared by processes, started by the first to need it, back after a kill."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import psutil
import psycopg
import pytest
from django.conf import settings

from engage_server.tenancy import embedded
from engage_server.tenancy.exceptions import EmbeddedPostgresError

pytestmark = pytest.mark.skipif(
    not settings.ENGAGE_EMBEDDED_POSTGRES, reason="DATABASE_URL is set: the embedded server is not in use"
)


@pytest.fixture(scope="module")
def data_dir() -> Iterator[Path]:
    # Not pytest's: each of its runs closes those of all runs to others, and PostgreSQL may run as another user.
    directory = Path(tempfile.mkdtemp(prefix="engage-embedded-"))
    directory.chmod(0o755)
    yield directory
    embedded.stop(directory)
    shutil.rmtree(directory)


def ask(socket_dir: Path, question: str) -> object:
    with psycopg.connect(host=str(socket_dir), user=embedded.USER, dbname="engage") as connection:
        return connection.execute(question).fetchone()[0]


def test_it_starts_by_itself_with_our_settings_and_survives_a_restart(data_dir):
    socket_dir = embedded.ensure_running(data_dir, "engage")
    assert ask(socket_dir, "SHOW synchronous_commit") == "on"
    assert ask(socket_dir, "SHOW max_locks_per_transaction") == "1024"
    with psycopg.connect(host=str(socket_dir), user=embedded.USER, dbname="engage") as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
    assert embedded.stop(data_dir)
    assert not embedded.is_running(data_dir)
    assert ask(embedded.ensure_running(data_dir, "engage"), "SELECT number FROM kept") == 7


def test_it_comes_back_after_a_kill(data_dir):
    embedded.ensure_running(data_dir, "engage")
    pid = int((data_dir / "postgres" / "postmaster.pid").read_text().splitlines()[0])
    os.kill(pid, signal.SIGKILL)
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.01)
    socket_dir = embedded.ensure_running(data_dir, "engage")
    assert ask(socket_dir, "SELECT 1") == 1


@contextmanager
def unstartable(data_dir: Path) -> Iterator[None]:
    """The server killed, and kept from coming back, while the block runs."""
    embedded.ensure_running(data_dir, "engage")
    main = data_dir / "postgres" / "postgresql.conf"
    sound = main.read_text()
    main.write_text(f"{sound}\nno_such_setting = 1\n")
    pid = int((data_dir / "postgres" / "postmaster.pid").read_text().splitlines()[0])
    os.kill(pid, signal.SIGKILL)
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.01)
    try:
        yield
    finally:
        main.write_text(sound)


def test_who_answers_requests_waits_for_no_start_and_one_thread_starts(data_dir):
    took: list[float] = []

    def ask_in_vain() -> None:
        began = time.monotonic()
        with pytest.raises(EmbeddedPostgresError, match=r"Remedy|log ends"):
            embedded.ensure_running(data_dir, "engage")
        took.append(time.monotonic() - began)

    embedded.ensure_running(data_dir, "engage")
    embedded.wait_at_most(0.2)
    try:
        with unstartable(data_dir):
            for _ in range(3):
                threads = [threading.Thread(target=ask_in_vain) for _ in range(16)]
                for thread in threads:
                    thread.start()
                starters = [one for one in threading.enumerate() if one.name == "postgres-start"]
                for thread in threads:
                    thread.join()
                assert len(starters) <= 1
        assert len(took) == 48
        assert max(took) < 5, (
            "0.2 s where the machine has nothing else to do; a start takes up to 8 s to fail"
        )
        deadline = time.monotonic() + 60
        while not embedded.is_running(data_dir):
            assert time.monotonic() < deadline, "it does not come back by itself"
            with contextlib.suppress(EmbeddedPostgresError):
                embedded.ensure_running(data_dir, "engage")
            time.sleep(0.1)
    finally:
        embedded.wait_at_most(None)


def test_a_start_that_fails_says_why_to_whoever_waits_for_it(data_dir):
    with unstartable(data_dir), pytest.raises(EmbeddedPostgresError, match="no_such_setting"):
        embedded.ensure_running(data_dir, "engage")
    assert ask(embedded.ensure_running(data_dir, "engage"), "SELECT 1") == 1


def test_its_log_holds_no_value_of_a_statement_that_failed(data_dir):
    socket_dir = embedded.ensure_running(data_dir, "engage")
    statements = (
        "SELECT '{}'::int",
        "INSERT INTO planted VALUES ('{}'), ('{}')",
        "SELECT * FROM planted WHERE word = '{}' AND nothing",
        "DO $$ BEGIN RAISE EXCEPTION '{}' USING DETAIL = '{}'; END $$",
        "DO $$ BEGIN RAISE WARNING '{}'; END $$",
    )
    with psycopg.connect(
        host=str(socket_dir), user=embedded.USER, dbname="engage", autocommit=True
    ) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS planted (word text PRIMARY KEY)")
        for number, statement in enumerate(statements):
            with contextlib.suppress(psycopg.Error):
                connection.execute(statement.replace("{}", f"t0ken-{number}"))
        with contextlib.suppress(psycopg.Error):
            connection.execute("SELECT %s::int", ["t0ken-as-parameter"])
        # A backend that dies is told with the statement that it was at.
        with contextlib.suppress(psycopg.Error):
            connection.execute("SELECT pg_terminate_backend(pg_backend_pid()), 't0ken-of-the-dead'")
    embedded.stop(data_dir)
    logs = [data_dir / "postgres" / "log", *(data_dir / "postgres" / embedded.LOGS).iterdir()]
    said = "".join(log.read_text() for log in logs)
    assert "shut down" in said, "it says what it does"
    assert "t0ken" not in said
    assert {log.stat().st_mode & 0o777 for log in logs} == {0o600}


def test_its_log_is_rotated(data_dir):
    socket_dir = embedded.ensure_running(data_dir, "engage")
    assert ask(socket_dir, "SHOW log_rotation_size") == "10MB"
    assert ask(socket_dir, "SHOW log_rotation_age") == "1d"


def test_of_its_log_files_the_latest_stay(tmp_path):
    logs = tmp_path / "postgres" / embedded.LOGS
    logs.mkdir(parents=True)
    names = [f"postgresql-202601{day:02}-000000.log" for day in range(1, 16)]
    for name in names:
        (logs / name).touch()
    embedded.remove_old_logs(tmp_path)
    assert sorted(log.name for log in logs.iterdir()) == names[-embedded.LOGS_KEPT :]


def test_a_directory_that_cannot_be_written_is_a_sentence(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(EmbeddedPostgresError, match="Remedy: make the directory writable"):
        embedded.ensure_running(tmp_path / "file" / "data", "engage")


def test_processes_that_start_it_at_once_share_one_server(data_dir):
    embedded.stop(data_dir)
    program = (
        "import sys, pathlib, django; django.setup()\n"
        "from engage_server.tenancy import embedded\n"
        "print(embedded.ensure_running(pathlib.Path(sys.argv[1]), 'engage'))"
    )
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "engage_server.settings.testing"}
    started = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(data_dir)], env=env, stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    outputs = {process.communicate(timeout=240)[0].strip() for process in started}
    assert all(process.returncode == 0 for process in started)
    assert len(outputs) == 1


@pytest.mark.parametrize(
    ("machine_gb", "container", "expected"),
    [(1, "max", 256), (8, "max", 1024), (64, "max", 2048), (64, str(4 << 30), 512), (4, str(64 << 30), 512)],
)
def test_the_buffers_follow_the_memory_of_machine_and_container(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, machine_gb: int, container: str, expected: int
) -> None:
    (tmp_path / "memory.max").write_text(f"{container}\n")
    monkeypatch.setattr(embedded, "MEMORY_LIMITS", (tmp_path / "memory.max", tmp_path / "absent"))
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(total=machine_gb << 30))
    assert embedded.shared_buffers_mb() == expected
