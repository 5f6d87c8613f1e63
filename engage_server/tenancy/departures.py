"""Has each web process forget the tenants that are being moved, or have just left, within a second.

What a process remembers of a verified key holds for four seconds. The tables of such a tenant refuse every write by
themselves (``engage_server.tenancy.freezing``); this keeps it from being read, and tells clients the right reason.
"""

import threading
import time
from collections.abc import Callable, Iterable
from typing import Any, Final

from django.db import connection

from engage_server.tenancy.database_errors import DATABASE_ERRORS, is_passing
from engage_server.tenancy.scope import shared_scope
from engage_server.tenancy.tenant_cache import NO_TENANT, invalidate_tenant

Wsgi = Callable[..., Iterable[bytes]]
LOOK_EVERY_S: Final = 0.5
# A minute: a process that looks at all looks twice a second.
LOOK: Final = """
    SELECT id FROM tenancy_tenant WHERE status = 'MOVING'
    UNION SELECT tenant_id FROM tenancy_move
    WHERE step IN ('ARRIVED', 'LEFT') AND changed_at > clock_timestamp() - interval '1 minute'
"""


class Departures:
    """The tenants that are not to be remembered. One thread looks; meanwhile the others go by what is known."""

    def __init__(self) -> None:
        self._due = 0.0
        self._known: frozenset[int] = frozenset()
        self._lock = threading.Lock()

    def notice(self) -> None:
        """Look, where it is time, and forget what is new."""
        if time.monotonic() < self._due or not self._lock.acquire(blocking=False):
            return
        try:
            self._due = time.monotonic() + LOOK_EVERY_S
            self._forget(_look())
        except DATABASE_ERRORS as error:
            connection.close()
            if not is_passing(error):
                raise
        finally:
            self._lock.release()

    def _forget(self, found: frozenset[int]) -> None:
        # Those that are there again as well: that a host is nobody's may have been remembered meanwhile.
        changed = found ^ self._known
        self._known = found
        for tenant in changed:
            invalidate_tenant(tenant)
        if changed:
            invalidate_tenant(NO_TENANT)


def with_departures_noticed(application: Wsgi) -> Wsgi:
    """The application, after a look at what is being moved."""
    departures = Departures()

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        departures.notice()
        return application(environ, start_response)

    return answer


def _look() -> frozenset[int]:
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute(LOOK)
        return frozenset(tenant for (tenant,) in cursor.fetchall())
