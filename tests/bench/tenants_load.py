"""Requests that go on while tenants are migrated: reads and writes of the very table that gets a field.

``-m tests.bench.tenants_load SECONDS MIGRATE...`` asks for so long, then until the command has ended; JSON on stdout.
"""

import json
import random
import subprocess
import sys
import threading
import time
from statistics import quantiles
from typing import Final

import django

django.setup()

from django.db import connection  # noqa: E402  # after the set-up

from engage_server.customers.models import Account  # noqa: E402
from engage_server.tenancy.models import Tenant  # noqa: E402
from engage_server.tenancy.scope import TenantRef, shared_scope, tenant_scope  # noqa: E402

CLIENTS: Final = 2
PAUSE_S: Final = 0.01


class Client(threading.Thread):
    """Asks one tenant after the other, at random; keeps when each request began and how long it took."""

    def __init__(self, tenants: list[TenantRef], stop: threading.Event, *, seed: int) -> None:
        super().__init__(name=f"client-{seed}")
        self.taken: list[tuple[float, float]] = []
        self._tenants, self._ended, self._chance = tenants, stop, random.Random(seed)

    def run(self) -> None:
        """Until told to stop; an error ends it, and is missed in the figures."""
        number = 0
        while not self._ended.wait(PAUSE_S):
            number += 1
            began = time.monotonic()
            with tenant_scope(self._chance.choice(self._tenants)):
                Account.objects.create(external_id=f"{self.name} {number}")
                Account.objects.filter(external_id=f"{self.name} {number}").get()
            self.taken.append((began, time.monotonic() - began))
        connection.close()


def main(seconds: float, migrate: list[str]) -> dict[str, float]:
    """p99 without and with the migration, and the longest request beside it, in seconds."""
    with shared_scope():
        tenants = [tenant.ref for tenant in Tenant.objects.all()]
    stop = threading.Event()
    clients = [Client(tenants, stop, seed=seed) for seed in range(CLIENTS)]
    for client in clients:
        client.start()
    time.sleep(seconds)
    migrating = time.monotonic()
    done = subprocess.run(migrate, check=True, stdout=subprocess.PIPE, text=True)
    ended = time.monotonic()
    stop.set()
    for client in clients:
        client.join()
        assert client.taken[-1][0] >= ended - 1, f"{client.name} stopped early"
    # What came before in the command's life is the start of an interpreter.
    begun = ended - json.loads(done.stdout.splitlines()[-1])["migrate_s"]
    taken = [one for client in clients for one in client.taken]
    # The first requests meet cold caches.
    alone = [spent for began, spent in taken if migrating - seconds / 2 < began < migrating]
    beside = [spent for began, spent in taken if began + spent > begun and began < ended]
    return {
        "alone_s": quantiles(alone, n=100)[-1],
        "beside_s": quantiles(beside, n=100)[-1],
        "longest_s": max(beside),
    }


if __name__ == "__main__":
    print(json.dumps(main(float(sys.argv[1]), sys.argv[2:])))  # noqa: T201
