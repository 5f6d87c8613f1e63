"""Work in the background that no schedule calls for. Packages above the engine register theirs when they start."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Final

from django.db import DatabaseError, InterfaceError, close_old_connections, connection

from engage_server.engine.exceptions import EngineError
from engage_server.tenancy.background import in_background
from engage_server.tenancy.scope import TenantRef

LOOK_EVERY_S: Final = 2.0
log = logging.getLogger("engage.engine")


@dataclass(frozen=True, slots=True)
class Chore:
    """``tenants`` says who needs it now, outside any scope; ``work`` does it for one, until done or told to stop.

    Several workers do the same chore at once: what one is at, the others have to leave alone.
    """

    name: str
    every_s: float
    tenants: Callable[[], Sequence[TenantRef]]
    work: Callable[[TenantRef, threading.Event], None]


_chores: Final[dict[str, Chore]] = {}


def register(chore: Chore) -> None:
    """Have the workers do it.

    Raises:
        EngineError: another chore has the name.
    """
    if _chores.setdefault(chore.name, chore) is not chore:
        raise EngineError(f"The chore {chore.name!r} has two owners. Remedy: give one another name.")


def do_forever(stop: threading.Event) -> None:
    """Do each chore in its turn until told to stop. A database that is away is waited for, not died of."""
    due = dict.fromkeys(_chores, 0.0)
    while not stop.wait(LOOK_EVERY_S):
        close_old_connections()
        for chore in _chores.values():
            if time.monotonic() >= due[chore.name] and not stop.is_set():
                do(chore, stop)
                due[chore.name] = time.monotonic() + chore.every_s
    connection.close()


def do(chore: Chore, stop: threading.Event) -> None:
    """Do a chore for every tenant that needs it; one tenant's trouble is not another's."""
    try:
        tenants = chore.tenants()
    except (DatabaseError, InterfaceError) as error:
        log.warning("%s waits for the database: %s", chore.name, error, extra={"action": "chore_failed"})
        connection.close()
        return
    for tenant in tenants:
        if stop.is_set():
            return
        try:
            chore.work(tenant, stop)
        except (DatabaseError, InterfaceError) as error:
            # The kind alone: the database quotes the rows that it stumbles over.
            log.warning(
                "%s of %s is tried again: %s.", chore.name, tenant.slug, type(error).__name__,
                extra={"action": "chore_failed", "tenant": tenant.slug},
            )  # fmt: skip
            connection.close()


def doing_chores() -> AbstractContextManager[None]:
    """Do chores in the background while the block runs."""
    return in_background(do_forever, name="chores")
