"""Two installations on this machine, each with a PostgreSQL of its own, for the trial of moves."""

import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[2]
NAMES: Final = ("one", "two")
DATABASE: Final = "cell"
GIVE_UP_S: Final = 300.0
PORTS: Final = range(20_000, 32_000)  # below those that systems give to whoever asks for any
# What must not be there between two moves.
LEFTOVERS: Final = """
    SELECT 'publication ' || pubname FROM pg_publication
    UNION ALL SELECT 'slot ' || slot_name FROM pg_replication_slots
    UNION ALL SELECT 'subscription ' || subname FROM pg_subscription
    UNION ALL SELECT 'schema ' || nspname FROM pg_namespace
        WHERE nspname ~ '^t_' AND nspname NOT IN (SELECT schema_name FROM tenancy_tenant)
    UNION ALL SELECT 'role ' || rolname FROM pg_roles
        WHERE rolname ~ '^t_' AND rolname NOT IN (SELECT schema_name FROM tenancy_tenant)
    UNION ALL SELECT 'trigger on ' || tgrelid::regclass FROM pg_trigger WHERE tgname = 'engage_moving'
    UNION ALL SELECT 'move ' || slug || ' ' || step FROM tenancy_move WHERE step <> 'LEFT'
"""


@dataclass(frozen=True, slots=True)
class Place:
    """A cell of the trial: where its data lie, where it answers, and the environment of its commands."""

    name: str
    data_dir: Path
    port: int
    environ: dict[str, str]

    def manage(self, *arguments: str) -> str:
        """What the command says; it must end well."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT, env=self.environ, capture_output=True, text=True, check=False, timeout=GIVE_UP_S,
        )  # fmt: skip
        if done.returncode:
            raise AssertionError(f"{arguments}: {done.stdout}{done.stderr}")
        return done.stdout

    def stop(self) -> None:
        """Its PostgreSQL."""
        from engage_server.tenancy import embedded

        embedded.stop(self.data_dir)

    def ask(self, question: str) -> list[Any]:
        """Rows, as the owner of the database."""
        import psycopg  # after the environment is set

        host = self.data_dir / "postgres"
        with psycopg.connect(host=str(host), user="postgres", dbname=DATABASE, autocommit=True) as connection:
            return connection.execute(question).fetchall()


@contextmanager
def two_places() -> Iterator[tuple[Place, Place]]:
    """Two installations, each with a server of its own; gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix="engage-move-"))
    folder.chmod(0o755)  # PostgreSQL refuses to run as root, and its own user must get in
    places = tuple(_place(name, folder) for name in NAMES)
    lines = [
        f'[{place.name}]\naddress = "http://127.0.0.1:{place.port}"\n'
        f'database = "postgresql://postgres@/{DATABASE}?host={place.data_dir}/postgres"\n'
        for place in places
    ]
    (folder / "cells.toml").write_text("\n".join(lines))
    try:
        _found(*places)
        yield places[0], places[1]
    finally:
        for place in places:
            place.stop()
        shutil.rmtree(folder)


def _found(first: Place, second: Place) -> None:
    """Migrate the first; the second is a copy of it, which costs a tenth of the time."""
    first.manage("migrate", "-v0")
    first.stop()
    second.data_dir.rmdir()
    subprocess.run(["cp", "-a", first.data_dir, second.data_dir], check=True)


def _place(name: str, folder: Path) -> Place:
    port = _own_port()
    (folder / name).mkdir(mode=0o755)
    environ = {
        key: value for key, value in os.environ.items() if not key.startswith(("ENGAGE_", "DATABASE_"))
    }
    environ |= {
        "DJANGO_SETTINGS_MODULE": "engage_server.settings.base",
        "ENGAGE_DATA_DIR": str(folder / name),
        "ENGAGE_DATABASE": DATABASE,
        "ENGAGE_CELL": name,
        "ENGAGE_CELLS": str(folder / "cells.toml"),
        "ENGAGE_SECRET_KEY": "s" * 60,
        "ENGAGE_PRIVACY_KEYS": "a key of the trial",
        "ENGAGE_LOG_LEVEL": "ERROR",
    }
    return Place(name, folder / name, port, environ)


def _own_port() -> int:
    """One that nobody gets who asks for any: it is used half a minute later."""
    for port in random.sample(PORTS, len(PORTS)):
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise AssertionError(f"All ports of {PORTS} are in use.")


@contextmanager
def serving(place: Place) -> Iterator[None]:
    """The cell's web process and worker."""
    said = place.data_dir / "said.log"
    with said.open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "serve", "--workers", "1", "--port", str(place.port)],
            cwd=ROOT, env=place.environ, stdout=log, stderr=log,
        )  # fmt: skip
    try:
        deadline = time.monotonic() + GIVE_UP_S
        while True:
            try:
                socket.create_connection(("127.0.0.1", place.port), timeout=1).close()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise AssertionError(
                        f"The server of {place.name} does not answer: {said.read_text()}"
                    ) from None
                time.sleep(0.2)
        yield
    finally:
        process.terminate()
        process.wait(60)
