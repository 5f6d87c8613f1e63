"""A tenant goes to and fro between two servers, and the command is killed at ever other points, while clients send.

``python -m tests.chaos.move [--moves N]``. Nothing is lost or doubled, keys open before and after, both sides are in
order and nothing is left behind. Progress goes to standard error; each wait is bounded.
"""

import argparse
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[2]
NAMES: Final = ("one", "two")
DATABASE: Final = "cell"
GIVE_UP_S: Final = 300.0
USUAL_STATEMENTS: Final = 100  # of a move, until one has ended
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

    def ask(self, question: str) -> list[Any]:
        """Rows, as the owner of the database."""
        import psycopg  # after the environment is set

        host = self.data_dir / "postgres"
        with psycopg.connect(host=str(host), user="postgres", dbname=DATABASE, autocommit=True) as connection:
            return connection.execute(question).fetchall()


@dataclass(slots=True)
class Sender:
    """Sends batches to wherever the tenant lives, each again until it is acknowledged, as the SDKs do."""

    key: str
    ports: list[int]
    acknowledged: set[str] = field(default_factory=set)
    statuses: dict[int, int] = field(default_factory=dict)
    longest_s: float = 0.0
    failures: list[str] = field(default_factory=list)

    def send_until(self, stop: threading.Event) -> None:
        """In a thread of its own."""
        number, place = 0, 0
        while not stop.is_set():
            names = [f"m-{number + one}" for one in range(5)]
            number += 5
            began = time.monotonic()
            while (status := self._send(names, self.ports[place])) != 200:
                # 401 where it never was, 503 where it was or is frozen: somebody leads the name elsewhere.
                place = (place + 1) % len(self.ports)
                if status not in (401, 503) or time.monotonic() - began > GIVE_UP_S:
                    self.failures.append(f"status {status} after {time.monotonic() - began:.1f} s")
                    return
                time.sleep(0.02)
            self.longest_s = max(self.longest_s, time.monotonic() - began)
            self.acknowledged |= {*names}

    def _send(self, names: list[str], port: int) -> int:
        calls = [
            {"type": "track", "event": "Used", "userId": f"u-{name[-2:]}", "messageId": name}
            for name in names
        ]
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
            connection.request("POST", "/v1/batch", json.dumps({"batch": calls}), headers)
            status = connection.getresponse().status
        finally:
            connection.close()
        self.statuses[status] = self.statuses.get(status, 0) + 1
        return status


def say(text: str) -> None:
    """On standard error."""
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {text}\n")


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
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda place: place.manage("migrate", "-v0"), places))
        yield places[0], places[1]
    finally:
        for place in places:
            place.manage("postgres", "stop")
        shutil.rmtree(folder)


def _place(name: str, folder: Path) -> Place:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
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


@contextmanager
def serving(place: Place) -> Iterator[None]:
    """The cell's web process and worker."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", "serve", "--workers", "1", "--port", str(place.port)],
        cwd=ROOT, env=place.environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + GIVE_UP_S
        while True:
            try:
                socket.create_connection(("127.0.0.1", place.port), timeout=1).close()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
        yield
    finally:
        process.terminate()
        process.wait(60)


class Mover:
    """Moves a tenant, in a process that is forked from one which has loaded everything."""

    def __init__(self, place: Place) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.move", "--mover"],
            cwd=ROOT, env=place.environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def move(self, slug: str, to: str, *, kill_at: int = 0) -> dict[str, Any]:
        """How it ended: whether it was killed before its ``kill_at``-th statement, else how many there were."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"slug": slug, "to": to, "kill_at": kill_at}) + "\n")
        self._process.stdin.flush()
        return dict(json.loads(self._process.stdout.readline()))

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(60)
        self._process.stdout.close()


def mover() -> None:
    """The mover's side: each line is a move, done in a child that may be killed."""
    import django

    django.setup()
    for line in sys.stdin:
        asked = json.loads(line)
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            _move_in_child(asked, writing)
        os.close(writing)
        _, status = os.waitpid(child, 0)
        with os.fdopen(reading) as told:
            answer = told.read() or json.dumps({"killed": os.WTERMSIG(status) == signal.SIGKILL})
        sys.stdout.write(answer + "\n")
        sys.stdout.flush()


def _move_in_child(asked: dict[str, Any], writing: int) -> None:
    from engage_server.operations.moves.move import move_tenant
    from engage_server.tenancy.postgresql.base import DatabaseWrapper

    statements = [0]
    usual: Callable[..., Any] = DatabaseWrapper._cursor

    def counted(self: DatabaseWrapper, name: str | None = None) -> Any:
        statements[0] += 1
        if statements[0] == asked["kill_at"]:
            os.kill(os.getpid(), signal.SIGKILL)
        return usual(self, name)

    DatabaseWrapper._cursor = counted  # type: ignore[method-assign]
    try:
        moved = move_tenant(asked["slug"], asked["to"])
        told = {"killed": False, "statements": statements[0], "rows": moved.rows, "frozen_s": moved.frozen_s, "parts": dict(moved.parts_s)}
    except Exception:  # noqa: BLE001  # told to the parent, whatever it is
        told = {"killed": False, "failed": traceback.format_exc()}
    os.write(writing, json.dumps(told).encode())
    os._exit(0)


@dataclass(slots=True)
class Outcome:
    """What came of a trial."""

    moves: int = 0
    kills: int = 0
    frozen_s: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    acknowledged: int = 0
    longest_s: float = 0.0
    statuses: dict[int, int] = field(default_factory=dict)


def run(*, moves: int, kills: int) -> Outcome:
    """Move a tenant so often, with so many of the moves killed before they are ended; another tenant stays."""
    outcome = Outcome()
    with two_places() as places, ExitStack() as stack:
        made = json.loads(
            places[0].manage(
                "tenant", "create", "acme", "--name", "A", "--domain", "acme.localhost", "--json"
            )
        )
        places[0].manage("tenant", "create", "globex", "--name", "G", "--domain", "globex.localhost")
        for place in places:
            stack.enter_context(serving(place))
        movers = {place.name: Mover(place) for place in places}
        for one in movers.values():
            stack.callback(one.close)
        sender, stop = Sender(made["keys"]["ingest"], [place.port for place in places]), threading.Event()
        thread = threading.Thread(target=sender.send_until, args=(stop,))
        thread.start()
        try:
            _to_and_fro(places, movers, outcome, moves=moves, kills=kills)
        finally:
            stop.set()
            thread.join()
        home = places[moves % 2]
        _compare(home, sender, outcome)
        outcome.wrong += [f"{home.name}: {line}" for line in _verdict(home)]
    outcome.acknowledged, outcome.longest_s = len(sender.acknowledged), sender.longest_s
    outcome.statuses = dict(sorted(sender.statuses.items()))
    return outcome


def _to_and_fro(
    places: tuple[Place, Place], movers: dict[str, Mover], outcome: Outcome, *, moves: int, kills: int
) -> None:
    statements = USUAL_STATEMENTS
    for number in range(moves):
        here, there = places[number % 2], places[1 - number % 2]
        if outcome.kills < kills:
            # Ever other points: the k-th kill of n is at the k-th part of the way.
            point = max(2, statements * (2 * outcome.kills + 1) // (2 * kills))
            ended = movers[here.name].move("acme", there.name, kill_at=point)
            if ended["killed"]:
                outcome.kills += 1
                say(f"killed before statement {point} of about {statements}")
                ended = movers[here.name].move("acme", there.name)
        else:
            ended = movers[here.name].move("acme", there.name)
        if "failed" in ended:
            raise AssertionError(ended["failed"])
        outcome.moves += 1
        statements = max(statements, ended["statements"])
        if ended["frozen_s"] is not None:
            outcome.frozen_s.append(ended["frozen_s"])
        say(f"move {number + 1} to {there.name}: {ended}")
        for place in places:
            outcome.wrong += [f"{place.name} keeps {left}" for (left,) in place.ask(LEFTOVERS)]


def _compare(home: Place, sender: Sender, outcome: Outcome) -> None:
    ((schema,),) = home.ask("SELECT schema_name FROM tenancy_tenant WHERE slug = 'acme'")
    stored = dict(home.ask(f"SELECT message_id, count(*) FROM {schema}.activity_event GROUP BY 1"))  # noqa: S608
    outcome.wrong += sender.failures
    if lost := sender.acknowledged - stored.keys():
        outcome.wrong.append(f"{len(lost)} events were acknowledged and are not stored")
    if doubled := [name for name, times in stored.items() if times > 1]:
        outcome.wrong.append(f"{len(doubled)} events are stored twice")


def _verdict(home: Place) -> list[str]:
    """What ``tenant verify`` has to say of the tenant."""
    try:
        home.manage("tenant", "verify", "acme")
    except AssertionError as error:
        return [str(error)]
    return []


def main() -> None:
    """Parse, run, print; status 1 where anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--moves", type=int, default=20)
    parser.add_argument("--kills", type=int, default=16)
    parser.add_argument("--mover", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.mover:
        mover()
        return
    outcome = run(moves=options.moves, kills=options.kills)
    sys.stdout.write(f"{outcome}\n")
    sys.exit(1 if outcome.wrong else 0)


if __name__ == "__main__":
    main()
