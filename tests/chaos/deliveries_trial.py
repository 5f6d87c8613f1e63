"""The trial of ``tests.chaos.deliveries``: messages, kills and what must hold afterwards."""

from typing import Final

from django.conf import settings
from rich.console import Console

from engage_server.operations.tenants import onboard
from tests.automation.receivers import http_receiver
from tests.end_to_end.deliveries import KEY, assert_each_came_with_one_content, deliver_through, fill

MESSAGES_A_KILL: Final = 40


def survive(*, kills: int) -> None:
    """Kill workers so often while they deliver; the outcome is printed.

    Raises:
        AssertionError: a message was lost, or a key came with two contents.
    """
    settings.ENGAGE_SEALING_KEYS, settings.ENGAGE_DELIVERY_HTTP = [KEY], True
    tenants = [
        onboard(slug=slug, name=slug, domain=f"{slug}.localhost").tenant for slug in ("acme", "globex")
    ]
    with http_receiver(pause_s=0.02) as receiver:
        expected = fill(tenants, receiver, messages=kills * MESSAGES_A_KILL // len(tenants))
        deliver_through(kills, tenants, receiver, expected)
        repeats = assert_each_came_with_one_content(receiver, expected)
    Console().print(
        f"{len(expected)} messages over {kills} kills: each came with one content, {repeats} came again."
    )
