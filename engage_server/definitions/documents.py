"""GraphQL documents that a tenant's build step registered, and who may send no others. Inside the tenant's scope."""

import hashlib
import re
from typing import Final

from pydantic import Field

from engage_server.definitions import store
from engage_server.definitions.kinds import Body
from engage_server.definitions.models import Definition
from engage_server.tenancy.scope import current_tenant
from engage_server.tenancy.ttl_cache import TtlCache

DOCUMENT: Final = "document"
DOCUMENT_DEMAND: Final = "document demand"
LONGEST_DOCUMENT: Final = 32 * 1024  # characters
ID: Final = re.compile(r"[A-Za-z0-9_.:-]{1,100}")
# Whom a demand can be about, beside single keys (``key:<public id>``).
MEMBERS, ACCOUNTS = "members", "accounts"


class DocumentBody(Body):
    """What is kept of a document; its id is the definition's name."""

    code_texts = frozenset({"text"})

    text: str = Field(min_length=1, max_length=LONGEST_DOCUMENT)


class DocumentDemandBody(Body):
    """That somebody sends registered documents alone; of whom is the definition's name."""


_texts: Final[TtlCache[tuple[int, str], str | None]] = TtlCache(capacity=4_096)
_demands: Final[TtlCache[int, frozenset[str]]] = TtlCache(capacity=4_096)


def digest_of(text: str) -> str:
    """The id of a document that was given no other: SHA-256 of its text, in hexadecimal digits."""
    # JSON may name half of a pair of surrogates; that is a text of its own, which nobody can register.
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def document_text(id: str) -> str | None:
    """The document of an id; None where there is none. Asks the database at most once in four seconds.

    What can be nobody's id is neither asked for nor remembered.
    """
    if ID.fullmatch(id) is None:
        return None
    tenant = current_tenant().id
    return _texts.get_or_load((tenant, id), lambda: (tenant, _read_text(id)))


def bound_to_documents() -> frozenset[str]:
    """Who may send registered documents alone: keys, ``members``, ``accounts``; as seldom asked."""
    tenant = current_tenant().id
    return _demands.get_or_load(tenant, lambda: (tenant, _read_demands()))


def documents() -> list[store.Defined[DocumentBody]]:
    """All documents, in the order in which they were registered."""
    return store.in_force(DOCUMENT, DocumentBody)


def demands() -> list[store.Defined[DocumentDemandBody]]:
    """All demands, in the order in which they were made."""
    return store.in_force(DOCUMENT_DEMAND, DocumentDemandBody)


def _read_text(id: str) -> str | None:
    rows = Definition.objects.filter(kind=DOCUMENT, name=id, superseded_at=None, is_retired=False)
    body = rows.values_list("body", flat=True).first()
    return None if body is None else DocumentBody.model_validate(body).text


def _read_demands() -> frozenset[str]:
    return frozenset(demand.name for demand in demands())
