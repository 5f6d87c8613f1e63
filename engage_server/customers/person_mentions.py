"""Says which names a text mentions: one law for all that hide, refuse, erase or export by a person's name.

A text mentions a name where

- it is the name as a whole or between quotation marks, however short the name is; punctuation around it does not count;
- a name of ``SHORTEST_WORD`` characters or more stands in it as a word: no letter, figure or underscore touches it.

A text is read as it is written and with its percent-encodings taken off, both also in lower case, in either canonical
form of Unicode. So ``mailto:ADA%2DLOVELACE@x.test`` mentions ``ada-lovelace``.

Who knows the names asks a ``NameMatcher``. Who does not, because they are a million or only their hashes are stored,
looks up the ``possible_names`` of a text. These are its pieces between blanks, brackets, quotation marks and the
separators of addresses; so a name with a blank inside is found there only as a whole or between quotation marks.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final
from unicodedata import normalize
from urllib.parse import unquote, unquote_plus

import msgspec

# A shorter name is taken for one only where it is a whole text: "7" stands in many a note.
SHORTEST_WORD: Final = 6
# None of these can backtrack: each is one class of characters, or bounded.
TOKEN: Final = re.compile(r"[^\s,;()\[\]{}<>\"']+")
PART: Final = re.compile(r"[^:|=/&?#]+")
UNICODE_ESCAPE: Final = re.compile(r"\\u([0-9A-Fa-f]{4})")
# What stands between quotation marks in a sentence of ours is what a client sent. An apostrophe opens nothing.
QUOTED: Final = re.compile(
    r"""(?<!\w)(?:'(?:[^'\\]|\\.)*(?:'|\\?\Z)|"(?:[^"\\]|\\.)*(?:"|\\?\Z))""", re.DOTALL
)
AROUND: Final = ".!?@"
ESCAPE: Final = re.compile(r"%[0-9A-Fa-f]{2}")
MOST_ENCODINGS: Final = 2  # an address within an address
# Under these keys a client writes ids, so that figures alone may name somebody; elsewhere they are ages and prices.
NAMING_KEY: Final = re.compile("id$|user|person|alias|distinct", re.IGNORECASE)
# Of a payload that is no JSON: runs of what ids and addresses are made of.
WORD: Final = re.compile(r"[^\s\"'<>{}\[\](),;&=\\]+")


class NameMatcher:
    """Finds mentions of these names, where they are known."""

    def __init__(self, names: Collection[str], *, shortest_word: int = SHORTEST_WORD) -> None:
        self._names = frozenset(form for name in names for form in _canonical_forms(name))
        self._lower = frozenset(name.lower() for name in self._names)
        words = [name for name in self._names if len(name) >= shortest_word]
        self._words = _any_word(words)
        self._words_but_figures = _any_word([word for word in words if not word.isdigit()])

    def matches(self, text: str, *, figures: bool = True) -> bool:
        """Whether the text mentions one of the names; ``figures``: also one that is made of figures alone."""
        if not self._may_stand_in(text):
            return False
        if not self._names.isdisjoint(possible_names(text, figures=figures)):
            return True
        words = self._words if figures else self._words_but_figures
        return words is not None and any(words.search(reading) for reading in _readings(text))

    def matches_document(self, document: Any) -> bool:
        """Whether a text of a JSON document of ours mentions one of the names."""
        return any(map(self.matches, texts_of(document)))

    def matches_payload(self, payload: str) -> bool:
        """Whether what a client sent mentions one of the names."""
        if "\\" not in payload and not any(map(self._may_stand_in, (payload, payload.replace("+", " ")))):
            return False
        return any(self.matches(text, figures=figures) for text, figures in _payload_texts(payload))

    def _may_stand_in(self, text: str) -> bool:
        """Rule out at little cost what most texts are: of one spelling, and without any of the names."""
        if not text.isascii() or "%" in text:
            return True
        lower = text.lower()
        return any(name in lower for name in self._lower)


def possible_names(text: str, *, figures: bool = True) -> Iterator[str]:
    """Every name that the text could mention; ``figures``: also those that are made of figures alone."""
    for reading in decodings(text):
        for name in _pieces(reading):
            if figures or not name.isdigit():
                yield name


def possible_names_in_payload(payload: str) -> set[str]:
    """Every name that what a client sent could mention."""
    return {
        name for text, figures in _payload_texts(payload) for name in possible_names(text, figures=figures)
    }


def spellings(text: str) -> Iterator[str]:
    """The names that a piece of a text may stand for as a whole."""
    bare = text.strip(AROUND)
    for form in (text, bare) if bare != text else (text,):
        if form:
            yield form
            lower = form.lower()
            if lower != form:
                yield lower
            if not form.isascii():
                yield from _canonical_forms(form)
                yield from _canonical_forms(lower)


def quoted_text(quoted: str) -> str:
    """What stands between the marks of a match of ``QUOTED``, of which the second may be missing."""
    return quoted[1:-1] if len(quoted) > 1 and quoted[-1] == quoted[0] else quoted[1:]


def decodings(text: str) -> list[str]:
    """The text, and what it says without one layer of percent-encoding and without two."""
    found = [text]
    while len(found) <= MOST_ENCODINGS and ESCAPE.search(found[-1]):
        found.append(unquote(found[-1]))
    return found


def texts_of(document: Any) -> Iterator[str]:
    """The texts of a JSON document, keys too."""
    waiting = [document]
    while waiting:
        match waiting.pop():
            case str(text):
                yield text
            case Mapping() as parts:
                waiting += parts.keys()
                waiting += parts.values()
            case list(parts) | tuple(parts):
                waiting += parts


def _pieces(text: str) -> Iterator[str]:
    yield from spellings(text)
    if '"' in text or "'" in text:
        for quoted in QUOTED.findall(text):
            yield from spellings(quoted_text(quoted))
    for token in TOKEN.findall(text):
        if len(token) >= SHORTEST_WORD:
            for piece in {token, *PART.findall(token)}:
                yield from _words(piece)


def _words(piece: str) -> Iterator[str]:
    for form in spellings(piece):
        if len(form) >= SHORTEST_WORD:
            yield form
    if "@" in piece:
        local_part = piece.strip(AROUND).partition("@")[0]
        if len(local_part) >= SHORTEST_WORD:
            yield from spellings(local_part)


def _readings(text: str) -> Iterator[str]:
    for reading in decodings(text):
        for form in _canonical_forms(reading):
            yield form
            yield form.lower()


def _canonical_forms(text: str) -> tuple[str, ...]:
    return (text,) if text.isascii() else (text, normalize("NFC", text), normalize("NFD", text))


def _any_word(names: Collection[str]) -> re.Pattern[str] | None:
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, names))})(?!\w)") if names else None


def _payload_texts(payload: str) -> Iterator[tuple[str, bool]]:
    """Each text of what a client sent, and whether figures alone may name somebody in it."""
    try:
        document = msgspec.json.decode(payload)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        for text in {payload, _without_escapes(payload)}:
            yield text, True
            for word in WORD.findall(text):
                yield word, True
                yield unquote_plus(word), True
    else:
        yield from _leaves(document)


def _without_escapes(payload: str) -> str:
    """The text of a payload that is nearly JSON, such as one with ``NaN`` in it, with its escapes of characters read."""
    units = UNICODE_ESCAPE.sub(lambda escape: chr(int(escape[1], 16)), payload)
    return units.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _leaves(document: Any) -> Iterator[tuple[str, bool]]:
    waiting: list[tuple[Any, bool]] = [(document, False)]
    while waiting:
        match waiting.pop():
            case str(text), names:
                yield text, names
            case int(number), True if not isinstance(number, bool):
                yield str(number), True
            case list(parts), names:
                waiting += [(part, names) for part in parts]
            case dict(parts), _:
                yield from ((key, False) for key in parts)
                waiting += [(part, bool(NAMING_KEY.search(key))) for key, part in parts.items()]
