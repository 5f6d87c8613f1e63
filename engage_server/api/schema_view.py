"""``/graphql/schema``: the schema that a key sees, as SDL, for the generators of types that clients run."""

import hashlib
from functools import lru_cache
from typing import Final

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.cache import patch_vary_headers
from django.views.decorators.csrf import csrf_exempt

from engage_server.access.principal import Principal
from engage_server.access.request_tenant import find_tenant
from engage_server.api.composition import MOST_CACHED_SCHEMAS, schema_for
from engage_server.api.exceptions import RateLimitedError, RequestError
from engage_server.api.introspection import shows_schema
from engage_server.api.query_budget import QueryBudget
from engage_server.api.query_measures import INTROSPECTION_COST
from engage_server.api.requests import read_principal
from engage_server.api.views import REFUSED, refusal_of
from engage_server.plugin_host.activation import active_ids
from engage_server.telemetry import counters
from engage_server.tenancy.scope import tenant_scope

SDL: Final = "text/plain; charset=utf-8"  # no media type is registered for it


@csrf_exempt  # it changes nothing
@counters.observed("graphql_schema")
def schema(request: HttpRequest) -> HttpResponse:
    """The SDL of the tenant's schema, for who may introspect it; 304 where the client has it already."""
    try:
        if request.method != "GET":
            raise RequestError(
                f"{request.method} is not served here. Remedy: GET the schema, and POST queries to /graphql.",
                status=405,
                code="BAD_USER_INPUT",
                headers={"Allow": "GET"},
            )
        principal = read_principal(request, may_change=False)
        find_tenant(request, principal.tenant.id)
        _require_readable(principal)
        with tenant_scope(principal.tenant):
            text, tag = _printed(active_ids())
    except REFUSED as error:
        return refusal_of(error)
    given: HttpResponse = (
        HttpResponseNotModified()
        if tag
        in {one.strip().removeprefix("W/") for one in request.headers.get("If-None-Match", "").split(",")}
        else HttpResponse(text, content_type=SDL)
    )
    given["ETag"], given["Cache-Control"] = tag, "private, no-cache"
    patch_vary_headers(given, ["Authorization", "Cookie"])
    return given


def _require_readable(principal: Principal) -> None:
    if not shows_schema(principal):
        raise RequestError(
            "The schema is not shown to this key. Remedy: ask with one that may configure the tenant, or use the SDL of "
            "`manage.py schema`.",
            status=403,
            code="FORBIDDEN",
        )
    try:
        QueryBudget(principal).spend(INTROSPECTION_COST)
    except RateLimitedError as error:
        raise RequestError(
            str(error), status=429, code=error.code, headers={"Retry-After": str(error.retry_after_s)}
        ) from None


@lru_cache(maxsize=MOST_CACHED_SCHEMAS)
def _printed(plugins: frozenset[str]) -> tuple[str, str]:
    """The SDL of a set of plugins, and its entity tag."""
    text = schema_for(plugins).as_str()
    return text, f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'
