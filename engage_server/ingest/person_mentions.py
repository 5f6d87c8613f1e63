"""Finds the texts in what came in, to see whether it mentions somebody who must not be kept."""

import re
from collections.abc import Collection, Iterator, Sequence
from typing import Any, Final
from urllib.parse import unquote_plus

import msgspec

from engage_server.ingest.id_cache import suppressed_names, suppression_keys
from engage_server.ingest.items import Reject
from engage_server.tenancy.tenant_cache import CacheEpoch

LONGEST_NAME: Final = 200
NAMING_KEY: Final = re.compile("id$|user|person|alias|distinct", re.IGNORECASE)
# Of what is no JSON: runs of what ids and addresses are made of.
WORD: Final = re.compile(r"[^\s\"'<>{}\[\](),;&=\\]+")


def texts_in(payload: str) -> set[str]:
    """Every text in a JSON document, keys and numbered ids included; of anything else, its words."""
    try:
        document = msgspec.json.decode(payload)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        words = WORD.findall(payload)
        return {*words, *map(unquote_plus, words)}
    return set(_leaves(document))


def mentions(payload: str, names: Collection[str]) -> bool:
    """Whether the payload mentions one of the names, as a text of its own."""
    return not texts_in(payload).isdisjoint(names)


def without_suppressed(place: CacheEpoch, rejects: Sequence[Reject]) -> list[Reject]:
    """Those rejects that may be kept: what mentions a suppressed person is kept nowhere."""
    if not rejects or not suppression_keys(place):
        return list(rejects)
    texts = [{text for text in texts_in(reject.payload) if len(text) <= LONGEST_NAME} for reject in rejects]
    listed = suppressed_names(place, set().union(*texts))
    return [reject for reject, found in zip(rejects, texts, strict=True) if listed.isdisjoint(found)]


def _leaves(document: Any) -> Iterator[str]:
    waiting: list[tuple[str, Any]] = [("", document)]
    while waiting:
        match waiting.pop():
            case key, str(text):
                # A number may be anybody's age or price, unless it is told as an id.
                if not text.isdigit() or NAMING_KEY.search(key):
                    yield text
            case key, int(number) if not isinstance(number, bool):
                if NAMING_KEY.search(key):
                    yield str(number)
            case key, list(parts):
                waiting += [(key, part) for part in parts]
            case _, dict(parts):
                waiting += [(name, part) for name, part in parts.items()]
                waiting += [("", name) for name in parts]
