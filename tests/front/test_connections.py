"""Connections that last are bounded, end when nothing is asked by them, and greet without keeping others waiting."""

import asyncio
import json
import threading
from contextlib import ExitStack
from typing import Any

import pytest

from engage_server.access.principal import Permission, Principal
from engage_server.api.live.credentials import Credential
from engage_server.front.exceptions import CrowdedError
from engage_server.front.lanes import Lanes
from engage_server.front.limits import (
    MOST_KEPT_CONNECTIONS,
    MOST_KEPT_CONNECTIONS_OF_A_TENANT,
    MOST_UNKNOWN_CONNECTIONS,
)
from engage_server.front.live import hub as hubs
from engage_server.front.live import websocket
from engage_server.front.live.connections import Connections
from engage_server.front.live.hub import Hub
from engage_server.front.live.look import Looked
from engage_server.tenancy.scope import TenantRef


def fill(connections: Connections, held: ExitStack, *, tenant: int) -> None:
    for _ in range(MOST_KEPT_CONNECTIONS_OF_A_TENANT):
        held.enter_context(connections.place()).give_to(tenant)


def test_a_tenant_that_has_all_its_connections_takes_none_of_anothers() -> None:
    connections = Connections()
    with ExitStack() as held:
        fill(connections, held, tenant=1)
        with connections.place() as one, pytest.raises(CrowdedError, match="this tenant"):
            one.give_to(1)
        with connections.place() as other:
            other.give_to(2)
    with connections.place() as again:
        again.give_to(1)


def test_those_who_say_nothing_have_few_and_all_together_fewer_than_a_process_takes() -> None:
    connections = Connections()
    with ExitStack() as held:
        for _ in range(MOST_UNKNOWN_CONNECTIONS):
            held.enter_context(connections.place())
        with pytest.raises(CrowdedError), connections.place():
            pass
    with ExitStack() as held:
        for tenant in range(MOST_KEPT_CONNECTIONS // MOST_KEPT_CONNECTIONS_OF_A_TENANT):
            fill(connections, held, tenant=tenant)
        for _ in range(MOST_KEPT_CONNECTIONS % MOST_KEPT_CONNECTIONS_OF_A_TENANT):
            held.enter_context(connections.place()).give_to(99)
        with pytest.raises(CrowdedError), connections.place():
            pass


async def conversation(hub: Hub, *, ping_every_s: float | None = None) -> list[dict[str, Any]]:
    """What a client is sent who greets, pings if it is to, and asks for nothing."""
    sent: list[dict[str, Any]] = []
    greeted = False

    async def receive() -> dict[str, Any]:
        nonlocal greeted
        if not greeted:
            greeted = True
            return {"type": "websocket.receive", "text": json.dumps({"type": "connection_init"})}
        await (asyncio.sleep(ping_every_s) if ping_every_s else asyncio.Future())
        return {"type": "websocket.receive", "text": json.dumps({"type": "ping"})}

    async def send(message: Any) -> None:
        sent.append(message)

    async with asyncio.timeout(10):
        await websocket.WebSocket(hub, {}, receive, send).serve()
    return sent


@pytest.mark.parametrize("ping_every_s", [None, 0.05])
def test_who_asks_for_nothing_is_hung_up_on_however_often_it_pings(
    monkeypatch: pytest.MonkeyPatch, ping_every_s: float | None
) -> None:
    tenant = TenantRef(id=1, slug="acme", schema="tenant_acme", timezone="UTC")
    known = Credential("x", "acme"), Principal(tenant, "key:x", frozenset({Permission.METRICS_READ}))
    monkeypatch.setattr(websocket, "recognise", lambda environ, payload: known)
    monkeypatch.setattr(websocket, "IDLE_FOR_S", 0.3)

    async def run() -> list[dict[str, Any]]:
        lanes = Lanes(threads=2, share=1, name="idle")
        try:
            return await conversation(Hub(reception=lanes, tenants=lanes), ping_every_s=ping_every_s)
        finally:
            lanes.close()

    sent = asyncio.run(run())
    assert json.loads(sent[0]["text"]) == {"type": "connection_ack"}
    assert sent[-1] == {"type": "websocket.close", "code": 1000, "reason": "Nothing was asked for"}


def test_greetings_that_hang_do_not_keep_the_hub_from_looking(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[None] = []

    def look(tenants: object, credentials: object) -> Looked:
        looked.append(None)
        return Looked((), {})

    monkeypatch.setattr(hubs, "look", look)

    async def run() -> None:
        released = threading.Event()
        lanes = Lanes(threads=3, share=1, name="greetings")
        hub = Hub(reception=lanes, tenants=lanes)
        hanging = [asyncio.ensure_future(hub.greeted(released.wait)) for _ in range(8)]
        await asyncio.sleep(0)
        try:
            async with asyncio.timeout(1):
                await hub._look()
        finally:
            released.set()
            await asyncio.gather(*hanging)
            lanes.close()

    asyncio.run(run())
    assert looked == [None]
