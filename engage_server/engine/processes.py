"""Each process of an installation says some times a minute that it is there and how it does."""

import os
import signal
import socket
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.db import connection
from django.db.models.functions import Now

from engage_server.activity.rollups import compactor
from engage_server.engine import clock_checks
from engage_server.engine.exceptions import ClockError
from engage_server.engine.models import Process
from engage_server.engine.supervision import Supervisor
from engage_server.tenancy.background import in_background, keep_doing, silent_s
from engage_server.tenancy.clock import in_seconds
from engage_server.tenancy.database_errors import DATABASE_ERRORS, is_passing
from engage_server.tenancy.scope import shared_scope

REPORT_EVERY_S: Final = 10.0
# Former processes stay visible for a day, to those who look into the table.
KEEP_S: Final = 86_400.0


@contextmanager
def reporting(
    kind: Process.Kind, *, connections: int, supervisor: Supervisor | None = None, parent: int | None = None
) -> Iterator[None]:
    """Report while the block runs, and take leave at its end.

    Args:
        kind: what this process does.
        connections: that it may hold to the database.
        supervisor: of the process beside this one.
        parent: a process without which this one has to end.
    """
    process = Process(id=uuid.uuid4(), kind=kind, host=socket.gethostname()[:255], pid=os.getpid())
    process.connections = connections

    def report() -> None:
        if parent is not None and os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGTERM)
        _report(process, supervisor)

    def report_until(stop: threading.Event) -> None:
        keep_doing(report, stop, name="report", every_s=REPORT_EVERY_S)
        _take_leave(process)

    with in_background(report_until, name="report"):
        yield


def _report(process: Process, supervisor: Supervisor | None) -> None:
    process.clock_offset_s = clock_checks.measure()
    if process.kind == Process.Kind.WORKER:
        process.compactor_silent_s = silent_s(compactor.NAME)
        process.rollup_lag_s = compactor.lag_s()
        if abs(process.clock_offset_s) >= clock_checks.REFUSED_S:
            raise ClockError(clock_checks.describe(process.clock_offset_s))
    if supervisor is not None:
        process.restarts, process.last_end = supervisor.restarts(), supervisor.last_end
    values = {
        name: getattr(process, name)
        for name in (
            "kind", "host", "pid", "connections", "clock_offset_s", "restarts", "last_end",
            "compactor_silent_s", "rollup_lag_s",
        )
    }  # fmt: skip
    with shared_scope():
        Process.objects.update_or_create(id=process.id, defaults={**values, "seen_at": Now()})
        Process.objects.filter(seen_at__lt=in_seconds(-KEEP_S)).delete()


def _take_leave(process: Process) -> None:
    """What ends as it should is not missed."""
    try:
        with shared_scope():
            Process.objects.filter(id=process.id).delete()
    except DATABASE_ERRORS as error:
        if not is_passing(error):
            raise
    finally:
        connection.close()
