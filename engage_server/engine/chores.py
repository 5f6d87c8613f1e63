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
    """Do each chore in its turn until told to stop."""
    due = dict.fromkeys(_chores, 0.0)

    def do_those_due() -> None:
        for chore in _chores.values():
            if time.monotonic() >= due[chore.name] and not stop.is_set():
                do(chore, stop)
                due[chore.name] = time.monotonic() + chore.every_s

    keep_doing(do_those_due, stop, name="chores", every_s=LOOK_EVERY_S)


def do(chore: Chore, stop: threading.Event) -> None:
    """Do a chore for every tenant that needs it; one tenant's trouble is not another's, an outage is everybody's.

    Raises:
        DatabaseError, InterfaceError: the database is away, or the chore could not even ask who needs it.
    """
    for tenant in chore.tenants():
        if stop.is_set():
            return
        try:
            chore.work(tenant, stop)
        except (DatabaseError, InterfaceError) as error:
            connection.close()
            if is_outage(error):
                raise
            # The kind alone: the database quotes the rows that it stumbles over.
            log.warning(
                "%s of %s is tried again: %s.", chore.name, tenant.slug, type(error).__name__,
                extra={"action": "chore_failed", "tenant": tenant.slug},
            )  # fmt: skip


def doing_chores() -> AbstractContextManager[None]:
    """Do chores in the background while the block runs."""
    return in_background(do_forever, name="chores")
