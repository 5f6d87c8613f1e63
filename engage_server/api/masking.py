"""Takes persons' names out of texts for who may not see personal data.

What is known decides where it can: each part of a text that may be a name (see ``engage_server.customers.person_mentions``)
and is a user id or an anonymous id of the tenant. Addresses, telephone numbers and the ids that identity providers give
(``auth0|…``) are recognised by their form, since their owner may never have been identified.
"""

import re
from collections.abc import Collection, Mapping
from typing import Any, Final
from urllib.parse import unquote

from engage_server.customers.identifiers import known_among
from engage_server.customers.person_mentions import (
    AROUND,
    ESCAPE,
    MOST_ENCODINGS,
    PART,
    QUOTED,
    TOKEN,
    possible_names,
    quoted_text,
    spellings,
)

HIDDEN: Final = "hidden person"
HIDDEN_ADDRESS: Final = "hidden address"
HIDDEN_NUMBER: Final = "hidden number"
LONGEST: Final = 10_000  # characters of one text that are looked through; what is behind them is left out
# Neither can backtrack.
PHONE: Final = re.compile(r"(?<![\w./-])\+?\(?\d(?:[ ()/-]{0,2}\d){7,14}(?!\w)")
DATE: Final = re.compile(r"[12]\d{3}-\d{2}-\d{2}")
SHORTEST_OF_PROVIDER: Final = 3


class Masker:
    """Replaces names in the texts of one answer: the same name by the same text, wherever it stands.

    First every text goes through ``look``, then ``learn`` asks the tenant in scope, once, which names it knows; after
    that ``mask`` gives each text as it may be shown.
    """

    def __init__(self) -> None:
        self._candidates: set[str] = set()
        self._names: Collection[str] = frozenset()
        self._numbers: dict[str, int] = {}

    def look(self, text: str) -> str:
        """Take note of what could be a name in a text."""
        self._candidates.update(possible_names(text[:LONGEST]))
        return text

    def learn(self) -> None:
        """Ask which of them are names; one statement, and none where there is no text."""
        self._names = known_among(sorted(self._candidates)) if self._candidates else frozenset()

    def mask(self, text: str) -> str:
        """The text without names."""
        shown = text[:LONGEST]
        masked, hides = shown, False
        for _ in range(MOST_ENCODINGS):
            if not ESCAPE.search(masked):
                break
            # What has the form of a number or an address shows only in the text without encodings.
            without_known = self._hide_known(masked)
            hides |= without_known != masked
            masked = unquote(without_known)
        without_names = self._hide_names(masked)
        if without_names == masked and not hides:
            without_names = shown  # as it was, percent signs and all
        return without_names if len(text) <= LONGEST else f"{without_names}…"

    def _hide_known(self, text: str) -> str:
        return TOKEN.sub(lambda found: self._hidden_if_known(found[0]), text)

    def _hide_names(self, text: str) -> str:
        whole = self._known(text)
        if whole:
            return self._hidden(whole)
        text = PHONE.sub(_without_number, text)
        if '"' in text or "'" in text:
            text = QUOTED.sub(lambda found: self._quotation(found[0]), text)
        return TOKEN.sub(lambda found: self._token(found[0]), text)

    def _hidden_if_known(self, text: str) -> str:
        known = self._known(text)
        return self._hidden(known) if known else text

    def _quotation(self, quoted: str) -> str:
        inner = quoted_text(quoted)
        return quoted.replace(inner, self._hidden_if_known(inner), 1)

    def _token(self, token: str) -> str:
        known = self._known(token) or _of_provider(token)
        if known:
            return self._hidden(known)
        return PART.sub(lambda found: self._part(found[0]), token)

    def _part(self, part: str) -> str:
        bare = part.strip(AROUND)
        known = self._known(part)
        if known:
            return self._hidden(known) if known == part else part.replace(bare, self._hidden(known), 1)
        return part.replace(bare, HIDDEN_ADDRESS, 1) if "@" in bare else part

    def _known(self, text: str) -> str:
        """The name that the text is; empty where it is none. Short ones are in ``_names`` only where one is a whole text."""
        return next((form for form in spellings(text) if form in self._names), "")

    def _hidden(self, name: str) -> str:
        return f"{HIDDEN} {self._numbers.setdefault(name, len(self._numbers) + 1)}"


def each_text(document: Any, change: Any) -> Any:
    """The document of JSON with each of its texts, keys too, as ``change`` gives it."""
    if isinstance(document, str):
        return change(document)
    if isinstance(document, Mapping):
        return {change(key): each_text(value, change) for key, value in document.items()}
    if isinstance(document, list | tuple):
        return [each_text(value, change) for value in document]
    return document


def masked(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Fields whose values hold texts, without persons' names; the names of the fields are ours."""
    masker = Masker()
    each_text(list(fields.values()), masker.look)
    masker.learn()
    return {name: each_text(value, masker.mask) for name, value in fields.items()}


def without_quotations(sentence: str) -> str:
    """A sentence of ours without what it quotes of a client's."""
    return QUOTED.sub("'…'", sentence)


def _of_provider(token: str) -> str:
    """The token, if it is an id as identity providers give them; else nothing."""
    provider, bar, id = token.partition("|")
    return token.lower() if bar and min(len(provider), len(id)) >= SHORTEST_OF_PROVIDER else ""


def _without_number(found: re.Match[str]) -> str:
    text = found[0]
    # Bare figures are amounts and row numbers; a country or trunk prefix or groups make a telephone number.
    is_phone = not text.isdecimal() or text.startswith("0")
    return HIDDEN_NUMBER if is_phone and not DATE.match(text) else text
