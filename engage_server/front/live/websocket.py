"""graphql-transport-ws: the messages of one WebSocket, several operations at once.

The protocol is https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md, its closing codes included.
"""

import asyncio
import json
from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from typing import Any, Final

from engage_server.access.principal import Principal
from engage_server.api.exceptions import RequestError
from engage_server.api.execution import Answer
from engage_server.api.live.credentials import Credential
from engage_server.api.live.handshakes import recognise
from engage_server.api.live.operations import open_message
from engage_server.api.live.streams import refusal_payload
from engage_server.api.requests import MAX_BODY
from engage_server.front.asgi import Receive, Send
from engage_server.front.calls import Environ
from engage_server.front.exceptions import CrowdedError
from engage_server.front.limits import (
    IDLE_FOR_S,
    INIT_WITHIN_S,
    KEEP_ALIVE_EVERY_S,
    LAST_WORDS_WITHIN_S,
    MOST_OPERATIONS_OF_A_CONNECTION,
)
from engage_server.front.live.connections import Place
from engage_server.front.live.hub import Hub
from engage_server.front.live.subscription import LiveSubscription
from engage_server.tenancy.database_errors import DATABASE_UNAVAILABLE, is_passing

SUBPROTOCOL: Final = "graphql-transport-ws"
BAD, UNAUTHORIZED, FORBIDDEN = 4400, 4401, 4403
NOT_ACCEPTABLE, INIT_TOO_LATE, ID_TAKEN, INIT_AGAIN = 4406, 4408, 4409, 4429
NORMAL, GOING_AWAY, TOO_LARGE, TRY_LATER = 1000, 1001, 1009, 1013
REFUSED: Final = (401, 403)  # statuses after which nothing of this connection is answered any more


class ProtocolBrokenError(Exception):
    """The connection is to be closed, with a code and a reason of the protocol."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class WebSocket:
    """One connection, which was accepted; used from the event loop alone."""

    def __init__(self, hub: Hub, environ: Environ, receive: Receive, send: Send) -> None:
        self._hub: Final = hub
        self._environ: Final = environ
        self._receive: Final = receive
        self._send: Final = send
        self._known: tuple[Credential, Principal] | None = None
        self._operations: Final[dict[str, asyncio.Task[None]]] = {}
        self._loop: Final = asyncio.get_running_loop()
        self._broken: Final[asyncio.Future[ProtocolBrokenError]] = self._loop.create_future()
        self._idle_since = self._loop.time()

    async def serve(self) -> None:
        """Answer messages until the client goes, breaks the protocol, or has asked for nothing for long."""
        try:
            with self._hub.connections.place() as place, self._hub.telling_of_end(self._go_away):
                async with asyncio.timeout(INIT_WITHIN_S) as until_init:
                    await self._greet(place)
                    until_init.reschedule(None)
                await self._converse()
        except CrowdedError as error:
            await self._close(ProtocolBrokenError(TRY_LATER, str(error)))
        except TimeoutError:
            await self._close(ProtocolBrokenError(INIT_TOO_LATE, "Connection initialisation timeout"))
        except ProtocolBrokenError as broken:
            await self._close(broken)
        finally:
            for operation in self._operations.values():
                operation.cancel()

    def _go_away(self) -> None:
        if not self._broken.done():
            self._broken.set_result(ProtocolBrokenError(GOING_AWAY, "The server goes away"))

    async def _greet(self, place: Place) -> None:
        message = await self._first()
        if message["type"] != "connection_init":
            raise ProtocolBrokenError(UNAUTHORIZED, "Unauthorized")
        payload = message.get("payload")
        call = partial(recognise, self._environ, payload if isinstance(payload, dict) else {})
        try:
            self._known = await self._hub.greeted(call)
        except RequestError as error:
            code = TRY_LATER if error.status == HTTPStatus.SERVICE_UNAVAILABLE else FORBIDDEN
            raise ProtocolBrokenError(code, _short(str(error))) from None
        except DATABASE_UNAVAILABLE as error:
            if not is_passing(error):
                raise
            raise ProtocolBrokenError(TRY_LATER, "The database does not answer") from None
        place.give_to(self._known[1].tenant.id)
        self._idle_since = self._loop.time()
        await self._say({"type": "connection_ack"})

    async def _first(self) -> Mapping[str, Any]:
        coming = asyncio.ensure_future(self._next())
        try:
            await asyncio.wait((coming, self._broken), return_when=asyncio.FIRST_COMPLETED)
            if not coming.done():
                raise self._broken.result()
            return coming.result()
        finally:
            coming.cancel()

    async def _converse(self) -> None:
        while True:
            coming = asyncio.ensure_future(self._next())
            awaited: list[asyncio.Future[Any]] = [coming, self._broken]
            while not coming.done():
                pause = min(KEEP_ALIVE_EVERY_S, self._may_idle_for_s())
                done, _ = await asyncio.wait(awaited, timeout=pause, return_when=asyncio.FIRST_COMPLETED)
                if self._broken.done():
                    if not coming.cancel():
                        coming.exception()  # it came at the same time; nothing is obeyed any more
                    await self._let_complete()
                    raise self._broken.result()
                if not done and self._may_idle_for_s() <= 0.0:
                    coming.cancel()
                    raise ProtocolBrokenError(NORMAL, "Nothing was asked for")
                if not done:
                    await self._say({"type": "ping"})
            await self._obey(coming.result())

    def _may_idle_for_s(self) -> float:
        return IDLE_FOR_S if self._operations else self._idle_since + IDLE_FOR_S - self._loop.time()

    async def _let_complete(self) -> None:
        """Let operations that ended say so before the connection is closed."""
        if self._broken.result().code == GOING_AWAY and self._operations:
            await asyncio.wait(self._operations.values(), timeout=LAST_WORDS_WITHIN_S)

    async def _obey(self, message: Mapping[str, Any]) -> None:
        match message["type"]:
            case "ping":
                await self._say({"type": "pong"})
            case "pong":
                pass
            case "subscribe":
                await self._subscribe(message)
            case "complete":
                if operation := self._operations.pop(str(message.get("id")), None):
                    operation.cancel()
            case "connection_init":
                raise ProtocolBrokenError(INIT_AGAIN, "Too many initialisation requests")
            case _:
                raise ProtocolBrokenError(BAD, "Invalid message received")

    async def _subscribe(self, message: Mapping[str, Any]) -> None:
        name, payload = message.get("id"), message.get("payload")
        if not isinstance(name, str) or not name or not isinstance(payload, dict):
            raise ProtocolBrokenError(BAD, "Invalid message received")
        if name in self._operations:
            raise ProtocolBrokenError(ID_TAKEN, _short(f"Subscriber for {name} already exists"))
        if len(self._operations) >= MOST_OPERATIONS_OF_A_CONNECTION:
            await self._refuse(name, _too_many())
            return
        operation = self._loop.create_task(self._operate(name, payload))
        self._operations[name] = operation
        operation.add_done_callback(partial(self._forget, name))

    def _forget(self, name: str, operation: "asyncio.Task[None]") -> None:
        if self._operations.get(name) is operation:
            del self._operations[name]
        self._idle_since = self._loop.time()
        if not operation.cancelled():
            operation.result()  # so that what nobody foresaw is logged by the loop

    async def _operate(self, name: str, payload: Mapping[str, Any]) -> None:
        assert self._known is not None  # noqa: S101  # nothing is obeyed before
        credential, greeted = self._known
        try:
            given = await self._hub.in_tenant(greeted.tenant.id, partial(open_message, payload, credential))
        except RequestError as error:
            await self._refuse_for_good(name, error)
            return
        except CrowdedError as error:
            await self._refuse(name, RequestError(str(error), status=503, code="UNAVAILABLE"))
            return
        if isinstance(given, Answer):
            if not given.executed:
                await self._say({"id": name, "type": "error", "payload": given.payload["errors"]})
                return
            await self._say({"id": name, "type": "next", "payload": given.payload})
        elif not await self._tell(name, LiveSubscription(given)):
            return
        await self._say({"id": name, "type": "complete"})

    async def _tell(self, name: str, subscription: LiveSubscription) -> bool:
        """Tell what happens until the end; whether that is to be called complete."""
        try:
            self._hub.add(subscription)
            while (payload := await self._hub.next_answer(subscription)) is not None:
                await self._send_text(f'{{"id":{json.dumps(name)},"type":"next","payload":{payload}}}')
        except RequestError as error:
            subscription.end(error)
        finally:
            self._hub.remove(subscription)
        if subscription.reason is None:
            return True
        if subscription.reason.status in REFUSED:
            await self._refuse_for_good(name, subscription.reason)
        else:
            await self._refuse(name, subscription.reason)
        return False

    async def _refuse_for_good(self, name: str, error: RequestError) -> None:
        await self._refuse(name, error)
        if not self._broken.done():
            self._broken.set_result(ProtocolBrokenError(FORBIDDEN, _short(str(error))))

    async def _refuse(self, name: str, error: RequestError) -> None:
        await self._say({"id": name, "type": "error", "payload": refusal_payload(error)["errors"]})

    async def _next(self) -> Mapping[str, Any]:
        received = await self._receive()
        if received["type"] == "websocket.disconnect":
            # Of a client that went, whom a close no more reaches; and of the server's own end, where this connection came
            # too late to be told before.
            raise ProtocolBrokenError(GOING_AWAY, "The server goes away")
        text = received.get("text")
        if text is None:
            raise ProtocolBrokenError(BAD, "Invalid message received")
        if len(text) > MAX_BODY:
            raise ProtocolBrokenError(TOO_LARGE, "Message too long")
        try:
            message = json.loads(text)
        except (ValueError, RecursionError):
            raise ProtocolBrokenError(BAD, "Invalid message received") from None
        if not isinstance(message, dict) or not isinstance(message.get("type"), str):
            raise ProtocolBrokenError(BAD, "Invalid message received")
        return message

    async def _say(self, message: Mapping[str, Any]) -> None:
        await self._send_text(json.dumps(message))

    async def _send_text(self, text: str) -> None:
        await self._send({"type": "websocket.send", "text": text})

    async def _close(self, broken: ProtocolBrokenError) -> None:
        await self._send({"type": "websocket.close", "code": broken.code, "reason": str(broken)})


async def answer_websocket(
    hub: Hub, environ: Environ, subprotocols: list[str], receive: Receive, send: Send
) -> None:
    """Accept a WebSocket and converse by it; one that does not speak the protocol is told so and closed."""
    await receive()  # that it wants to connect
    offered = {name.strip() for line in subprotocols for name in line.split(",")}
    if SUBPROTOCOL not in offered:
        await send({"type": "websocket.accept"})
        await send(
            {"type": "websocket.close", "code": NOT_ACCEPTABLE, "reason": "Subprotocol not acceptable"}
        )
        return
    await send({"type": "websocket.accept", "subprotocol": SUBPROTOCOL})
    await WebSocket(hub, environ, receive, send).serve()


def _short(reason: str) -> str:
    # A frame that closes has room for 123 bytes beside its code.
    return reason.encode()[:123].decode(errors="ignore")


def _too_many() -> RequestError:
    return RequestError(
        f"A connection has at most {MOST_OPERATIONS_OF_A_CONNECTION} operations. Remedy: complete others.",
        status=429,
        code="LIMIT_EXCEEDED",
    )
