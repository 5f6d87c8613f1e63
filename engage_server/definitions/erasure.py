"""Takes names out of what the tenant's people wrote into definitions, in every version. Inside the tenant's scope."""

from collections.abc import Callable
from typing import Final

from engage_server.definitions.kinds import KINDS
from engage_server.definitions.models import Definition
from engage_server.definitions.store import lock_definitions

ERASED: Final = "erased on request"


def redact_texts(mentions: Callable[[str], bool]) -> int:
    """Replace names and free texts of definitions in which somebody is mentioned; how many versions. In a transaction.

    Names stay different from each other. Conditions, and what else is not a free text of its kind, stay as they are.
    """
    lock_definitions()  # A change under way would carry the former text into its new version.
    redacted = [row for row in Definition.objects.filter(kind__in=KINDS) if _redact(row, mentions)]
    for row in redacted:
        Definition.objects.filter(number=row.number, version=row.version).update(name=row.name, body=row.body)
    return len(redacted)


def _redact(row: Definition, mentions: Callable[[str], bool]) -> bool:
    """Take somebody out of a version; whether there was anything."""
    texts = {field: row.body[field] for field in KINDS[row.kind].free_texts if row.body.get(field)}
    named = {field: text for field, text in texts.items() if mentions(text)}
    row.body = {**row.body, **dict.fromkeys(named, ERASED)}
    # What is made of a text names whom the text names, though a short name is found as a whole text only.
    is_named = mentions(row.name) or any(text in row.name for text in named.values())
    if is_named:
        row.name = f"{ERASED} ({row.number})"
    return is_named or bool(named)
