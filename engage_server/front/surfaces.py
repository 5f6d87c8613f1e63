"""How requests are received, by path: how long their bodies may be, and where their keys stand."""

from typing import Final

from django.conf import settings
from django.core.handlers.wsgi import get_path_info
from django.http.cookie import parse_cookie

from engage_server.access.authentication import recognised_session, recognised_tenant
from engage_server.access.middleware import DASHBOARD, PEOPLE
from engage_server.access.models import ApiKey
from engage_server.api.requests import MAX_BODY
from engage_server.front.application import Surface
from engage_server.front.calls import Environ
from engage_server.ingest.imports.uploads import MOST_PART_BYTES
from engage_server.ingest.keys import address_key, key_in
from engage_server.ingest.limits import MAX_BODY_BYTES
from engage_server.ingest.wsgi import is_tracking

GRAPHQL: Final = "/graphql"
UPLOADS: Final = "/graphql/imports/"
FROM_OUR_PAGE: Final = "HTTP_X_CSRFTOKEN"
READERS: Final = (ApiKey.Kind.QUERY, ApiKey.Kind.ADMIN)


def surface_of(environ: Environ) -> Surface:
    """How this request is received."""
    path = get_path_info(environ)
    if environ["REQUEST_METHOD"] == "OPTIONS":
        return PREFLIGHT
    if is_tracking(path):
        return TRACKING
    if path == GRAPHQL:
        return QUERIES
    if path.startswith(UPLOADS):
        return PARTS
    if path.startswith(DASHBOARD):
        return VIEWS
    return PEOPLES if path.startswith(PEOPLE) else OTHERS


def _sender(environ: Environ) -> int | None:
    key = key_in(environ.get("HTTP_AUTHORIZATION", ""))
    return recognised_tenant(key, ApiKey.Kind.INGEST, host=_host(environ)) if key else None


def _has_sender(environ: Environ) -> bool:
    return bool(key_in(environ.get("HTTP_AUTHORIZATION", "")) or address_key(get_path_info(environ)))


def _reader(environ: Environ) -> int | None:
    scheme, _, key = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() == "bearer":
        return recognised_tenant(key.strip(), *READERS, host=_host(environ))
    if FROM_OUR_PAGE not in environ:  # another site's page may have the browser send the cookie, and no token
        return None
    session = parse_cookie(environ.get("HTTP_COOKIE", "")).get(settings.SESSION_COOKIE_NAME)
    return recognised_session(session, host=_host(environ)) if session else None


def _host(environ: Environ) -> str:
    host: str = environ.get("HTTP_HOST") or environ["SERVER_NAME"]
    name, colon, port = host.rpartition(":")
    return (name if colon and port.isdigit() else host).lower()


TRACKING: Final = Surface(
    most=MAX_BODY_BYTES, has_key=_has_sender, recognise=_sender, is_of_tenants=True, lane="tracking"
)
QUERIES: Final = Surface(
    # What opens stands in the header always, so that without it no body is read.
    most=MAX_BODY,
    has_key=lambda environ: True,
    recognise=_reader,
    is_of_tenants=True,
    lane="queries",
)
PARTS: Final = Surface(
    most=MOST_PART_BYTES, has_key=lambda environ: True, recognise=_reader, is_of_tenants=True, lane="queries"
)
PREFLIGHT: Final = Surface(most=0, lane="preflight")
# They bear an answer of the API, so that a tenant's threads make them.
VIEWS: Final = Surface(most=settings.DATA_UPLOAD_MAX_MEMORY_SIZE, is_of_tenants=True, lane="people")
PEOPLES: Final = Surface(most=settings.DATA_UPLOAD_MAX_MEMORY_SIZE, lane="people")
OTHERS: Final = Surface(most=settings.DATA_UPLOAD_MAX_MEMORY_SIZE, lane="others")
