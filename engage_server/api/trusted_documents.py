"""Requests by the id of a registered document, and those who may make no others."""

from dataclasses import replace
from typing import Final

from engage_server.access.principal import Principal
from engage_server.api.exceptions import RateLimitedError, RequestError
from engage_server.api.execution import GraphQLRequest
from engage_server.api.query_budget import LEAST, QueryBudget
from engage_server.definitions.documents import (
    ACCOUNTS,
    MEMBERS,
    bound_to_documents,
    digest_of,
    document_text,
)
from engage_server.definitions.own_documents import OWN
from engage_server.tenancy.scope import tenant_scope

SHA256: Final = "sha256:"  # GraphQL over HTTP's prefix of ids that are hashes; they go without it here
# By Apollo's protocol with status 200 and in these words: clients then send the query itself.
NOT_KEPT: Final = "PersistedQueryNotSupported"


def with_text(request: GraphQLRequest, principal: Principal) -> GraphQLRequest:
    """The request with the text of the document that it names, if the principal may send it.

    Raises:
        RequestError: 400, nothing is registered under the id; 200, the same for clients that then send the query; 429,
            that, and the principal has no points left; 403, only registered documents are answered to this principal.
    """
    with tenant_scope(principal.tenant):
        if request.document_id is not None:
            text = _text_of(request.document_id)
            if text is None:
                _pay_for_a_miss(principal)
                raise _not_found(request.document_id, is_hash=request.is_hash)
            return replace(request, query=text)
        bound = bound_to_documents()
        if bound and _name(principal) in bound:
            id = digest_of(request.query)
            if id not in OWN and document_text(id) != request.query:
                raise RequestError(
                    "Only registered documents are answered to you. Remedy: send the `documentId` of one; "
                    "`manage.py documents register` adds them.",
                    status=403,
                    code="DOCUMENT_NOT_TRUSTED",
                )
    return request


def _text_of(id: str) -> str | None:
    id = id.removeprefix(SHA256)
    return OWN.get(id) or document_text(id)


def _pay_for_a_miss(principal: Principal) -> None:
    # Nothing is executed that would be paid for, but the database was asked.
    try:
        QueryBudget(principal).spend(LEAST)
    except RateLimitedError as error:
        raise RequestError(
            str(error), status=429, code=error.code, headers={"Retry-After": str(error.retry_after_s)}
        ) from None


def _not_found(id: str, *, is_hash: bool) -> RequestError:
    if is_hash:
        return RequestError(NOT_KEPT, status=200, code="PERSISTED_QUERY_NOT_SUPPORTED")
    return RequestError(
        f"No document is registered as {id.removeprefix(SHA256)[:100]!r}. "
        "Remedy: `manage.py documents register` adds it.",
        status=400,
        code="DOCUMENT_NOT_FOUND",
    )


def _name(principal: Principal) -> str:
    if principal.account_id is not None:
        return ACCOUNTS
    return MEMBERS if principal.actor.startswith("user:") else principal.actor
