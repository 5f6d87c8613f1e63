"""The short way through a plain track call and the ordinary way say the same of every item."""

import functools
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engage_server.ingest.delivery import Delivery
from engage_server.ingest.exceptions import ItemError
from engage_server.ingest.items import EventItem, Item
from engage_server.ingest.limits import MAX_ITEM_BYTES
from engage_server.ingest.protocols.base import TrackingRequest
from engage_server.ingest.protocols.segment.envelope import items_in
from engage_server.ingest.protocols.segment.fast_decoder import decode_events, plain_event
from engage_server.ingest.protocols.segment.translation import translate, translate_call
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
        return call(raw, Delivery("segment", "web", NOON, sent_at=sent_at))
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
        {"groupId": " Null"},
        "undefined",
        "true north",
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


CHANGES = st.dictionaries(FIELDS, VALUES, max_size=4)


@given(changes=CHANGES, sent_at=VALUES)
def test_both_ways_agree_on_any_call(changes: dict[str, Any], sent_at: Any) -> None:
    raw = changed(**changes)
    assert outcome(translate, raw, sent_at) == outcome(translate_call, raw, sent_at)


@pytest.mark.parametrize("raw", [item for item, _ in MALFORMED.values()], ids=MALFORMED.keys())
def test_both_ways_agree_on_what_is_malformed(raw: bytes) -> None:
    assert plain_event(raw, sent_at=None, received_at=NOON) is None
    assert outcome(translate, raw) == outcome(translate_call, raw)


@pytest.mark.parametrize(
    ("where", "code"), [("context", None), ("properties", "too_deep"), ("traits", "too_deep")]
)
def test_what_is_kept_must_not_be_too_deep(where: str, code: str | None) -> None:
    raw = changed(**{where: {"a": functools.reduce(lambda inner, _: [inner], range(40), "x")}})
    said = outcome(translate_call, raw)
    assert said[0].name == "Exported" if code is None else str(said).startswith(code)
    assert outcome(translate, raw) == said


@pytest.mark.parametrize("number", [b"1e-20000", b"1e999", b"9" * 400, b"1.5", b"NaN"])
def test_both_ways_agree_on_numbers(number: bytes) -> None:
    raw = changed().replace(b'"rows": 3', b'"rows": ' + number)
    assert outcome(translate, raw) == outcome(translate_call, raw)


def batch(raws: list[bytes], sent_at: Any = None) -> list[EventItem] | None:
    sent = b"" if sent_at in (None, ...) else b', "sentAt": ' + json.dumps(sent_at).encode()
    plain = decode_events(
        TrackingRequest(b'{"batch": [' + b", ".join(raws) + b"]" + sent + b"}"), received_at=NOON
    )
    return None if plain is None else plain.events.items()


def test_a_batch_of_plain_tracks_takes_the_short_way() -> None:
    raws = [changed(messageId="1"), changed(messageId="2", userId=..., anonymousId="d", context=...)]
    events = batch(raws)
    assert events == [event for raw in raws for event in outcome(translate_call, raw)]


@given(
    changes=st.lists(CHANGES, min_size=1, max_size=4), sent_at=VALUES.filter(lambda value: value != "a\0b")
)
def test_a_batch_is_read_as_its_items_are_or_not_at_all(changes: list[dict[str, Any]], sent_at: Any) -> None:
    raws = [changed(**one) for one in changes]
    alone = [plain_event(raw, sent_at=sent_at, received_at=NOON) for raw in raws]
    # One item that is not plain sends the whole batch the ordinary way; so does nothing else.
    assert batch(raws, sent_at) == (None if None in alone else alone)


@pytest.mark.parametrize("raw", [item for item, _ in MALFORMED.values()], ids=MALFORMED.keys())
def test_a_batch_with_something_malformed_goes_the_ordinary_way(raw: bytes) -> None:
    assert batch([changed(), raw]) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"properties": {"text": "x" * MAX_ITEM_BYTES}},
        {"timestamp": "1969-12-31T23:59:59Z"},
        {"timestamp": "2999-01-01T00:00:00Z"},
        {"context": {"traits": {"a": 1}}},
    ],
    ids=["large", "before 1970", "in the future", "traits"],
)
def test_a_batch_with_an_item_that_takes_a_second_look_goes_the_ordinary_way(changes: dict[str, Any]) -> None:
    assert batch([changed(), changed(**changes)]) is None


def test_a_batch_may_be_larger_than_an_item() -> None:
    raws = [changed(messageId=str(number), properties={"text": "x" * 1000}) for number in range(50)]
    assert sum(map(len, raws)) > MAX_ITEM_BYTES
    assert len(batch(raws) or []) == 50


@pytest.mark.parametrize("consent", [b"1e999", b'"\xff"'], ids=["number", "not UTF-8"])
def test_both_ways_agree_on_what_is_read_and_not_kept(consent: bytes) -> None:
    raw = changed(context={"consent": "?"}).replace(b'"?"', consent)
    assert outcome(translate, raw) == outcome(translate_call, raw)
    assert batch([raw]) is None


def test_the_items_of_a_batch_are_found_however_deep_its_other_fields_are() -> None:
    item = changed()
    for depth in (1, 40, 900, 940, 5000):
        body = b'{"batch": [' + item + b'], "other": ' + b"[" * depth + b"]" * depth + b"}"
        assert items_in(body) == [item]


def test_a_number_in_traits_that_no_double_holds_is_called_so() -> None:
    raw = b'{"type": "identify", "userId": "ada", "traits": {"a": 1e999}}'
    assert str(outcome(translate, raw)).startswith("number_out_of_range")
