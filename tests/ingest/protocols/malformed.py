"""Payloads as broken as clients, proxies and attackers make them, and what must hold of every answer to them."""

import json
from collections.abc import Sequence
from functools import cache
from typing import Any, Final

from hypothesis import strategies as st

from tests.ingest.protocols.bodies import BAG, FIELDS, ITEMS, PATHS, batch

Example = tuple[str, bytes]

# What has broken one decoder or another, as the value of any field.
VALUES: Final = (
    b"null",
    b"true",
    b"0",
    b"-0.0",
    b"1e400",
    b"-1e-400",
    b"9" * 400,
    b"NaN",
    b"Infinity",
    b'""',
    b'" "',
    b'"\\u0000"',
    b'"\\ud800"',
    b'"\xff"',
    b'"' + b"x" * 300 + b'"',
    b"[]",
    b"{}",
    b"[[]]",
    b'{"":null}',
    b"[" * 600 + b"]" * 600,
    b'{"a":' * 50 + b"1" + b"}" * 50,
    b'{"company":["acct"]}',
    b'{"$set":7}',
    b'"0001-01-01T00:00:00Z"',
    b'"9999-12-31T23:59:59+14:00"',
    b"253402300800000",
    b"-1",
)
# What takes the batch around it apart.
BREAKING: Final = (b'"x', b"{", b"}", b"]", b"", b",", b'{"a"}', b"[" * 100_000)
BAGS: Final = {
    "segment": "properties",
    "posthog": "properties",
    "mixpanel": "properties",
    "amplitude": "user_properties",
    "snowplow": "ue_pr",
}
JSON: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=4,
)


def seeds(protocol: str) -> list[bytes]:
    """Every odd value in every field, and among the properties; and what takes the batch apart."""
    names = [(name,) for name in FIELDS[protocol].split()]
    names += [(BAGS[protocol], name) for name in BAG.split()]
    whole = [batch(protocol, "key", [_with(protocol, path, value) for value in VALUES]) for path in names]
    return whole + [batch(protocol, "key", [_with(protocol, names[0], value)]) for value in BREAKING]


def _with(protocol: str, path: tuple[str, ...], value: bytes) -> bytes:
    mark = "\0value\0"
    item = ITEMS[protocol]("key")
    if len(path) == 1:
        item[path[0]] = mark
    else:
        item[path[0]] = {**item.get(path[0], {}), path[1]: mark}
    return json.dumps(item).encode().replace(b'"\\u0000value\\u0000"', value)


@st.composite
def examples(draw: st.DrawFn) -> Example:
    """A body of odd items, sometimes damaged as a whole."""
    protocol = draw(st.sampled_from(sorted(PATHS)))
    body = batch(protocol, "key", draw(st.lists(_items(protocol), max_size=3)))
    if draw(st.integers(0, 4)) == 0:
        place, length = draw(st.integers(0, len(body))), draw(st.integers(0, 5))
        body = body[:place] + draw(st.binary(max_size=6)) + body[place + length :]
    return protocol, body


@cache
def _items(protocol: str) -> st.SearchStrategy[bytes]:
    bags = st.dictionaries(st.sampled_from(BAG.split()), JSON, max_size=3)
    names = st.sampled_from(FIELDS[protocol].split())
    odd = st.dictionaries(names, JSON | bags, max_size=4)
    whole = odd.map(lambda fields: {**ITEMS[protocol]("key"), **fields}) | odd | JSON
    return whole.map(lambda item: json.dumps(item).encode()) | st.builds(
        lambda name, value: _with(protocol, (name,), value), names, st.sampled_from(VALUES + BREAKING)
    )


def complaint(protocol: str, status: int, answer: bytes) -> str:
    """What is wrong with an answer; "" if nothing is.

    A body may be refused with 400 as a whole; else 200 lists every rejected item with a code and a sentence.
    """
    if status not in {200, 400}:
        return f"status {status}"
    if protocol == "snowplow" and status == 200:
        return "" if answer == b"ok" else "no ok"
    told: dict[str, Any] = json.loads(answer)
    rejected: Sequence[dict[str, Any]] = told.get("rejected", [])
    if not all(one["code"] and one["message"] for one in rejected):
        return "a reject without code or message"
    return (
        "" if status == 200 or any(told.get(field) for field in ("code", "detail", "error")) else "no reason"
    )
