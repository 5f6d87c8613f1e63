"""What a body costs before anybody knows whose it is, and how much of it may be looked at."""

import gzip
import json
import time
from typing import Any

import pytest
from django.test import Client

from engage_server.access.models import ApiKey
from engage_server.activity.models import Event
from engage_server.ingest.exceptions import MalformedBodyError
from engage_server.ingest.limits import MAX_BODY_BYTES, MAX_ITEM_BYTES
from engage_server.ingest.models import QuarantinedItem
from engage_server.ingest.request_body import gunzip
from engage_server.operations.keys import create_key
from engage_server.tenancy.scope import TenantRef, tenant_scope
from tests.ingest.conftest import basic
from tests.ingest.protocols.bodies import ITEMS, PATHS, batch

# What docs/ingest.md promises.
MAX_ITEMS, MAX_REJECTS_LISTED, MAX_GZIP_MEMBERS = 5_000, 500, 100
KEY_WITHIN_BYTES, MAX_FORM_BYTES = 64 * 1024, 512 * 1024
PROTOCOLS = pytest.mark.parametrize("protocol", PATHS)


def post(path: str, body: bytes, key: str = "", **headers: str) -> Any:
    opened = {"Authorization": basic(key)} if key else {}
    return Client().post(path, body, content_type="application/json", headers={**opened, **headers})


def test_empty_gzip_members_and_too_many_are_refused() -> None:
    empty = gzip.compress(b"")
    with pytest.raises(MalformedBodyError, match="empty member"):
        gunzip(empty * 2_000)
    with pytest.raises(MalformedBodyError, match="members"):
        gunzip(gzip.compress(b"a") * (MAX_GZIP_MEMBERS + 1))
    assert gunzip(gzip.compress(b"a") * MAX_GZIP_MEMBERS) == b"a" * MAX_GZIP_MEMBERS


def test_gzip_members_are_unpacked_in_linear_time() -> None:
    noise = json.dumps([*range(60_000)]).encode() * 10
    packed = gzip.compress(noise, 1) + gzip.compress(b" ") * (MAX_GZIP_MEMBERS - 1)
    began = time.process_time()
    assert gunzip(packed).rstrip() == noise
    assert time.process_time() - began < 1


@PROTOCOLS
def test_more_items_than_may_be_are_refused_before_any_is_looked_at(
    acme: TenantRef, key: str, protocol: str
) -> None:
    response = post(PATHS[protocol], batch(protocol, key, [b"1"] * (MAX_ITEMS + 1)), key)
    assert response.status_code == 413
    assert f"more than {MAX_ITEMS} items" in response.content.decode()
    with tenant_scope(acme):
        assert not QuarantinedItem.objects.exists()


@PROTOCOLS
def test_what_is_no_json_is_cut_into_no_more_items_either(key: str, protocol: str) -> None:
    response = post(PATHS[protocol], batch(protocol, key, [b"NaN"] * (MAX_ITEMS + 1)), key)
    assert response.status_code == 413


def test_rejects_beyond_the_first_are_counted_and_kept_but_not_listed(
    acme: TenantRef, globex: TenantRef, key: str
) -> None:
    number = MAX_REJECTS_LISTED + 100
    told = post("/v1/batch", batch("segment", key, [b"1"] * number), key).json()
    assert (len(told["rejected"]), told["unlisted"]) == (MAX_REJECTS_LISTED, 100)
    with tenant_scope(acme):
        assert QuarantinedItem.objects.count() == number
    with tenant_scope(globex):
        assert not QuarantinedItem.objects.exists()


def long_body(protocol: str, key: str, *, first: str) -> bytes:
    """A body over both ends, in which the key stands at one of them only."""
    item = ITEMS[protocol](key if first else "")
    plain = ITEMS[protocol]("")
    plain = {**plain, "properties": {**plain.get("properties", {}), "text": "x" * 20_000}}
    items = [json.dumps(one).encode() for one in [item] + [plain] * 20]
    whole = batch(protocol, key if first else "", items)
    return whole if first else whole.removesuffix(b"}") + b',"api_key":"%s"}' % key.encode()


@PROTOCOLS
def test_a_long_body_is_opened_by_a_key_near_its_beginning(key: str, protocol: str) -> None:
    body = long_body(protocol, key, first="key")
    assert len(body) > 2 * KEY_WITHIN_BYTES
    assert post(PATHS[protocol], body).status_code == 200


def test_a_long_body_is_opened_by_a_key_at_its_end_and_by_none_in_its_middle(
    acme: TenantRef, key: str
) -> None:
    item = json.dumps(
        {"event": "E", "distinct_id": "a", "uuid": "m", "properties": {"text": "x" * 20_000}}
    ).encode()
    inside = b",".join([item] * 10)
    assert post("/batch/", b'{"batch":[%s],"api_key":"%s"}' % (inside, key.encode())).status_code == 200
    middle = b'{"batch":[%s],"api_key":"%s","pad":"%s"}' % (inside, key.encode(), b"x" * 200_000)
    response = post("/batch/", middle)
    assert (response.status_code, "within 64 kB" in response.json()["detail"]) == (401, True)
    assert post("/batch/", middle, key).status_code == 200
    wrong = create_key(acme, ApiKey.Kind.QUERY)
    assert post("/batch/", b'{"batch":[%s],"api_key":"%s"}' % (inside, wrong.encode())).status_code == 401


@PROTOCOLS
def test_a_key_in_the_header_is_looked_at_before_the_body(acme: TenantRef, protocol: str) -> None:
    for body in (b"\x00", b"not even JSON", b"{" * 100):
        assert post(PATHS[protocol], body, "nobody").status_code == 401


def test_a_form_is_bounded_more_tightly_than_json(key: str) -> None:
    assert post("/track", b"data=" + b"%41" * (MAX_FORM_BYTES // 3)).status_code == 413
    assert post("/track", b"data=" + b"a" * MAX_FORM_BYTES, key).status_code == 413


@pytest.mark.parametrize(("more", "code"), [(-1, None), (0, None), (1, "item_too_large")])
def test_an_item_may_have_32_kb_and_not_a_byte_more(
    acme: TenantRef, key: str, more: int, code: str | None
) -> None:
    item = json.dumps({**ITEMS["segment"](key), "properties": {"text": ""}}).encode()
    item = item.replace(b'"text": ""', b'"text": "%s"' % (b"x" * (MAX_ITEM_BYTES + more - len(item))))
    assert len(item) == MAX_ITEM_BYTES + more
    rejected = post("/v1/batch", batch("segment", key, [item]), key).json()["rejected"]
    assert [one["code"] for one in rejected] == ([code] if code else [])
    with tenant_scope(acme):
        assert Event.objects.exists() == (code is None)


@PROTOCOLS
@pytest.mark.parametrize(("more", "status"), [(-1, 200), (0, 200), (1, 413)])
def test_a_body_may_have_5_mb_and_not_a_byte_more(key: str, protocol: str, more: int, status: int) -> None:
    body = batch(protocol, key, [json.dumps(ITEMS[protocol](key)).encode()])
    padded = body[:-1] + b" " * (MAX_BODY_BYTES + more - len(body)) + body[-1:]
    assert post(PATHS[protocol], padded, key).status_code == status


@PROTOCOLS
def test_a_bomb_of_a_thousand_to_one_is_refused(key: str, protocol: str) -> None:
    bomb = gzip.compress(batch(protocol, key, [b" " * 20_000_000]))
    assert post(PATHS[protocol], bomb, key, **{"Content-Encoding": "gzip"}).status_code == 413
