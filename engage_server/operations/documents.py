"""Registers a tenant's GraphQL documents and says who may send no others, on record. Works inside the tenant's scope."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db import transaction
from graphql import GraphQLError, parse

from engage_server.audit.log import record
from engage_server.definitions import store
from engage_server.definitions.documents import (
    ACCOUNTS,
    DOCUMENT,
    DOCUMENT_DEMAND,
    ID,
    MEMBERS,
    DocumentBody,
    DocumentDemandBody,
    demands,
    documents,
)
from engage_server.definitions.exceptions import InvalidDefinitionError
from engage_server.definitions.kinds import read_body
from engage_server.tenancy.scope import current_tenant
from engage_server.tenancy.tenant_cache import invalidate_tenant

MOST_DOCUMENTS: Final = 2_000
KEY: Final = "key:"


def register_documents(texts: Mapping[str, str]) -> list[str]:
    """Register documents by their ids; return those that are new. All of them or none.

    Raises:
        InvalidDefinitionError: an id or a text is none, another text has the id, or there are too many.
    """
    with transaction.atomic():
        store.lock_definitions()
        known = {one.name: one.body.text for one in documents()}
        fresh = {id: text for id, text in texts.items() if known.get(id) != text}
        if len(known) + len(fresh) > MOST_DOCUMENTS:
            raise InvalidDefinitionError(
                f"A tenant has at most {MOST_DOCUMENTS} documents. Remedy: retire those that no client sends any more."
            )
        for id, text in fresh.items():
            _require_registrable(id, text, is_taken=id in known)
            store.define(DOCUMENT, id, read_body(DocumentBody, {"text": text}))
        if fresh:
            record("documents.registered", subject="documents", details={"documents": len(fresh)})
    invalidate_tenant(current_tenant().id)
    return list(fresh)


def retire_document(id: str) -> bool:
    """Have a document answered no more; return whether there was one."""
    with transaction.atomic():
        number = _retire(DOCUMENT, documents(), id)
        if number is not None:
            record("document.retired", subject=f"document {number}")
    invalidate_tenant(current_tenant().id)
    return number is not None


def demand_documents(of: str) -> bool:
    """Have ``members``, ``accounts`` or ``key:<public id>`` send registered documents alone; False where it is so already.

    Raises:
        InvalidDefinitionError: it is none of these.
    """
    if of not in (MEMBERS, ACCOUNTS) and not of.removeprefix(KEY).isalnum():
        raise InvalidDefinitionError(
            f"Nobody is named {of!r}. Remedy: {MEMBERS}, {ACCOUNTS} or {KEY}<public id>."
        )
    with transaction.atomic():
        store.lock_definitions()
        if of in {one.name for one in demands()}:
            return False
        store.define(DOCUMENT_DEMAND, of, DocumentDemandBody())
        record("documents.demanded", subject=of)
    invalidate_tenant(current_tenant().id)
    return True


def lift_demand(of: str) -> bool:
    """Let them send other documents again; return whether that was forbidden."""
    with transaction.atomic():
        number = _retire(DOCUMENT_DEMAND, demands(), of)
        if number is not None:
            record("documents.allowed", subject=of)
    invalidate_tenant(current_tenant().id)
    return number is not None


def _retire(kind: str, defined: Sequence[store.Defined[Any]], name: str) -> int | None:
    number = next((one.number for one in defined if one.name == name), None)
    if number is not None:
        store.retire(kind, number)
    return number


def _require_registrable(id: str, text: str, *, is_taken: bool) -> None:
    if not ID.fullmatch(id):
        raise InvalidDefinitionError(
            f"{id[:100]!r} is no id of a document. Remedy: its hash, of letters, digits and any of _.:-"
        )
    if is_taken:
        raise InvalidDefinitionError(
            f"Another document has the id {id!r}. Remedy: an id that follows from the text, such as its hash."
        )
    try:
        parse(text, max_tokens=2_000)
    except GraphQLError as error:
        raise InvalidDefinitionError(
            f"The document {id!r} is no GraphQL: {error.message} Remedy: correct it."
        ) from None
