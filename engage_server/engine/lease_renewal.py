"""Keeps the leases of a batch of runs while it is worked off, so that a slow run is not taken for a dead one."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.conf import settings
from django.db import connection

from engage_server.engine import ledger
from engage_server.tenancy.background import Outage
from engage_server.tenancy.database_errors import DATABASE_ERRORS


@contextmanager
def renewing(claims: Sequence[ledger.Claim]) -> Iterator[None]:
    """Renew from a second thread, three times a lease; a batch that ends sooner costs no connection."""
    done = threading.Event()

    def keep() -> None:
        outage = Outage("keeper of leases")
        pause = settings.ENGAGE_RUN_LEASE_S / 3
        try:
            while not done.wait(pause):
                try:
                    if not ledger.renew(claims):
                        return
                except DATABASE_ERRORS as error:
                    connection.close()
                    pause = outage.meet(error)
                else:
                    outage.end()
                    pause = settings.ENGAGE_RUN_LEASE_S / 3
        finally:
            connection.close()

    keeper = threading.Thread(target=keep, name=f"leases-{claims[0].run_id}", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        done.set()
        keeper.join()
