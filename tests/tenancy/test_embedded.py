"""The embedded PostgreSQL: shared by processes, started by whoever comes first, back after a kill."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
from django.conf import settings

from engage_server.tenancy import embedded

pytestmark = pytest.mark.skipif(
    not settings.ENGAGE_EMBEDDED_POSTGRES, reason="DATABASE_URL is set: the embedded server is not in use"
)


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    directory = tmp_path_factory.mktemp("embedded")
    yield directory
    embedded.stop(directory)


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
    outputs = {process.communicate(timeout=90)[0].strip() for process in started}
    assert all(process.returncode == 0 for process in started)
    assert len(outputs) == 1
