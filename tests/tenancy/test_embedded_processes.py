"""The embedded PostgreSQL's processes: who starts it may be killed, and who was killed counts until it is gone."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest
from django.conf import settings
from django.db import connections

from engage_server.tenancy import embedded, embedded_processes
from engage_server.tenancy.exceptions import EmbeddedPostgresError

pytestmark = pytest.mark.skipif(
    not settings.ENGAGE_EMBEDDED_POSTGRES, reason="DATABASE_URL is set: the embedded server is not in use"
)
STARTER = (
    "import sys, pathlib, django; django.setup()\n"
    "from engage_server.tenancy import embedded\n"
    "embedded.ensure_running(pathlib.Path(sys.argv[1]), 'engage')"
)


@pytest.fixture(scope="module")
def data_dir() -> Iterator[Path]:
    directory = Path(tempfile.mkdtemp(prefix="engage-embedded-"))
    directory.chmod(0o755)
    yield directory
    embedded.stop(directory)
    shutil.rmtree(directory)


@pytest.fixture
def cluster(data_dir: Path) -> Path:
    """A cluster whose server runs."""
    embedded.ensure_running(data_dir, "engage")
    return data_dir / "postgres"


def kill(cluster: Path) -> None:
    pid = int((cluster / "postmaster.pid").read_text().splitlines()[0])
    os.kill(pid, signal.SIGKILL)
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.01)


@contextmanager
def dying(cluster: Path, seconds: float) -> Iterator[None]:
    """The server killed, but its process not gone for so long: the socket is closed and nobody listens."""
    kill(cluster)
    embedded_processes.bury(cluster)  # its children are gone
    stand_in = cluster.parent / "postgres-dying"
    shutil.copy(shutil.which("sleep") or "/bin/sleep", stand_in)
    process = subprocess.Popen([stand_in, str(seconds)])
    lines = [str(process.pid), str(cluster), "0", "5432", str(cluster), "", "1 1", "ready"]
    (cluster / "postmaster.pid").write_text("\n".join(lines))
    try:
        yield
    finally:
        process.kill()
        process.wait()


def test_who_starts_it_may_be_killed_with_all_its_children_once_it_is_ready(data_dir: Path) -> None:
    embedded.stop(data_dir)
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "engage_server.settings.testing"}
    starter = psutil.Popen([sys.executable, "-c", STARTER, str(data_dir)], env=env)
    while not embedded.is_running(data_dir):
        assert starter.poll() in (None, 0)
    postmaster = embedded_processes.postmaster(data_dir / "postgres")
    for process in [*starter.children(recursive=True), starter]:
        process.kill()
    starter.wait()
    time.sleep(0.2)
    assert postmaster is not None
    assert postmaster == embedded_processes.postmaster(data_dir / "postgres")
    assert embedded_processes.takes_connections(data_dir / "postgres")


def test_a_connection_to_a_server_that_was_just_killed_is_one_to_its_successor(
    cluster: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "ENGAGE_DATA_DIR", cluster.parent)
    monkeypatch.setattr(settings, "ENGAGE_DATABASE", "engage")
    wrapper = connections.create_connection("default")
    wrapper.settings_dict = {**wrapper.settings_dict, "NAME": "engage"}
    with dying(cluster, 0.7):
        raw = wrapper.get_new_connection(wrapper.get_connection_params())
    with raw:
        assert raw.execute("SELECT 1").fetchone() == (1,)
        assert raw.info.host == str(cluster)


def test_a_stop_of_a_server_that_was_just_killed_finds_that_none_runs(cluster: Path) -> None:
    with dying(cluster, 0.7):
        assert not embedded.stop(cluster.parent)
        assert embedded_processes.postmaster(cluster) is None


def test_a_stop_that_fails_says_why(cluster: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "STOP_TIMEOUT_S", 0.2)
    monkeypatch.setattr(embedded_processes, "postmaster", lambda _: psutil.Process())
    (cluster / "postmaster.pid").rename(cluster / "put.aside")
    try:
        with pytest.raises(EmbeddedPostgresError, match=r"(?s)does not stop.*PID file.*Remedy"):
            embedded.stop(cluster.parent)
    finally:
        (cluster / "put.aside").rename(cluster / "postmaster.pid")


def test_a_server_that_only_starts_is_waited_for_and_can_be_stopped(cluster: Path) -> None:
    file = cluster / "postmaster.pid"
    ready = file.read_text()
    for half in (ready.replace("ready", "starting"), "\n".join(ready.splitlines()[:5])):
        file.write_text(half)
        assert not embedded.is_running(cluster.parent)
        assert embedded_processes.is_under_way(cluster)
    # As after a start that was cut short in the middle of a recovery.
    assert embedded.stop(cluster.parent)
    assert embedded_processes.postmaster(cluster) is None


def test_a_launched_server_is_under_way_before_it_has_written_its_file(cluster: Path) -> None:
    embedded.stop(cluster.parent)
    assert not embedded_processes.is_under_way(cluster)
    server = embedded_processes.Server(cluster, cleanup_mode=None)
    embedded_processes.launch(server, cluster)
    while embedded_processes.ready_socket(cluster) is None:
        assert embedded_processes.is_under_way(cluster)
    with psycopg.connect(host=str(cluster), user=embedded.USER, dbname="engage") as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
