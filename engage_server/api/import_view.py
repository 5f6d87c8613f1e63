"""``/graphql/imports/…``: the parts of a file that is imported, and the rows of it that were not taken."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import UnreadablePostError
from django.views.decorators.csrf import csrf_exempt

from engage_server.access.middleware import declared_length
from engage_server.access.principal import Permission, Principal
from engage_server.access.request_tenant import find_tenant
from engage_server.api import ids
from engage_server.api.exceptions import RateLimitedError, RequestError
from engage_server.api.query_budget import QueryBudget
from engage_server.api.requests import read_principal, refused_as_requests
from engage_server.api.types.file_imports import FILE_IMPORT
from engage_server.api.views import REFUSED, refusal_of
from engage_server.audit.actor import acting_as
from engage_server.ingest.imports import uploads
from engage_server.ingest.imports.exceptions import FileImportError, FileImportLimitError
from engage_server.telemetry import counters
from engage_server.tenancy.scope import tenant_scope

LINES: Final = "application/x-ndjson"
COST: Final = 20  # points of a part, and of a list


@csrf_exempt  # a foreign page has no key to send, and where a cookie stands for one the token is asked for
@counters.observed("graphql_imports")
def part(request: HttpRequest, id: str, number: int) -> HttpResponse:
    """Keep part ``number`` of the file that an import waits for; the same once more changes nothing."""
    try:
        _require_method(request, "PUT")
        with _import_of(request, id, needs=(Permission.EVENTS_WRITE,)) as import_id:
            row = uploads.keep_part(import_id, number, _body(request))
    except REFUSED as error:
        return refusal_of(error)
    return JsonResponse({"bytes": row.size})


@csrf_exempt  # it changes nothing
@counters.observed("graphql_imports")
def refused(request: HttpRequest, id: str) -> HttpResponse:
    """The rows of a file that were not taken whole, as lines that can be corrected and imported."""
    try:
        _require_method(request, "GET")
        needs = (Permission.EVENTS_WRITE, Permission.PERSONAL_READ)
        with _import_of(request, id, needs=needs) as import_id:
            uploads.file_import(import_id)
            lines = b"".join(uploads.rejects_of(import_id))
    except REFUSED as error:
        return refusal_of(error)
    given = HttpResponse(lines, content_type=LINES)
    given["Content-Disposition"] = 'attachment; filename="refused.ndjson"'
    given["Cache-Control"] = "no-store"
    return given


@contextmanager
def _import_of(request: HttpRequest, id: str, *, needs: tuple[Permission, ...]) -> Iterator[UUID]:
    """The number of an import of the sender's tenant; what refuses it becomes an answer."""
    principal = read_principal(request, may_change=request.method != "GET")
    with refused_as_requests():
        for permission in needs:
            principal.require(permission)
    find_tenant(request, principal.tenant.id)
    _spend(principal)
    number = ids.uuid_of(id, type_name=FILE_IMPORT, tenant_id=principal.tenant.id)
    if number is None:
        raise RequestError(
            "There is no such import. Remedy: the path that `openFileImport` gave.",
            status=404,
            code="NOT_FOUND",
        )
    try:
        with tenant_scope(principal.tenant), acting_as(principal.actor):
            yield number
    except FileImportError as error:
        raise RequestError(str(error), status=error.status, code=error.code) from None


def _spend(principal: Principal) -> None:
    try:
        QueryBudget(principal).spend(COST)
    except RateLimitedError as error:
        headers = {"Retry-After": str(error.retry_after_s)}
        raise RequestError(str(error), status=429, code=error.code, headers=headers) from None


def _require_method(request: HttpRequest, method: str) -> None:
    if request.method != method:
        raise RequestError(
            f"{request.method} is not served here. Remedy: {method}.",
            status=405,
            code="BAD_USER_INPUT",
            headers={"Allow": method},
        )


def _body(request: HttpRequest) -> bytes:
    # The front reads nothing of what is declared too long.
    if declared_length(request) > uploads.MOST_PART_BYTES:
        raise FileImportLimitError(
            f"The part is too long. Remedy: at most {uploads.MOST_PART_BYTES:,} bytes a part."
        )
    try:
        body: bytes = request.read(uploads.MOST_PART_BYTES + 1)
    except UnreadablePostError as error:
        raise RequestError(
            f"{error} Remedy: send the same part again.", status=408, code="BAD_USER_INPUT"
        ) from None
    return body
