"""Documents that were valid a moment ago: programs send the same few again and again, with other variables.

Parsing and validating take more than half of the processor time that a small query needs. What depends on who asks, on
variables or on budgets is checked each time all the same.
"""

import threading
from collections import OrderedDict
from typing import Final

from graphql import DocumentNode, GraphQLSchema

MOST_DOCUMENTS: Final = 256
# Of all of them together; a parsed document takes some hundred times its length in memory. A screen's document has some
# thousands of characters, and is the dearest to parse and validate.
MOST_CHARACTERS: Final = 400_000

# By tenant, so that nobody learns from the time of an answer what others ask; and by schema, which says what is valid.
_Key = tuple[int, GraphQLSchema, str]
_known: Final[OrderedDict[_Key, DocumentNode]] = OrderedDict()
_lock: Final = threading.Lock()


def get(tenant_id: int, schema: GraphQLSchema, text: str) -> DocumentNode | None:
    """The parsed document, where it was found valid."""
    with _lock:
        document = _known.get((tenant_id, schema, text))
        if document is not None:
            _known.move_to_end((tenant_id, schema, text))
        return document


def put(tenant_id: int, schema: GraphQLSchema, text: str, document: DocumentNode) -> None:
    """Remember a valid document; those that were not asked for the longest go."""
    with _lock:
        _known[tenant_id, schema, text] = document
        # So few that adding them up costs less than keeping count.
        while len(_known) > MOST_DOCUMENTS or sum(len(kept) for _, _, kept in _known) > MOST_CHARACTERS:
            _known.popitem(last=False)
