"""Reads GraphQL-over-HTTP requests: media types, size, key, body; refuses what is none of them."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest
from django.http.request import MediaType, UnreadablePostError, split_domain_port

from engage_server.access.authentication import authenticate_reader
from engage_server.access.exceptions import AccessError, MissingKeyError
from engage_server.access.middleware import declared_length
from engage_server.access.principal import Principal
from engage_server.api.cookies import cookie_principal, has_session
from engage_server.api.exceptions import RequestError
from engage_server.api.execution import GraphQLRequest
from engage_server.tenancy.exceptions import TenantMovingError, TenantSuspendedError

MAX_BODY: Final = 100 * 1024  # bytes
MAX_QUERY: Final = 32 * 1024  # characters; reading them takes the time, whatever they say
IN_ADDRESS: Final = ("query", "documentId", "operationName", "variables", "extensions")
# Who asks is known, and may not: what they can do about it differs by the code, and signing in again is none of it.
KNOWN_BUT_REFUSED: Final = frozenset({"FORBIDDEN", "FOREIGN_PAGE", "NOT_A_MEMBER", "NO_TENANT_CHOSEN"})
MOVING: Final = "The tenant is being moved; nothing was changed. Remedy: ask again in a few seconds."
JSON: Final = "application/json"
GRAPHQL_RESPONSE: Final = "application/graphql-response+json"
EVENT_STREAM: Final = "text/event-stream"
MOST_RANGES: Final = 50  # of a header that says what is accepted that are read


def read_principal(request: HttpRequest, *, may_change: bool = True) -> Principal:
    """The principal of the request's key or token or, where it has none, of its session; the host has been compared.

    Raises:
        RequestError: 400, 401, 403, or 503 while the tenant is moved.
    """
    with refused_as_requests():
        key = key_of(request)
        if key is None and has_session(request):
            return cookie_principal(request, host=host_of(request), may_change=may_change)
        if not key:
            raise MissingKeyError(
                "The request carries no key. Remedy: send `Authorization: Bearer <query key>`."
            )
        return authenticate_reader(key, host=host_of(request))


def key_of(request: HttpRequest) -> str | None:
    """The key or token in the header; None where there is no such header, empty where it holds something else."""
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    return (key.strip() if scheme.lower() == "bearer" else "") if scheme else None


def host_of(request: HttpRequest) -> str:
    """The host name that the client asked, without its port.

    Raises:
        DisallowedHost: it is none.
    """
    return split_domain_port(request.get_host())[0]


@contextmanager
def refused_as_requests() -> Iterator[None]:
    """What access refuses in the block is refused as a request.

    Raises:
        RequestError: 400, 401, 403, or 503 while the tenant is moved.
    """
    try:
        yield
    except DisallowedHost:
        raise _bad("The Host header is no host name that is served here.") from None
    except TenantMovingError as error:
        raise tenant_moving(error) from None
    except TenantSuspendedError as error:
        raise RequestError(str(error), status=403, code="TENANT_SUSPENDED") from None
    except AccessError as error:
        if error.code in KNOWN_BUT_REFUSED:
            raise RequestError(str(error), status=403, code=error.code) from None
        headers = {"WWW-Authenticate": 'Bearer realm="engage"'}
        raise RequestError(str(error), status=401, code=error.code, headers=headers) from None


def tenant_moving(error: Exception) -> RequestError:
    """The refusal while a tenant is on its way to another installation; it is served there in a moment."""
    text = str(error) if isinstance(error, TenantMovingError) else MOVING
    return RequestError(text, status=503, code="TENANT_MOVING", headers={"Retry-After": "1"})


def require_readable(request: HttpRequest) -> None:
    """Refuse by its headers what is no query, before anything reads the body: a token's check would read any form.

    Raises:
        RequestError: 413 or 415.
    """
    if request.content_type != JSON:
        raise _bad(f"The content type is {request.content_type!r}. Remedy: send {JSON}.", status=415)
    if declared_length(request) > MAX_BODY:
        raise _too_long()


def read_body(request: HttpRequest) -> GraphQLRequest:
    """The query in a request's body; ``require_readable`` goes before.

    Raises:
        RequestError: 400, 408 or 413.
    """
    try:
        body = request.read(MAX_BODY + 1)
    except UnreadablePostError as error:
        raise _bad(f"{error} Remedy: send the same again.", status=408) from None
    if len(body) > MAX_BODY:
        raise _too_long()
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise _bad(
            'The body is no JSON. Remedy: send an object such as {"query": "{ tenant { name } }"}.'
        ) from None
    if not isinstance(document, dict):
        raise _bad("The body is no JSON object. Remedy: send one query; lists of them are not served.")
    return request_of(document)


def read_url(request: HttpRequest) -> GraphQLRequest:
    """The query in a request's address, by the specification of GraphQL over HTTP: variables and extensions are JSON.

    Raises:
        RequestError: 400 or 413.
    """
    if len(request.META.get("QUERY_STRING", "")) > MAX_BODY:
        raise _too_long()
    document: dict[str, Any] = {name: request.GET[name] for name in IN_ADDRESS if name in request.GET}
    for name in ("variables", "extensions"):
        try:
            document[name] = json.loads(document.get(name) or "null")
        except (ValueError, RecursionError):
            raise _bad(f"`{name}` is no JSON. Remedy: send an object as JSON, URL-encoded.") from None
    return request_of(document)


def request_of(document: Mapping[str, Any]) -> GraphQLRequest:
    """The request that an object describes, as it stands in bodies, addresses and messages.

    Raises:
        RequestError: 400 or 413.
    """
    query, id, is_hash = document.get("query"), document.get("documentId"), False
    if not query and id is None:
        id = _hash_in(document.get("extensions"))
        is_hash = id is not None
    if not query and isinstance(id, str) and id:
        return GraphQLRequest(
            query="",
            variables=_optional(document, "variables", kind=dict),
            operation_name=_optional(document, "operationName", kind=str),
            document_id=id,
            is_hash=is_hash,
        )
    if not isinstance(query, str) or not query:
        raise _bad("The request has no query. Remedy: put the query into `query`, as a string.")
    if len(query) > MAX_QUERY:
        raise _bad(
            f"The query is longer than {MAX_QUERY} characters. Remedy: send a shorter one, and values as variables.",
            status=413,
            code="LIMIT_EXCEEDED",
        )
    _optional(document, "extensions", kind=dict)
    return GraphQLRequest(
        query=query,
        variables=_optional(document, "variables", kind=dict),
        operation_name=_optional(document, "operationName", kind=str),
    )


def _hash_in(extensions: Any) -> str | None:
    """The hash by which a client hopes that the server knows the query (Apollo's persisted queries)."""
    kept = extensions.get("persistedQuery") if isinstance(extensions, dict) else None
    return str(kept.get("sha256Hash") or "none") if isinstance(kept, dict) else None


def response_type(request: HttpRequest) -> str:
    """The media type of the answer: the newer one where the client names it and likes it no less, else plain JSON.

    Parameters of a type, such as a charset, are no other type; one of quality 0 is not sent.

    Raises:
        RequestError: 406, the client takes neither.
    """
    accepted = request.headers.get("Accept", JSON)
    newer, plain = (_quality(accepted, offered) for offered in (GRAPHQL_RESPONSE, JSON))
    if newer and newer >= plain and GRAPHQL_RESPONSE in accepted.lower():
        return GRAPHQL_RESPONSE
    if plain:
        return JSON
    if newer:
        return GRAPHQL_RESPONSE
    raise RequestError(
        f"The client accepts {accepted!r}. Remedy: accept {GRAPHQL_RESPONSE} or {JSON}.",
        status=406,
        code="BAD_USER_INPUT",
    )


def wants_stream(request: HttpRequest) -> bool:
    """Whether the client wants server-sent events rather than one answer: it names them, and takes no JSON as gladly."""
    accepted = request.headers.get("Accept", "")
    if EVENT_STREAM not in accepted.lower():
        return False
    return _quality(accepted, EVENT_STREAM) > max(
        _quality(accepted, one) if one in accepted.lower() else 0.0 for one in (JSON, GRAPHQL_RESPONSE)
    )


def _quality(accepted: str, offered: str) -> float:
    """How much the client likes the type, by the most specific of its ranges that covers it; 0: it is not to be sent."""
    main, _, sub = offered.partition("/")
    found = (0, 0.0)
    for one in map(MediaType, accepted.lower().split(",")[:MOST_RANGES]):
        if one.main_type in (main, "*") and one.sub_type in (sub, "*", ""):
            specificity = (one.main_type == main) + (one.sub_type == sub)
            found = max(found, (specificity, one.quality))
    return found[1]


def _optional(document: Mapping[str, Any], name: str, *, kind: type) -> Any:
    value = document.get(name)
    if value is not None and not isinstance(value, kind):
        wanted = "an object" if kind is dict else "a string"
        raise _bad(f"`{name}` is of the wrong type. Remedy: make it {wanted} or leave it out.")
    return value


def _too_long() -> RequestError:
    return _bad(
        f"The body is longer than {MAX_BODY} bytes. Remedy: send a shorter query.",
        status=413,
        code="LIMIT_EXCEEDED",
    )


def _bad(message: str, *, status: int = 400, code: str = "BAD_USER_INPUT") -> RequestError:
    return RequestError(message, status=status, code=code)
