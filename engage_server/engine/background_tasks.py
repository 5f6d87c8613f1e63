"""Work in the background that no schedule calls for. Packages above the engine register theirs when they start."""

import logging
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final

from django.db import DatabaseError, InterfaceError, connection

from engage_server.engine.exceptions import EngineError
from engage_server.tenancy.background import in_background, keep_doing
from engage_server.tenancy.database_errors import is_outage
from engage_server.tenancy.late_registration import load_registrations
from engage_server.tenancy.scope import TenantRef

LOOK_EVERY_S: Final = 2.0
LANE: Final = "tasks"
log = logging.getLogger("engage.engine")


@dataclass(frozen=True, slots=True)
class BackgroundTask:
    """``tenants`` says who needs it now, outside any scope; ``work`` does it for one, until done or told to stop.

    Several workers do the same task at once: what one is at, the others have to leave alone. Tasks of one ``lane`` share a
    thread: one that waits for others, such as receivers of messages, has a lane of its own.
    """

    name: str
    every_s: float
    tenants: Callable[[], Sequence[TenantRef]]
    work: Callable[[TenantRef, threading.Event], None]
    lane: str = LANE


_tasks: Final[dict[str, BackgroundTask]] = {}


def register(task: BackgroundTask) -> None:
    """Have the workers do it.

    Raises:
        EngineError: another task has the name.
    """
    if _tasks.setdefault(task.name, task) is not task:
        raise EngineError(f"The task {task.name!r} has two owners. Remedy: give one another name.")


def lanes() -> frozenset[str]:
    """Whose tasks are done beside each other."""
    load_registrations()
    return frozenset(task.lane for task in _tasks.values()) | {LANE}


def run_tasks(stop: threading.Event, *, lane: str = LANE) -> None:
    """Do each task of a lane in its turn until told to stop."""
    load_registrations()
    tasks = [task for task in _tasks.values() if task.lane == lane]
    due = {task.name: 0.0 for task in tasks}

    def do_those_due() -> None:
        for task in tasks:
            if time.monotonic() >= due[task.name] and not stop.is_set():
                run_task(task, stop)
                due[task.name] = time.monotonic() + task.every_s

    every_s = min((task.every_s for task in tasks), default=LOOK_EVERY_S)
    keep_doing(do_those_due, stop, name=lane, every_s=min(LOOK_EVERY_S, every_s))


def run_task(task: BackgroundTask, stop: threading.Event) -> None:
    """Do a task for every tenant that needs it; one tenant's trouble is not another's, an outage is everybody's.

    Whatever else the work raises is logged with where it happened, and the next tenant has its turn.

    Raises:
        DatabaseError, InterfaceError: the database is away, or the task could not even ask who needs it.
    """
    for tenant in task.tenants():
        if stop.is_set():
            return
        try:
            task.work(tenant, stop)
        except (DatabaseError, InterfaceError) as error:
            connection.close()
            if is_outage(error):
                raise
            # The kind alone: the database quotes the rows that it stumbles over.
            log.warning(
                "%s of %s is tried again: %s.", task.name, tenant.slug, type(error).__name__,
                extra={"action": "chore_failed", "tenant": tenant.slug},
            )  # fmt: skip
        except Exception as error:  # noqa: BLE001 - a defect that one tenant's data shows is not the others' trouble
            # Where it happened, and not what its text says, which may quote the data.
            log.error(
                "%s of %s failed, and is tried again: %s.\n%s", task.name, tenant.slug, type(error).__name__,
                "".join(traceback.format_tb(error.__traceback__)),
                extra={"action": "chore_failed", "tenant": tenant.slug},
            )  # fmt: skip


@contextmanager
def background_tasks() -> Iterator[None]:
    """Do tasks in the background while the block runs, a thread for each lane."""
    with ExitStack() as threads:
        for lane in sorted(lanes()):
            threads.enter_context(in_background(partial(run_tasks, lane=lane), name=lane))
        yield
