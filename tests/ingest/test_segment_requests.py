"""How requests are opened, refused and answered."""

import gzip
import json
import zlib
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engage_server.access import key_format
from engage_server.access.models import ApiKey
from engage_server.activity.models import Event
from engage_server.customers.models import Subscription
from engage_server.ingest.delivery import Delivery
from engage_server.ingest.exceptions import BodyTooLargeError, MalformedBodyError
from engage_server.ingest.items import Item, SubscriptionItem
from engage_server.ingest.limits import MAX_BODY_BYTES
from engage_server.ingest.models import QuarantinedItem
from engage_server.ingest.pipeline import ingest_items
from engage_server.ingest.request_body import gunzip
from engage_server.operations.keys import create_key, revoke_key
from engage_server.tenancy.models import Tenant
from engage_server.tenancy.scope import TenantRef, tenant_scope
from engage_server.tenancy.services import set_status

GOOD = {
    "type": "track",
    "messageId": "good",
    "userId": "ada",
    "event": "E",
    "timestamp": "2026-03-01T12:00:00Z",
}


def raw(**changes: Any) -> bytes:
    return json.dumps({**GOOD, "messageId": "bad", **changes}).encode()


def props(text: bytes) -> bytes:
    return b'{"type":"track","messageId":"bad","userId":"ada","event":"E","properties":' + text + b"}"


MALFORMED = {
    "null": (b"null", "invalid_type"),
    "a number": (b"7", "invalid_type"),
    "a text": (b'"x"', "invalid_type"),
    "a list": (b"[]", "invalid_type"),
    "an empty object": (b"{}", "unknown_type"),
    "no type": (raw(type=None), "unknown_type"),
    "an unknown type": (raw(type="teleport"), "unknown_type"),
    "a type that is a list": (raw(type=["track"]), "unknown_type"),
    "no ids": (raw(userId=None, anonymousId=None), "missing_user"),
    "empty ids": (raw(userId="", anonymousId=""), "missing_user"),
    "an id that is an object": (raw(userId={"id": 1}), "missing_user"),
    "a boolean id": (raw(userId=True), "placeholder_id"),
    "a long id": (raw(userId="u" * 201), "id_too_long"),
    "a long anonymous id": (raw(anonymousId="u" * 201), "id_too_long"),
    "a long message id": (raw(messageId="m" * 201), "id_too_long"),
    "no event": (raw(event=None), "missing_event"),
    "a blank event": (raw(event="  "), "missing_event"),
    "a long event": (raw(event="e" * 201), "event_too_long"),
    "an event that is an object": (raw(event={"name": "x"}), "missing_event"),
    "a long group": (raw(context={"groupId": "g" * 201}), "id_too_long"),
    "a malformed timestamp": (raw(timestamp="yesterday"), "invalid_timestamp"),
    "a timestamp that is a number": (raw(timestamp=1772366400), "invalid_timestamp"),
    "a timestamp that is an object": (raw(timestamp={"a": 1}), "invalid_timestamp"),
    "a timestamp in the future": (raw(timestamp="2999-01-01T00:00:00Z"), "timestamp_in_future"),
    "a timestamp before 1970": (raw(timestamp="1969-12-31T23:59:59Z"), "timestamp_too_old"),
    "a timestamp at the end of time": (raw(timestamp="9999-12-31T23:59:59-23:00"), "invalid_timestamp"),
    "a NUL in the properties": (props(b'{"a":"x\\u0000"}'), "nul_character"),
    "a NUL in a key": (props(b'{"\\u0000":1}'), "nul_character"),
    "a NUL in an id": (raw(userId="a\0b"), "nul_character"),
    "a lone surrogate": (props(b'{"a":"\\ud800"}'), "invalid_json"),
    "NaN": (props(b'{"a":NaN}'), "invalid_json"),
    "Infinity": (props(b'{"a":-Infinity}'), "invalid_json"),
    "a number beyond doubles": (props(b'{"a":1e999}'), "number_out_of_range"),
    "a number of 400 digits": (props(b'{"a":' + b"9" * 400 + b"}"), "number_out_of_range"),
    "bad UTF-8": (props(b'{"a":"\xff"}'), "invalid_json"),
    "deep nesting": (props(b'{"a":' + b"[" * 40 + b"]" * 40 + b"}"), "too_deep"),
    "bottomless nesting": (props(b'{"a":' + b"[" * 9000 + b"]" * 9000 + b"}"), "too_deep"),
    "a large item": (props(b'{"a":"' + b"x" * 33000 + b'"}'), "item_too_large"),
    "half an object": (b'{"type":"track","userId" "x"}', "invalid_json"),
    "a group without group": (raw(type="group"), "missing_group"),
    "too many traits": (raw(type="identify", traits=dict.fromkeys(map(str, range(501)))), "too_many_traits"),
    "an alias without the former id": (raw(type="alias"), "missing_user"),
}


def batch(*items: bytes) -> bytes:
    return b'{"sentAt":null,"batch":[' + b",".join(items) + b"]}"


@pytest.mark.parametrize(("item", "code"), MALFORMED.values(), ids=MALFORMED.keys())
def test_a_bad_item_is_rejected_with_a_code_and_costs_the_others_nothing(
    acme: TenantRef, post, item: bytes, code: str
) -> None:
    response = post(batch(item, json.dumps(GOOD).encode()))
    assert response.status_code == 200
    answer = response.json()
    assert (answer["accepted"], [(one["index"], one["code"]) for one in answer["rejected"]]) == (
        1,
        [(0, code)],
    )
    with tenant_scope(acme):
        assert Event.objects.get().message_id == "good"
        kept = QuarantinedItem.objects.get()
        assert (kept.code, kept.source) == (code, "web")
        assert kept.payload
        assert len(kept.payload) <= 32 * 1024


def test_numbers_that_only_doubles_can_hold_are_kept(acme: TenantRef, post) -> None:
    tiny = b"0." + b"0" * 20000 + b"1"
    assert post(batch(props(b'{"a":1e-20000,"b":1e300,"c":' + tiny + b"}"))).json()["accepted"] == 1
    with tenant_scope(acme):
        assert Event.objects.get().properties == {"a": 0, "b": 10**300, "c": 0}


def test_an_escaped_backslash_before_u0000_is_no_nul(acme: TenantRef, post) -> None:
    assert post(batch(props(b'{"a":"\\\\u0000"}'))).json()["accepted"] == 1
    with tenant_scope(acme):
        assert Event.objects.get().properties == {"a": "\\u0000"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
FIELDS = (
    "type",
    "messageId",
    "userId",
    "anonymousId",
    "groupId",
    "event",
    "properties",
    "traits",
    "context",
    "timestamp",
)
CALLS = st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=8).flatmap(
    lambda odd: st.builds(lambda: {**GOOD, **odd, "messageId": odd.get("messageId")}) | st.just(odd)
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(calls=st.lists(CALLS | JSON, max_size=4))
def test_whatever_a_batch_holds_every_item_is_accounted_for(post, calls: list[Any]) -> None:
    response = post({"batch": calls})
    assert response.status_code == 200
    answer = response.json()
    assert answer["accepted"] + answer["duplicates"] + len(answer["rejected"]) == len(calls)
    assert all(one["code"] and one["message"] for one in answer["rejected"])


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=60) | st.text('{}[]",:\\abtch', max_size=40).map(str.encode))
def test_whatever_the_body_is_the_answer_is_no_server_error(post, body: bytes) -> None:
    assert post(body).status_code in {200, 400}
    assert post(body, "/v1/track").status_code in {200, 400}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"7",
        b"{}",
        b'{"batch":7}',
        b'{"batch":null}',
        b'{"batch":[',
        b"\x80",
        b'{"batch":[{}]',
    ],
)
def test_a_body_that_is_no_batch_is_a_400_in_segments_protocol(post, body: bytes) -> None:
    response = post(body)
    assert response.status_code == 400
    assert set(response.json()) == {"code", "message"}


def test_an_empty_batch_is_taken(post) -> None:
    assert post({"batch": []}).json() == {"success": True, "accepted": 0, "duplicates": 0, "rejected": []}


@pytest.mark.parametrize("path", ["/v1/batch", "/v1/batch/", "/v1/import", "/v1/import/"])
def test_batch_paths_answer_with_and_without_the_slash(post, path: str) -> None:
    assert post({"batch": [GOOD]}, path).json()["accepted"] == 1


def test_the_body_is_json_whatever_the_content_type_says(key: str) -> None:
    data = gzip.compress(json.dumps({"batch": [GOOD]}).encode())
    headers = {"Authorization": f"Bearer {key}", "Content-Encoding": "gzip"}
    response = Client().post(
        "/v1/batch", data, content_type="application/x-www-form-urlencoded", headers=headers
    )
    assert response.json()["accepted"] == 1


def test_broken_gzip_is_a_400(post) -> None:
    whole = gzip.compress(b'{"batch":[]}')
    for body in (b'{"batch":[]}', whole[:-9], whole[:3]):
        assert post(body, **{"Content-Encoding": "gzip"}).status_code == 400
    assert post(b"", **{"Content-Encoding": "br"}).status_code == 400


def test_a_body_over_the_limit_is_a_413(post) -> None:
    response = post(b" " * (MAX_BODY_BYTES + 1))
    assert (response.status_code, response.json()["code"]) == (413, "body_too_large")


def test_a_batch_just_under_the_limit_is_taken(post) -> None:
    body = json.dumps({"batch": [GOOD]}).encode()
    assert post(body + b" " * (MAX_BODY_BYTES - len(body))).status_code == 200


def test_a_bomb_is_a_413_and_is_not_unpacked(post) -> None:
    packer = zlib.compressobj(wbits=31)
    bomb = b"".join(packer.compress(b"\0" * 1024 * 1024) for _ in range(300)) + packer.flush()
    assert len(bomb) < 400_000
    assert post(bomb, **{"Content-Encoding": "gzip"}).status_code == 413


def test_gunzip_stops_at_the_ratio_and_reads_every_member() -> None:
    assert gunzip(gzip.compress(b"a") + gzip.compress(b"b")) == b"ab"
    with pytest.raises(BodyTooLargeError):
        gunzip(gzip.compress(b"\0" * 3_000_000))
    with pytest.raises(MalformedBodyError):
        gunzip(gzip.compress(b"a") + b"trailing")


def test_the_key_in_the_body_opens_too(key: str) -> None:
    response = Client().post("/v1/batch", {"batch": [GOOD], "writeKey": key}, content_type="application/json")
    assert response.json()["accepted"] == 1


@pytest.mark.parametrize("odd", ["\0", "é", "\ud800", " ", "-"])
@pytest.mark.parametrize("part", ["public_id", "secret"])
def test_a_key_with_a_character_that_no_key_has_is_a_401_whatever_its_checksum(
    acme: TenantRef, odd: str, part: str
) -> None:
    known = key_format.generate("ing")
    key = replace(known, **{part: odd + getattr(known, part)[1:]}).whole
    response = Client().post("/v1/track", {**GOOD, "writeKey": key}, content_type="application/json")
    assert response.status_code == 401


def test_a_wrong_key_is_a_401_and_stores_nothing(acme: TenantRef, post, key: str) -> None:
    public_id = key.split("_")[3]
    query = create_key(acme, ApiKey.Kind.QUERY)
    for wrong in (
        "Basic !!",
        "Basic",
        "Digest x",
        "",
        f"Bearer {query}",
        f"Bearer {key[:-1]}!",
        f"Bearer {key}x",
    ):
        response = post({"batch": [GOOD]}, Authorization=wrong)
        assert response.status_code == 401
        assert set(response.json()) == {"code", "message"}
    revoke_key(acme, public_id)
    assert post({"batch": [GOOD]}).status_code == 401
    with tenant_scope(acme):
        assert not Event.objects.exists()


def test_another_tenants_host_is_a_401_and_the_own_host_opens(
    acme: TenantRef, globex: TenantRef, post
) -> None:
    assert post({"batch": [GOOD]}, Host="acme.localhost:8000").status_code == 200
    assert post({"batch": [GOOD]}, Host="globex.localhost:8000").status_code == 401
    assert post({"batch": [GOOD]}, Host="no host!").status_code == 400


def test_a_suspended_tenant_is_a_403(acme: TenantRef, post) -> None:
    set_status(acme.slug, Tenant.Status.SUSPENDED)
    response = post({"batch": [GOOD]})
    assert (response.status_code, response.json()["code"]) == (403, "tenant_suspended")


def test_only_post_is_answered(key: str) -> None:
    assert Client().get("/v1/batch", headers={"Authorization": f"Bearer {key}"}).status_code == 405


def test_an_item_that_only_the_database_refuses_costs_the_others_nothing(acme: TenantRef) -> None:
    def translate(raw: bytes) -> list[Item]:
        seats = int(raw)
        return [SubscriptionItem(f"s{seats}", "acct", date(2026, 3, 1), seats=seats)]

    with tenant_scope(acme):
        receipt = ingest_items(
            [b"1", b"-1", b"2"], translate=translate, delivery=Delivery("segment", "web", datetime.now(UTC))
        )
        assert set(Subscription.objects.values_list("seats", flat=True)) == {1, 2}
        assert QuarantinedItem.objects.get().payload == "-1"
    assert (receipt.accepted, [(one.index, one.code) for one in receipt.rejected]) == (
        2,
        [(1, "not_storable")],
    )
