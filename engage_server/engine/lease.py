"""Keeps the leases of a batch of runs while it is worked off, so that a slow run is not taken for a dead one."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.conf import settings
from django.db import connection

from engage_server.engine import ledger


@contextmanager
def leases_kept(claims: Sequence[ledger.Claim]) -> Iterator[None]:
    """Renew from a second thread, three times a lease; a batch that ends sooner costs no connection."""
    done = threading.Event()

    def keep() -> None:
        try:
            while not done.wait(settings.ENGAGE_RUN_LEASE_S / 3):
                if not ledger.renew(claims):
                    return
        finally:
            connection.close()

    keeper = threading.Thread(target=keep, name=f"leases-{claims[0].run_id}", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        done.set()
        keeper.join()
