"""The failures of docs/operations.md, brought about on a running server while clients send: it goes on by itself.

``python -m tests.chaos.operations [--drills …] [--seconds N]``. Progress goes to standard error. Each wait is bounded,
and whatever lasts longer ends the run with an error. What was acknowledged is there in the end, once and as sent, and
no run was given up.
"""

import argparse
import http.client
import json
import os
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Any, Final

import psutil
from rich.console import Console

from tests.bench.harness import own_database
from tests.chaos.ingest import Ledger, compare, kill_postgres, send_until_stopped, stored, wait_for_batches
from tests.chaos.small_disk import CannotMountError, filled, small_disk

CLIENTS: Final = 1
# At full speed late events restate days faster than one worker computes them on a busy machine, and nothing is ever done.
PAUSE_S: Final = 0.1
AT_ONCE: Final = 24
DISK_MB: Final = 500
DAYS: Final = 10
GIVE_UP_S: Final = 400
PLUGINS: Final = ("nps", "adoption")


@dataclass(frozen=True, slots=True)
class Trial:
    """A server with its worker, and clients that send to it. ``patience`` stretches limits where others use the machine."""

    data_dir: Path
    server: psutil.Popen
    port: int
    key: str
    tenant: Any
    ledger: Ledger
    seconds: float
    patience: float


def say(text: str) -> None:
    """On standard error."""
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {text}\n")


def wait_until(condition: Callable[[], bool], what: str, *, seconds: float = GIVE_UP_S) -> float:
    """Seconds until it held."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > seconds:
            raise TimeoutError(f"After {seconds:.0f} s still not: {what}.")
        time.sleep(0.05)
    return time.monotonic() - began


def ask(trial: Trial, method: str, path: str, body: str | None = None) -> tuple[int, Message, bytes, float]:
    """Status, headers, body and seconds of a request."""
    began = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", trial.port, timeout=30)
    try:
        headers = {"Authorization": f"Bearer {trial.key}", "Content-Type": "application/json"}
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return response.status, response.headers, response.read(), time.monotonic() - began
    finally:
        connection.close()


def answers(port: int) -> bool:
    """Whether anybody listens."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True


def track(trial: Trial) -> tuple[int, Message, bytes, float]:
    """Send one event, which is a duplicate of none that counts."""
    event = {"type": "identify", "userId": "prober", "messageId": f"prober-{time.monotonic_ns()}"}
    return ask(trial, "POST", "/v1/batch", json.dumps({"batch": [event]}))


def worker_of(trial: Trial) -> psutil.Process | None:
    """The worker beside the server."""
    for process in trial.server.children():
        try:
            if "worker" in process.cmdline() and process.status() != psutil.STATUS_ZOMBIE:
                return process
        except psutil.NoSuchProcess:
            continue
    return None


def work_goes_on(trial: Trial) -> None:
    """A backfill is opened and worked off by whatever worker there is."""
    from django.db import connections

    from tests.end_to_end.recomputation import open_runs, states

    connections.close_all()
    open_runs(trial.tenant, plugins=PLUGINS, days=DAYS)
    took = wait_until(lambda: set(states()) == {"SUCCEEDED"}, f"the backfill is done, but {states()}")
    say(f"  a backfill was worked off in {took:.0f} s")


def threads_of(process: psutil.Process) -> int:
    """How many threads the process has; one that has ended meanwhile, such as a failed start of PostgreSQL, has none."""
    try:
        return process.num_threads()
    except psutil.NoSuchProcess:
        return 0


def refuse_fast(trial: Trial, *, some_fit: bool = False) -> None:
    """While nothing can be stored, many at once are told so soon, with Retry-After, and no threads pile up.

    ``some_fit``: small rows may still find room, and are then acknowledged.
    """
    wait_until(lambda: track(trial)[0] == 503, "requests are refused")
    end, took, most = time.monotonic() + trial.seconds, [], 0
    with ThreadPoolExecutor(AT_ONCE) as clients:
        while time.monotonic() < end:
            for status, headers, body, seconds in clients.map(lambda _: track(trial), range(AT_ONCE)):
                if some_fit and status == 200:
                    continue
                if status != 503 or int(headers.get("Retry-After", 0)) <= 0:
                    raise AssertionError(f"In an outage a request was answered {status} {body!r}.")
                took.append(seconds)
            most = max(most, *map(threads_of, trial.server.children(recursive=True)))
    took = sorted(took) or [0.0]
    say(
        f"  {len(took)} requests refused, median {took[len(took) // 2]:.2f} s, slowest {took[-1]:.2f} s; {most} threads"
    )
    if took[-1] > 1.0 * trial.patience:
        raise AssertionError(f"A refusal took {took[-1]:.1f} s.")
    if most > AT_ONCE + 40:
        raise AssertionError(f"A process has {most} threads.")


def recover(trial: Trial) -> None:
    """Batches are taken in again, soon and without anybody's doing, and the worker works."""
    took = wait_until(lambda: track(trial)[0] == 200, "requests are answered", seconds=10 * trial.patience)
    say(f"  back after {took:.1f} s")
    wait_for_batches(trial.ledger, 2)
    work_goes_on(trial)


def kill_worker(trial: Trial) -> None:
    """SIGKILL to the worker that `serve` keeps."""
    wait_until(lambda: worker_of(trial) is not None, "there is a worker")
    killed = worker_of(trial)
    killed.kill()
    took = wait_until(lambda: worker_of(trial) not in {None, killed}, "it is started again", seconds=60)
    say(f"  started again after {took:.1f} s")
    work_goes_on(trial)
    # The server reports every ten seconds.
    wait_until(
        lambda: b"engage_worker_restarts 0.0" not in ask(trial, "GET", "/metrics")[2],
        "the restart is told",
        seconds=20,
    )


def stop_database(trial: Trial) -> None:
    """PostgreSQL dies and cannot be started."""
    with unstartable(trial.data_dir):
        kill_postgres(trial.data_dir)
        refuse_fast(trial)
        status, _, body, _ = ask(trial, "GET", "/readyz")
        if status != 503:
            raise AssertionError(f"/readyz says {status} {body!r} without a database.")
        if b"engage_database_up 0.0" not in ask(trial, "GET", "/metrics")[2]:
            raise AssertionError("/metrics does not say that the database is away.")
    recover(trial)


def fill_disk(trial: Trial) -> None:
    """Not a byte is left for tables."""
    with filled(disk_of(trial)):
        refuse_fast(trial, some_fit=True)
        if b"engage_disk_nearly_full 1.0" not in ask(trial, "GET", "/metrics")[2]:
            raise AssertionError("/metrics does not say that the disk is full.")
    recover(trial)


def fill_log(trial: Trial) -> None:
    """Not a byte is left for the write-ahead log: PostgreSQL stops in the middle of its work."""
    postmaster = psutil.Process(int((trial.data_dir / "postgres" / "postmaster.pid").read_text().split()[0]))
    with filled(disk_of(trial)):
        for _ in range(100):
            if not switch_log():
                break
        refuse_fast(trial, some_fit=True)
    say(f"  the server {'stayed' if postmaster.is_running() else 'died of it'}")
    recover(trial)


def switch_log() -> bool:
    """Make PostgreSQL begin another segment of its log; False where it no longer answers."""
    from django.db import Error, connection

    from engage_server.tenancy.scope import shared_scope

    try:
        with shared_scope(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_logical_emit_message(true, 'x', 'x'), pg_switch_wal()")
    except Error:
        connection.close()
        return False
    return True


def keep_log_small() -> None:
    """By default PostgreSQL keeps more of its log than our disk is large."""
    from django.db import connection

    from engage_server.tenancy.scope import shared_scope

    with shared_scope(), connection.cursor() as cursor:
        cursor.execute("ALTER SYSTEM SET max_wal_size = '64MB'")
        cursor.execute("SELECT pg_reload_conf()")


DRILLS: Final[dict[str, Callable[[Trial], None]]] = {
    "worker-killed": kill_worker,
    "database-away": stop_database,
    "disk-full": fill_disk,
    "log-full": fill_log,
}
NEED_A_DISK: Final = frozenset({"disk-full", "log-full"})


def disk_of(trial: Trial) -> Path:
    """Where the trial's data directory lies."""
    return trial.data_dir.parent


@contextmanager
def unstartable(data_dir: Path) -> Iterator[None]:
    """PostgreSQL cannot be started again while the block runs."""
    main = data_dir / "postgres" / "postgresql.conf"
    sound = main.read_text()
    main.write_text(f"{sound}\nno_such_setting = 1\n")
    try:
        yield
    finally:
        main.write_text(sound)


@contextmanager
def trial(disk: Path | None, *, seconds: float, patience: float, said: Path) -> Iterator[Trial]:
    """A server that works, and clients that send to it, until the block ends; then what is stored is compared."""
    with own_database(disk) as data_dir:
        from engage_server.operations.tenants import onboard
        from tests.bench.serving import free_port, start
        from tests.end_to_end.recomputation import fill, states

        os.environ["ENGAGE_LOG_LEVEL"] = "INFO"  # of the processes that are started from here on
        keep_log_small()
        made = onboard(slug="chaos", name="Chaos", domain="chaos.localhost", timezone="UTC")
        fill(made.tenant, score=9, days=DAYS)
        ledger, port = Ledger(), free_port()
        with said.open("wb") as log:
            server = start(port=port, workers=1, beside=True, said=log)
        clients = [
            threading.Thread(
                target=send_until_stopped,
                args=(ledger,),
                kwargs={"client": client, "port": port, "key": made.ingest_key, "pause_s": PAUSE_S},
            )
            for client in range(CLIENTS)
        ]
        running = Trial(
            data_dir=data_dir, server=server, port=port, key=made.ingest_key, tenant=made.tenant, ledger=ledger,
            seconds=seconds, patience=patience,
        )  # fmt: skip
        try:
            wait_until(lambda: answers(port), "the server answers")
            for client in clients:
                client.start()
            wait_for_batches(ledger, 2)
            yield running
        finally:
            ledger.stop.set()
            for client in clients:
                if client.ident is not None:
                    client.join()
            server.terminate()
            server.wait(timeout=90)
        rows = [row for row in stored(made.tenant) if row[0].startswith("c")]
        compare(ledger, rows)
        if given_up := {state: n for state, n in states().items() if state in {"FAILED", "QUARANTINED"}}:
            raise AssertionError(f"Runs were given up: {given_up}.")


def run(names: list[str], *, seconds: float, patience: float) -> tuple[int, list[str]]:
    """Do these drills in turn; return how many events were acknowledged, and what was skipped and why."""
    skipped: list[str] = []
    with ExitStack() as stack:
        disk: Path | None = None
        if NEED_A_DISK & set(names):
            try:
                disk = stack.enter_context(small_disk(DISK_MB))
            except CannotMountError as error:
                skipped = [f"{name}: {error}" for name in names if name in NEED_A_DISK]
                names = [name for name in names if name not in NEED_A_DISK]
        said = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "said"
        try:
            running = stack.enter_context(trial(disk, seconds=seconds, patience=patience, said=said))
            for name in names:
                say(f"drill {name} ({running.ledger.batches} batches acknowledged)")
                DRILLS[name](running)
        except BaseException:
            say("The server's last words:\n" + "\n".join(said.read_text().splitlines()[-40:]))
            raise
    return len(running.ledger.acknowledged), skipped


def main() -> None:
    """Do the drills that were asked for; end with an error if anything is not as promised."""
    parser = argparse.ArgumentParser(prog="make chaos-operations", description=__doc__)
    parser.add_argument("--drills", nargs="+", choices=list(DRILLS), default=list(DRILLS))
    parser.add_argument("--seconds", type=float, default=60, help="how long each outage lasts")
    parser.add_argument(
        "--patience", type=float, default=1, help="factor on the limits of time, for busy machines"
    )
    options = parser.parse_args()
    events, skipped = run(options.drills, seconds=options.seconds, patience=options.patience)
    for reason in skipped:
        Console().print(f"skipped {reason}")
    Console().print(f"{events} events acknowledged, every one stored once and as sent; no run was given up.")


if __name__ == "__main__":
    main()
