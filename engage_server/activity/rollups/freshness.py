"""Lets roll-ups be read only where they were brought up to date: readers write nothing, and nobody forgets it.

Who asks several questions asks them in one block, so that each answer knows at least the same events.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from engage_server.activity.exceptions import StaleRollupsError
from engage_server.activity.rollups.compaction import ensure_current
from engage_server.tenancy.scope import current_tenant

_current_for: Final[ContextVar[int | None]] = ContextVar("tenant whose roll-ups are current", default=None)


@contextmanager
def current_rollups() -> Iterator[None]:
    """Take in what was logged before the block; inside, the roll-ups of the tenant in scope answer for it.

    Where nothing waits this is one short statement.
    """
    ensure_current()
    token = _current_for.set(current_tenant().id)
    try:
        yield
    finally:
        _current_for.reset(token)


def require_current() -> None:
    """Go on only inside ``current_rollups()`` of the tenant in scope.

    Raises:
        StaleRollupsError: says where the block is missing.
    """
    if _current_for.get() != current_tenant().id:
        raise StaleRollupsError(
            "Roll-ups are read that nobody brought up to date. Remedy: `with current_rollups():` around the caller, "
            "inside the tenant's scope."
        )
