"""Takes names out of what the tenant's people wrote into definitions, in every version. Inside the tenant's scope."""

import re
from collections.abc import Callable, Sequence
from typing import Any, Final

from engage_server.definitions.kinds import KINDS
from engage_server.definitions.models import Definition
from engage_server.definitions.store import lock_definitions

ERASED: Final = "erased on request"
# Of GraphQL (October 2021, 2.1): block strings, strings, comments. A class of characters each, or bounded by its end.
QUOTED_OR_COMMENT: Final = re.compile(
    r'"""(?P<block>(?:[^"\\]|\\.|"(?!""))*)"""|"(?P<text>(?:[^"\\\n]|\\.)*)"|#(?P<comment>[^\n\r]*)',
    re.DOTALL,
)


def redact_texts(mentions: Callable[[str], bool]) -> int:
    """Replace names and free texts of definitions in which somebody is mentioned; how many versions. In a transaction.

    Names stay different from each other. Conditions, and what else is not a free text of its kind, stay as they are.
    """
    lock_definitions()  # A change under way would carry the former text into its new version.
    redacted = [row for row in Definition.objects.filter(kind__in=list(KINDS)) if _redact(row, mentions)]
    for row in redacted:
        Definition.objects.filter(number=row.number, version=row.version).update(name=row.name, body=row.body)
    return len(redacted)


def _redact(row: Definition, mentions: Callable[[str], bool]) -> bool:
    """Take somebody out of a version; whether there was anything."""
    kind = KINDS[row.kind]
    named = [
        text
        for path in sorted(kind.free_texts)
        for text in _replace(row.body, path.split("."), lambda text: ERASED if mentions(text) else text)
    ]
    named += [
        text
        for path in sorted(kind.code_texts)
        for text in _replace(row.body, path.split("."), lambda text: _redact_code(text, mentions))
    ]
    # What is made of a text names whom the text names, though a short name is found as a whole text only.
    is_named = mentions(row.name) or any(text in row.name for text in named)
    if is_named:
        row.name = f"{ERASED} ({row.number})"
    return is_named or bool(named)


def _replace(body: dict[str, Any], path: Sequence[str], change: Callable[[str], str]) -> list[str]:
    """Change the texts of a field, or of a field of each item of a list, in place; the former ones."""
    field, *below = path
    value = body.get(field)
    if below:
        items = value if isinstance(value, list) else []
        return [text for item in items for text in _replace(item, below, change)]
    if not value:
        return []
    changed = change(value)
    body[field] = changed
    return [value] if changed != value else []


def _redact_code(code: str, mentions: Callable[[str], bool]) -> str:
    """The code without the quoted texts and the comments that mention somebody."""

    def redacted(found: re.Match[str]) -> str:
        if not mentions(found["block"] or found["text"] or found["comment"] or ""):
            return found[0]
        return f"# {ERASED}" if found["comment"] is not None else f'"{ERASED}"'

    return QUOTED_OR_COMMENT.sub(redacted, code)
