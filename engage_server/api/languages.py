"""Chooses among texts by language, as clients name languages: ``ko-KR`` is served by ``ko``."""

from collections.abc import Mapping
from typing import Final

LONGEST_TAG: Final = 35  # characters that RFC 5646 tells implementations to make room for


def text_in(texts: Mapping[str, str], language: str, *, default: str) -> str:
    """The text of the language, or of the nearest one that it is a kind of (RFC 4647, lookup); else ``default``."""
    tag = language[:LONGEST_TAG].lower().replace("_", "-")
    while tag:
        if tag in texts:
            return texts[tag]
        tag = tag.rpartition("-")[0]
    return default
