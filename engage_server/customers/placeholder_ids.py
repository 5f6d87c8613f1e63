"""Says which ids stand for nobody: what programs write where they have no id, such as ``undefined`` or ``0``.

Everything that reads ids asks here. Taken for an id, one of these makes one person of all strangers who share it.
"""

from collections.abc import Set
from typing import Final

ZERO_UUID: Final = "00000000-0000-0000-0000-000000000000"
NOBODY: Final = frozenset(
    {
        "undefined", "null", "(null)", "<null>", "none", "nil", "<nil>", "nan", "0", "-1", "0.0", "true", "false",
        "anonymous", "guest", "n/a", "unknown", "unset", "not set", "(not set)", "not_authenticated", "distinct_id",
        "[object object]", "{}", "[]", ZERO_UUID, ZERO_UUID.replace("-", ""),
    }
)  # fmt: skip
PLACEHOLDER_IDS: Final = NOBODY | {f"{quote}{word}{quote}" for word in NOBODY for quote in "'\""}
# Of message ids, which may be numbers and are too many to be looked at one by one: the words as they are mostly spelt.
NO_MESSAGE_IDS: Final = frozenset(
    spelt
    for word in NOBODY - {"0", "-1", "0.0"}
    for spelt in (word, word.upper(), word.title(), word.capitalize(), "NaN", "[object Object]")
)


def normal_form(text: str) -> str:
    """The form in which placeholder ids are compared: trimmed, in lower case."""
    return text.strip().lower()


def is_placeholder(text: str, own: frozenset[str] = frozenset()) -> bool:
    """Whether the id stands for nobody; ``own`` are the tenant's further ones, in normal form."""
    normal = normal_form(text)
    return normal in PLACEHOLDER_IDS or normal in own


_WORDS: Final = frozenset(word for text in PLACEHOLDER_IDS for word in text.split())
# Ids that were looked at and are none of the usual placeholders: a running product sends the same again and again.
_real: Final[set[str | None]] = {None}
MOST_REMEMBERED: Final = 50_000


def may_hold_placeholder(ids: Set[str | None], own: frozenset[str] = frozenset()) -> bool:
    """Whether one of many ids may be a placeholder: true for a few that are none, and never false for one that is."""
    new = ids if own else ids - _real
    if not new:
        return False
    words = set(" ".join(filter(None, new)).lower().split())
    if not words.isdisjoint(_WORDS):
        return True
    if len(_real) > MOST_REMEMBERED:
        _real.clear()
    _real.update(new, {None})
    return any(not words.isdisjoint(text.split()) for text in own)
