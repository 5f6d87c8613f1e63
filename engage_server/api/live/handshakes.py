"""Who opens a WebSocket: the key of its first message or its header, or the session of a page that may act by it."""

from collections.abc import Mapping
from typing import Any, Final

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest

from engage_server.access.exceptions import ForeignPageError, MissingKeyError
from engage_server.access.principal import Principal
from engage_server.api.cookies import has_session
from engage_server.api.cors import acts
from engage_server.api.live.credentials import Credential
from engage_server.api.requests import host_of, key_of, refused_as_requests

NAMES: Final = ("authorization", "Authorization")
PLAIN: Final = {"ws": "http", "wss": "https"}


def recognise(environ: Mapping[str, Any], payload: Mapping[str, Any]) -> tuple[Credential, Principal]:
    """The credential of a handshake and the payload of ``connection_init``, and for whom it stands.

    A browser sends the session's cookie along from any page's script, but also that page's origin, which has to be the
    server's own, or one that the tenant lets act: changes are made by WebSocket too, and other pages that a tenant names
    may read and track, but not act for whoever looks at them.

    Raises:
        RequestError: 400, 401 or 403.
        OperationalError, InterfaceError: the database does not answer.
    """
    given = next((payload[name] for name in NAMES if isinstance(payload.get(name), str)), None)
    request = WSGIRequest({**environ, **({} if given is None else {"HTTP_AUTHORIZATION": given})})
    with refused_as_requests():
        key, host = key_of(request), host_of(request)
        if key:
            credential = Credential(key, host)
            return credential, credential.principal()
        if key is None and has_session(request):
            credential = Credential(request.COOKIES[settings.SESSION_COOKIE_NAME], host, is_session=True)
            principal = credential.principal()
            _require_own_page(request)
            return credential, principal
        raise MissingKeyError(
            "The connection carries no key. Remedy: send "
            '{"type": "connection_init", "payload": {"authorization": "Bearer <query key>"}}.'
        )


def _require_own_page(request: WSGIRequest) -> None:
    origin = request.headers.get("Origin", "")
    scheme = PLAIN.get(request.scheme or "", request.scheme)
    if origin != f"{scheme}://{request.get_host()}" and not acts(request):
        raise ForeignPageError(
            f"The connection has a session's cookie, but comes from a page of {origin or 'no origin'}. "
            "Remedy: send a key in the payload of connection_init."
        )
