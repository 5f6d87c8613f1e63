"""Chooses among texts by language, as clients name languages: ``ko-KR`` is served by ``ko``."""

from collections.abc import Mapping
from typing import Final, TypeVar

LONGEST_TAG: Final = 35  # characters that RFC 5646 tells implementations to make room for

Text = TypeVar("Text")


def text_in(texts: Mapping[str, Text], language: str, *, default: Text) -> Text:
    """What is said in the language, or in the nearest one that it is a kind of (RFC 4647, lookup); else ``default``."""
    tag = language[:LONGEST_TAG].lower().replace("_", "-")
    while tag:
        if tag in texts:
            return texts[tag]
        tag = tag.rpartition("-")[0]
    return default
