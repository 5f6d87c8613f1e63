"""Work in the background that no schedule calls for. Packages above the engine register theirs when they start."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Final

from django.db import DatabaseError, InterfaceError, connection

from engage_server.engine.exceptions import EngineError
from engage_server.tenancy.background import in_background, keep_doing
from engage_server.tenancy.database_errors import is_outage
from engage_server.tenancy.scope import TenantRef

LOOK_EVERY_S: Final = 2.0
log = logging.getLogger("engage.engine")


@dataclass(frozen=True, slots=True)
class BackgroundTask:
    """``tenants`` says who needs it now, outside any scope; ``work`` does it for one, until done or told to stop.

    Several workers do the same task at once: what one is at, the others have to leave alone.
    """

    name: str
    every_s: float
    tenants: Callable[[], Sequence[TenantRef]]
    work: Callable[[TenantRef, threading.Event], None]


_tasks: Final[dict[str, BackgroundTask]] = {}


def register(task: BackgroundTask) -> None:
    """Have the workers do it.

    Raises:
        EngineError: another task has the name.
    """
    if _tasks.setdefault(task.name, task) is not task:
        raise EngineError(f"The task {task.name!r} has two owners. Remedy: give one another name.")


def run_tasks(stop: threading.Event) -> None:
    """Do each task in its turn until told to stop."""
    due = dict.fromkeys(_tasks, 0.0)

    def do_those_due() -> None:
        for task in _tasks.values():
            if time.monotonic() >= due[task.name] and not stop.is_set():
                run_task(task, stop)
                due[task.name] = time.monotonic() + task.every_s

    keep_doing(do_those_due, stop, name="tasks", every_s=LOOK_EVERY_S)


def run_task(task: BackgroundTask, stop: threading.Event) -> None:
    """Do a task for every tenant that needs it; one tenant's trouble is not another's, an outage is everybody's.

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


def background_tasks() -> AbstractContextManager[None]:
    """Do tasks in the background while the block runs."""
    return in_background(run_tasks, name="tasks")
