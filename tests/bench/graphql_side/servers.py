"""The servers as processes of their own, each with one process that answers."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psutil
from django.conf import settings
from django.db import connection
from rich.console import Console

from engage_server.tenancy import embedded
from engage_server.tenancy.scope import shared_scope
from tests.bench.graphql_side.data import Filled
from tests.bench.graphql_side.names import SCHEMA
from tests.bench.serving import ROOT, free_port, serving, wait_until_it_answers

POSTGRAPHILE: Final = Path(__file__).parent / "postgraphile"
NODE: Final = POSTGRAPHILE / "node_modules" / "node" / "bin" / "node"
THREADS: Final = 2  # of the WSGI rivals: more contend for the interpreter, fewer wait for the database


@dataclass(frozen=True, slots=True)
class Server:
    """Where a server is asked, and how. ``process`` is the one whose time, with its children's, is the server's."""

    port: int
    process: psutil.Popen
    path: str = "/graphql"
    headers: Mapping[str, str] = field(default_factory=dict)

    def post(self, document: Mapping[str, object]) -> bytes:
        """A request of a query."""
        body = json.dumps(document).encode()
        given = {"Content-Type": "application/json", "Content-Length": str(len(body)), **self.headers}
        return self._head("POST", self.path, given) + body

    def get(self, target: str, headers: Mapping[str, str]) -> bytes:
        """A request without a body."""
        return self._head("GET", target, {**self.headers, **headers})

    def _head(self, method: str, target: str, headers: Mapping[str, str]) -> bytes:
        lines = [f"{method} {target} HTTP/1.1", "Host: localhost"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return "\r\n".join([*lines, "", ""]).encode()


def servers(filled: Filled) -> Iterator[tuple[str, AbstractContextManager[Server] | None]]:
    """Each server by name; None, and said why, where it cannot run here."""
    yield "ours", _ours(filled)
    yield "bare", _wsgi("tests.bench.graphql_side.bare:application")
    yield "postgraphile", _postgraphile()
    yield "strawberry_django", _wsgi("tests.bench.graphql_side.strawberry_django.app:application")


@contextmanager
def _ours(filled: Filled) -> Iterator[Server]:
    with serving(workers=1) as (process, port):
        yield Server(port, process, headers={"Authorization": f"Bearer {filled.key}"})


@contextmanager
def _wsgi(application: str) -> Iterator[Server]:
    """A WSGI application under the server that is ours, too."""
    port = free_port()
    command = ["granian", "--interface", "wsgi", "--workers", "1", "--blocking-threads", str(THREADS)]
    with _running(
        [sys.executable, "-m", *command, "--host", "127.0.0.1", "--port", str(port), application], port=port
    ) as process:
        yield Server(port, process)


def _postgraphile() -> AbstractContextManager[Server] | None:
    if shutil.which("npm") is None:
        Console().print("postgraphile: skipped, there is no npm here to install it with.")
        return None
    if not NODE.exists():
        # The package `node` brings its binary by its install script.
        subprocess.run(
            ["npm", "ci", "--no-audit", "--no-fund"], cwd=POSTGRAPHILE, check=True, stdout=subprocess.DEVNULL
        )
    return _node()


@contextmanager
def _node() -> Iterator[Server]:
    port = free_port()
    with _running([str(NODE), "server.mjs", str(port), SCHEMA], port=port, folder=POSTGRAPHILE) as process:
        yield Server(port, process)


@contextmanager
def _running(command: list[str], *, port: int, folder: Path = ROOT) -> Iterator[psutil.Popen]:
    environment = {
        **os.environ,
        "GRAPHILE_ENV": "production",
        "BENCH_DSN": dsn(),
        "BENCH_DSN_URL": url(),
        "PYTHONPATH": str(ROOT),
    }
    process = psutil.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL)
    try:
        wait_until_it_answers(port)
        yield process
    finally:
        process.terminate()
        process.wait(timeout=30)


def database() -> psutil.Process:
    """PostgreSQL's first process, whose children answer."""
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute("SHOW data_directory")
        (folder,) = cursor.fetchone()
    return psutil.Process(int((Path(folder) / "postmaster.pid").read_text().split()[0]))


def dsn() -> str:
    """The benchmark's database for libpq."""
    host = embedded.ensure_running(settings.ENGAGE_DATA_DIR, settings.ENGAGE_DATABASE)
    return f"host={host} user={embedded.USER} dbname={settings.ENGAGE_DATABASE}"


def url() -> str:
    """The same for those that want an address."""
    host = embedded.ensure_running(settings.ENGAGE_DATA_DIR, settings.ENGAGE_DATABASE)
    return f"postgres://{embedded.USER}@/{settings.ENGAGE_DATABASE}?host={host}"
