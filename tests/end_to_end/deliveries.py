"""Messages put into outboxes, workers that are killed while they send them, and what must hold afterwards."""

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from subprocess import Popen
from typing import Final

from django.db import connections, transaction

from engage_server.automation import outbox
from engage_server.automation.messages import Message
from engage_server.automation.models import Delivery
from engage_server.operations import channels
from engage_server.tenancy.scope import TenantRef, tenant_scope
from tests.automation.receivers import Receiver
from tests.end_to_end.processes import running

KEY: Final = "sealing-key-of-the-tests"
EVERY_DATABASE: Final = 3
FAST: Final = {
    "ENGAGE_DISPATCH_INTERVAL_S": "5",
    "ENGAGE_LOG_LEVEL": "ERROR",
    "ENGAGE_SEALING_KEYS": KEY,
    "ENGAGE_DELIVERY_NETWORKS": "127.0.0.0/8",
    "ENGAGE_DELIVERY_HTTP": "1",
    "ENGAGE_DELIVERY_LEASE_S": "2",
    "ENGAGE_DELIVERIES_PER_MINUTE": "100000",
}


def fill(tenants: Sequence[TenantRef], receiver: Receiver, *, messages: int) -> set[str]:
    """Put so many messages for the receiver into each tenant's outbox; return their keys."""
    keys: set[str] = set()
    for tenant in tenants:
        with tenant_scope(tenant), transaction.atomic():
            body = {"kind": "WEBHOOK", "url": receiver.url, "per_minute": 6_000}
            number = channels.create_channel("Hook", body).channel.number
            written = [Message("x", "x", "", {"tenant": tenant.slug, "n": n}) for n in range(messages)]
            keys |= {str(one.key) for one in outbox.put(number, written, cause="test")}
    return keys


def deliver_through(
    kills: int,
    tenants: Sequence[TenantRef],
    receiver: Receiver,
    expected: set[str],
    *,
    kill_database: Callable[[], None] | None = None,
) -> None:
    """Kill a worker so often while it sends, then let one finish.

    Args:
        kills: how many there are in all.
        tenants: whose outboxes were filled.
        receiver: where the messages come.
        expected: keys of all messages.
        kill_database: called instead, the first time and every third after; the worker lives on.

    Raises:
        AssertionError: a kill came too late to prove anything, or it does not get done.
    """
    struck = 0
    while struck < kills:
        with running("worker", **FAST) as worker:
            while struck < kills:
                enough = (struck + 1) * len(expected) // (kills + 2)
                _wait_until(lambda: len(set(receiver.keys)) >= enough, worker)  # noqa: B023  # called before the next round
                struck += 1
                if kill_database is None or struck % EVERY_DATABASE != 1:
                    break
                kill_database()
    assert len(set(receiver.keys)) < len(expected), "the last kill came too late to prove anything"
    connections.close_all()  # this process's own connection was killed along with the others
    with running("worker", **FAST) as worker:
        _wait_until(lambda: all(map(_is_done, tenants)), worker)


def assert_each_came_with_one_content(receiver: Receiver, expected: set[str]) -> int:
    """Every key came, none with two contents; return how many repeats there were."""
    contents: dict[str, set[bytes]] = defaultdict(set)
    for headers, body in list(receiver.received):
        contents[headers["webhook-id"]].add(body)
    assert contents.keys() == expected
    assert {len(of_key) for of_key in contents.values()} == {1}
    return len(receiver.received) - len(expected)


def _is_done(tenant: TenantRef) -> bool:
    with tenant_scope(tenant):
        return not Delivery.objects.exclude(state=Delivery.State.SENT).exists()


def _wait_until(condition: Callable[[], bool], worker: Popen[bytes], seconds: float = 600) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert worker.poll() is None, "the worker died by itself"
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.05)
