"""Server-sent events: keeps the connection of a subscription and writes to it."""

import asyncio
import json
from typing import Any, Final

from granian._granian import RSGIProtocolClosed

from engage_server.api.exceptions import RequestError
from engage_server.api.live.streams import COMPLETE, KEEP_ALIVE, Kept, next_message, refusal_payload
from engage_server.front.calls import Answer
from engage_server.front.exceptions import CrowdedError
from engage_server.front.limits import KEEP_ALIVE_EVERY_S
from engage_server.front.live.hub import Hub
from engage_server.front.live.subscription import LiveSubscription

OF_A_WHOLE_ANSWER: Final = frozenset({"content-length"})


async def keep(hub: Hub, kept: Kept, begun: Answer, protocol: Any) -> None:
    """Tell the client what happens, until it goes or the subscription ends."""
    try:
        with hub.connections.place() as place:
            place.give_to(kept.opened.tenant.id)
            await _keep(hub, LiveSubscription(kept), begun, protocol)
    except CrowdedError as error:
        refusal = RequestError(f"{error} Remedy: end others.", status=429, code="LIMIT_EXCEEDED")
        _refuse(refusal, begun, protocol)


async def _keep(hub: Hub, subscription: LiveSubscription, begun: Answer, protocol: Any) -> None:
    try:
        hub.add(subscription)
    except RequestError as error:
        _refuse(error, begun, protocol)
        return
    transport = protocol.response_stream(begun.status, _headers(begun))
    gone = asyncio.ensure_future(protocol.client_disconnect())
    gone.add_done_callback(lambda _: subscription.end(None))
    try:
        await transport.send_bytes(begun.body)
        await _tell(hub, subscription, transport)
    except RSGIProtocolClosed:
        pass  # nobody listens any more
    finally:
        hub.remove(subscription)
        gone.cancel()


async def _tell(hub: Hub, subscription: LiveSubscription, transport: Any) -> None:
    coming: asyncio.Task[str | None] | None = None
    try:
        while True:
            coming = coming or asyncio.ensure_future(hub.next_answer(subscription))
            done, _ = await asyncio.wait([coming], timeout=KEEP_ALIVE_EVERY_S)
            if not done:
                await transport.send_str(KEEP_ALIVE)
                continue
            payload, coming = coming.result(), None
            if payload is None:
                break
            await transport.send_str(next_message(payload))
    finally:
        if coming is not None:
            coming.cancel()
    if subscription.reason is not None:
        await transport.send_str(next_message(json.dumps(refusal_payload(subscription.reason))))
    await transport.send_str(COMPLETE)


def _refuse(error: RequestError, begun: Answer, protocol: Any) -> None:
    body = next_message(json.dumps(refusal_payload(error))) + COMPLETE
    protocol.response_bytes(begun.status, _headers(begun), body.encode())


def _headers(begun: Answer) -> list[tuple[str, str]]:
    return [pair for pair in begun.headers if pair[0].lower() not in OF_A_WHOLE_ANSWER]
