"""The RSGI application: a request is received, its sender found out, and the WSGI application called in a thread.

Order matters: a key in the header is verified before a byte of the body is read, and a key in the body before the
body is opened. Whose request it is decides whose threads it may take.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from engage_server.access.request_tenant import REQUEST_TENANT, TenantFoundError
from engage_server.api.live.streams import LINE, Line
from engage_server.engine.connections import RECEPTION_THREADS
from engage_server.front.asgi import AsgiProtocol, AsgiScope, Receive, Send
from engage_server.front.bodies import Body, Room, Transport
from engage_server.front.calls import (
    Answer,
    Application,
    Environ,
    Scope,
    Unread,
    call,
    environ_of,
    put_body,
    rewind,
)
from engage_server.front.exceptions import BodyNotReceivedError, CrowdedError
from engage_server.front.lanes import Lanes
from engage_server.front.limits import (
    BUSY_RETRY_AFTER_S,
    CLOSED_WITHIN_S,
    UNVERIFIED_BYTES,
    VERIFIED_BYTES,
)
from engage_server.front.live import event_stream
from engage_server.front.live.hub import Hub
from engage_server.front.live.websocket import answer_websocket
from engage_server.front.stopping import call_when_asked, say_before_stopping

GRAPHQL: Final = "/graphql"
CROWDED: Final = "The server has more to do than it can for this sender. Remedy: send the same again."


@dataclass(frozen=True, slots=True)
class Surface:
    """How requests of some paths are received.

    Args:
        most: bytes that a body may have.
        has_key: whether the request, without its body, bears something that opens.
        recognise: the tenant of what it bears, if that was verified a moment ago; asks no database.
        is_of_tenants: whether a tenant answers it; if not, it is answered at the reception.
        lane: the lane of requests that are nobody's.
    """

    most: int
    has_key: Callable[[Environ], bool] = lambda environ: False
    recognise: Callable[[Environ], int | None] = lambda environ: None
    is_of_tenants: bool = False
    lane: str = ""


class Front:
    """Answers requests with a WSGI application, whose threads no sender can hold all.

    Args:
        application: gets whole bodies only; raises ``TenantFoundError`` where it is asked for a first look.
        surface_of: how a request is received.
        threads: requests that are answered at once.
    """

    def __init__(
        self, application: Application, *, surface_of: Callable[[Environ], Surface], threads: int
    ) -> None:
        self._application = application
        self._surface_of = surface_of
        self._reception = Lanes(threads=RECEPTION_THREADS, share=1, name="reception")
        self._tenants = Lanes(threads=threads, share=3, name="tenant")
        self._verified = Room(VERIFIED_BYTES)
        self._unverified = Room(UNVERIFIED_BYTES)
        self._hub = Hub(reception=self._reception, tenants=self._tenants)
        self._says_goodbye = False

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """End the subscriptions as soon as the process is asked to stop: the server waits until all answers ended."""
        call_when_asked(loop, self._hub.close)

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Let the calls end that are under way; those that are told what happens come again to another process."""
        self._hub.close()
        self._tenants.close()
        self._reception.close()

    async def __rsgi__(self, scope: Scope, protocol: Any) -> None:
        """Answer one request."""
        environ = environ_of(scope)
        environ[LINE] = line = Line()
        body = _body(environ, protocol, is_chunked=scope.headers.get("transfer-encoding") is not None)
        try:
            answer = await self._answer(environ, self._surface_of(environ), body)
        except CrowdedError:
            answer = _crowded()
        if line.kept is not None:
            await event_stream.keep(self._hub, line.kept, answer, protocol)
        elif body is None or body.is_over:
            protocol.response_bytes(answer.status, answer.headers, answer.body)
        else:
            await _answer_before_the_end(answer, body, protocol)

    async def asgi(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        """The same as an ASGI application, which also takes WebSockets."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        if scope["type"] == "websocket":
            environ = environ_of(AsgiScope(scope))
            if environ["PATH_INFO"] == GRAPHQL:
                if not self._says_goodbye:
                    self._says_goodbye = True
                    say_before_stopping(asyncio.get_running_loop(), self._say_goodbye)
                with self._hub.conversation():
                    await answer_websocket(self._hub, environ, scope["subprotocols"], receive, send)
            else:
                await send({"type": "websocket.close"})
            return
        head = AsgiScope(scope)
        protocol = AsgiProtocol(receive, send, declared=head.body_length)
        await self.__rsgi__(head, protocol)
        await protocol.end()

    async def _live(self, receive: Receive, send: Send) -> None:
        loop = asyncio.get_running_loop()
        await receive()  # that the process starts
        self.__rsgi_init__(loop)
        await send({"type": "lifespan.startup.complete"})
        await receive()  # that it stops
        self.__rsgi_del__(loop)
        await send({"type": "lifespan.shutdown.complete"})

    async def _say_goodbye(self) -> None:
        self._hub.close()
        await self._hub.silence(within_s=CLOSED_WITHIN_S)

    async def _answer(self, environ: Environ, surface: Surface, body: Body | None) -> Answer:
        tenant = surface.recognise(environ)
        if tenant is None and surface.has_key(environ):
            found = await self._look(environ, f"{surface.lane} by key")
            if isinstance(found, Answer):
                return found
            tenant = found
        if body is None:
            return await self._go_on(environ, surface, tenant)
        room = self._unverified if tenant is None else self._verified
        with room.place() as place:
            try:
                put_body(environ, await body.receive(most=surface.most, room=room, place=place))
            except BodyNotReceivedError as error:
                environ["wsgi.input"] = Unread(str(error))
            return await self._go_on(environ, surface, tenant)

    async def _go_on(self, environ: Environ, surface: Surface, tenant: int | None) -> Answer:
        """The answer to a request whose body, if it has one, has come."""
        if tenant is None and surface.is_of_tenants:
            found = await self._look(environ, surface.lane)
            if isinstance(found, Answer):
                return found
            tenant = found
        if tenant is None:
            return await self._reception.run(surface.lane, partial(call, self._application, environ))
        return await self._tenants.run(tenant, partial(call, self._application, environ))

    async def _look(self, environ: Environ, lane: str) -> Answer | int:
        """Whose request it is, or the answer to one that is nobody's."""
        return await self._reception.run(lane, partial(_look, self._application, environ))


async def _answer_before_the_end(answer: Answer, body: Body, protocol: Any) -> None:
    """Answer a request whose body was refused, and read what is left of that before the answer ends.

    Told its length, the client would have the answer whole at once and the server close the connection in the middle of
    what it still sends.
    """
    headers = [pair for pair in answer.headers if pair[0].lower() != "content-length"]
    transport = protocol.response_stream(answer.status, headers)
    await transport.send_bytes(answer.body)
    await body.drain()


def _body(environ: Environ, transport: Transport, *, is_chunked: bool) -> Body | None:
    if is_chunked:
        return Body(transport, declared=None)
    declared = int(environ.get("CONTENT_LENGTH") or 0)
    return Body(transport, declared=declared) if declared else None


def _look(application: Application, environ: Environ) -> Answer | int:
    environ[REQUEST_TENANT] = True
    try:
        return call(application, environ)
    except TenantFoundError as found:
        rewind(environ)
        return found.tenant
    finally:
        del environ[REQUEST_TENANT]


def _crowded() -> Answer:
    # Whichever of our dialects the client speaks, it finds what it looks for.
    told = {
        "code": 503,
        "message": CROWDED,
        "error": CROWDED,
        "detail": CROWDED,
        "errors": [{"message": CROWDED, "extensions": {"code": "UNAVAILABLE"}}],
    }
    headers = [
        ("Content-Type", "application/json"),
        ("Retry-After", str(BUSY_RETRY_AFTER_S)),
        ("Access-Control-Allow-Origin", "*"),
    ]
    return Answer(503, headers, json.dumps(told).encode())
