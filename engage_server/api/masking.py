"""Takes persons' names out of free JSON (explanations of values, configurations) for who may not see personal data.

Plugins are given persons as numbers. What they store can still bear a name that came in as something else: as an event,
a trait, an instrument, a setting.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from engage_server.customers.names import known_among

HIDDEN: Final = "hidden person"
HIDDEN_ADDRESS: Final = "hidden address"
ADDRESS: Final = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
WORD: Final = re.compile(r"[^\s,;:()\[\]{}<>\"'|=]+")
# A shorter name is taken for one only where it is a whole text: "7" stands in many a note.
LONG_ENOUGH: Final = 6


def without_names(documents: Sequence[Any]) -> list[Any]:
    """The documents with e-mail addresses and the names (user ids, anonymous ids) of the tenant's persons replaced.

    Inside the tenant's scope; one statement, and none where there is no text. The same name becomes the same text
    within a document, in its keys too, so that what belongs together still does.
    """
    texts = [list(_texts(document)) for document in documents]
    candidates = {candidate for found in texts for text in found for candidate in _candidates(text)}
    names = known_among(sorted(candidates)) if candidates else frozenset()
    return [
        _replaced(document, _replacements(found, names))
        for document, found in zip(documents, texts, strict=True)
    ]


def _texts(document: Any) -> Iterator[str]:
    if isinstance(document, str):
        yield document
    elif isinstance(document, Mapping):
        for key, value in document.items():
            yield key
            yield from _texts(value)
    elif isinstance(document, list | tuple):
        for value in document:
            yield from _texts(value)


def _candidates(text: str) -> Iterator[str]:
    if text:
        yield text
    for word in WORD.findall(text):
        for form in (word, word.strip(".!?")):
            if len(form) >= LONG_ENOUGH:
                yield form


def _replacements(texts: Sequence[str], names: frozenset[str]) -> dict[str, str]:
    """What stands for each name that the texts bear."""
    here = dict.fromkeys(name for text in texts for name in _candidates(text) if name in names)
    return {name: f"{HIDDEN} {number}" for number, name in enumerate(here, start=1)}


def _replaced(document: Any, replacements: Mapping[str, str]) -> Any:
    if isinstance(document, str):
        return _without(document, replacements)
    if isinstance(document, Mapping):
        return {
            _without(key, replacements): _replaced(value, replacements) for key, value in document.items()
        }
    if isinstance(document, list | tuple):
        return [_replaced(value, replacements) for value in document]
    return document


def _without(text: str, replacements: Mapping[str, str]) -> str:
    if replacements:
        # The longest first, so that a name within another does not break that one.
        names = "|".join(re.escape(name) for name in sorted(replacements, key=len, reverse=True))
        text = re.sub(rf"(?<!\w)(?:{names})(?!\w)", lambda found: replacements[found[0]], text)
    return ADDRESS.sub(HIDDEN_ADDRESS, text) if "@" in text else text
