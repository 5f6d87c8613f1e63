"""The short way through a plain track call and the ordinary way say the same of every item."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engage_server.ingest.exceptions import ItemError
from engage_server.ingest.items import Item
from engage_server.ingest.protocols.segment.plain import plain_event
from engage_server.ingest.protocols.segment.translation import Delivery, translate, translate_call
from tests.ingest.test_segment_requests import MALFORMED

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PLAIN = {
    "type": "track",
    "messageId": "4e912e45-0000",
    "userId": "ada",
    "event": "Exported",
    "timestamp": "2026-03-01T12:00:00.123Z",
    "context": {"groupId": "acct", "library": {"name": "x"}},
    "properties": {"rows": 3},
}


def outcome(call: Any, raw: bytes, sent_at: Any = None) -> list[Item] | str:
    try:
        return call(raw, Delivery(NOON, "web", sent_at=sent_at))
    except ItemError as error:
        return f"{error.code}: {error}"


def changed(**changes: Any) -> bytes:
    return json.dumps({key: value for key, value in (PLAIN | changes).items() if value is not ...}).encode()


def test_a_plain_track_takes_the_short_way() -> None:
    assert plain_event(changed(), sent_at=None, received_at=NOON) is not None
    assert plain_event(changed(context=..., anonymousId="d"), sent_at=None, received_at=NOON) is not None


VALUES = st.sampled_from(
    [
        ...,
        None,
        "",
        " x ",
        "x" * 200,
        "x" * 201,
        "a\0b",
        7,
        True,
        1.5,
        [],
        {},
        {"a": 1},
        {"groupId": ""},
        {"groupId": 5},
        {"traits": {"a": 1}},
        "track",
        "page",
        "identify",
        "Survey Answered",
        "Survey Dismissed",
        "Signed In",
        "2026-03-01T12:00:00+02:00",
        "2026-03-01",
        "2999-01-01T00:00:00Z",
        "1960-01-01T00:00:00Z",
        {"instrument": "nps", "scale_min": 0, "scale_max": 10, "score": 9},
    ]
)
FIELDS = st.sampled_from([*PLAIN, "anonymousId", "originalTimestamp", "sentAt", "traits", "name", "groupId"])


@given(changes=st.dictionaries(FIELDS, VALUES, max_size=4), sent_at=VALUES)
def test_both_ways_agree_on_any_call(changes: dict[str, Any], sent_at: Any) -> None:
    raw = changed(**changes)
    assert outcome(translate, raw, sent_at) == outcome(translate_call, raw, sent_at)


@pytest.mark.parametrize("raw", [item for item, _ in MALFORMED.values()], ids=MALFORMED.keys())
def test_both_ways_agree_on_what_is_malformed(raw: bytes) -> None:
    assert plain_event(raw, sent_at=None, received_at=NOON) is None
    assert outcome(translate, raw) == outcome(translate_call, raw)


@pytest.mark.parametrize("number", [b"1e-20000", b"1e999", b"9" * 400, b"1.5", b"NaN"])
def test_both_ways_agree_on_numbers(number: bytes) -> None:
    raw = changed().replace(b'"rows": 3', b'"rows": ' + number)
    assert outcome(translate, raw) == outcome(translate_call, raw)
