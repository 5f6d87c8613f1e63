"""The trial of ``tests.chaos.deliveries``: messages, kills and what must hold afterwards."""

from pathlib import Path
from typing import Final

from django.conf import settings
from rich.console import Console

from engage_server.operations.tenants import onboard
from tests.automation.receivers import http_receiver
from tests.chaos.ingest import kill_postgres
from tests.end_to_end.deliveries import (
    EVERY_DATABASE,
    KEY,
    assert_each_came_with_one_content,
    deliver_through,
    fill,
)

MESSAGES_A_KILL: Final = 40


def survive(*, kills: int, data_dir: Path) -> None:
    """Kill workers, and every third time PostgreSQL, so often while they deliver; the outcome is printed.

    Raises:
        AssertionError: a message was lost, or a key came with two contents.
    """
    settings.ENGAGE_SEALING_KEYS, settings.ENGAGE_DELIVERY_HTTP = [KEY], True
    tenants = [
        onboard(slug=slug, name=slug, domain=f"{slug}.localhost", timezone="UTC").tenant
        for slug in ("acme", "globex")
    ]
    with http_receiver(pause_s=0.02) as receiver:
        expected = fill(tenants, receiver, messages=kills * MESSAGES_A_KILL // len(tenants))
        deliver_through(kills, tenants, receiver, expected, kill_database=lambda: kill_postgres(data_dir))
        repeats = assert_each_came_with_one_content(receiver, expected)
    Console().print(
        f"{len(expected)} messages over {kills} kills, {len(range(0, kills, EVERY_DATABASE))} of them of PostgreSQL: "
        f"each came with one content, {repeats} came again."
    )
