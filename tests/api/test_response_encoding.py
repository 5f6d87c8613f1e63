"""The bytes of answers: an ETag for GET, 304 to who has the answer, gzip to who takes it."""

import gzip
import json
from urllib.parse import urlencode

from django.test import Client

from engage_server.api.response_encoding import zstd
from engage_server.customers.models import Account
from engage_server.tenancy.scope import tenant_scope
from tests.api.conftest import Caller

ACCOUNTS = "{ accounts(first: 100) { edges { node { externalId } } } }"


def get(caller: Caller, query: str = ACCOUNTS, **headers: str):
    sent = {"host": f"{caller.host}:8000", "authorization": f"Bearer {caller.key}", **headers}
    return Client().get(f"/graphql?{urlencode({'query': query})}", headers=sent)


def test_who_has_the_answer_is_told_so_until_it_changes(at_acme, at_globex):
    first = get(at_acme)
    etag = first["ETag"]
    assert first["Cache-Control"] == "private, no-cache"
    assert "Authorization" in first["Vary"]
    for known in (etag, f"W/{etag}", f'"x", {etag}'):
        again = get(at_acme, **{"if-none-match": known})
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", etag)
    with tenant_scope(at_globex.tenant):
        Account.objects.create(external_id="theirs")
    assert get(at_acme, **{"if-none-match": etag}).status_code == 304
    with tenant_scope(at_acme.tenant):
        Account.objects.create(external_id="ours")
    changed = get(at_acme, **{"if-none-match": etag})
    assert (changed.status_code, changed["ETag"] == etag) == (200, False)


def test_a_post_and_a_refusal_are_kept_by_nobody(at_acme):
    assert at_acme.post({"query": ACCOUNTS})["Cache-Control"] == "no-store"
    refused = get(at_acme, "{ nothing }")
    assert (refused["Cache-Control"], "ETag" in refused) == ("no-store", False)


def test_a_long_answer_is_compressed_where_the_client_takes_it(at_acme):
    with tenant_scope(at_acme.tenant):
        Account.objects.bulk_create(Account(external_id=f"account {number}") for number in range(90))
    plain = at_acme.post({"query": ACCOUNTS})
    for accepted in ("gzip, br", "br;q=1.0, gzip;q=0.8"):
        packed = at_acme.post({"query": ACCOUNTS}, **{"accept-encoding": accepted})
        assert packed["Content-Encoding"] == "gzip"
        assert json.loads(gzip.decompress(packed.content))["data"] == plain.json()["data"]
        assert len(packed.content) * 3 < len(plain.content)
    for accepted in ("identity", "gzip;q=0", ""):
        assert "Content-Encoding" not in at_acme.post({"query": ACCOUNTS}, **{"accept-encoding": accepted})


def test_zstandard_is_taken_where_the_client_likes_it_no_less_than_gzip(at_acme):
    with tenant_scope(at_acme.tenant):
        Account.objects.bulk_create(Account(external_id=f"account {number}") for number in range(90))
    plain = at_acme.post({"query": ACCOUNTS})
    for accepted in ("gzip, deflate, br, zstd", "zstd", "gzip;q=0.5, zstd;q=0.9"):
        packed = at_acme.post({"query": ACCOUNTS}, **{"accept-encoding": accepted})
        assert packed["Content-Encoding"] == "zstd", accepted
        assert json.loads(zstd.decompress(packed.content))["data"] == plain.json()["data"]
    for accepted in ("gzip, zstd;q=0.9", "zstd;q=0, gzip", "zstd;q=0.1, gzip;q=0.2"):
        packed = at_acme.post({"query": ACCOUNTS}, **{"accept-encoding": accepted})
        assert packed["Content-Encoding"] == "gzip", accepted
    for accepted in ("zstd;q=0", "br", "br," * 5_000 + "zstd"):
        assert "Content-Encoding" not in at_acme.post({"query": ACCOUNTS}, **{"accept-encoding": accepted})


def test_a_short_answer_is_not_worth_it(at_acme):
    assert "Content-Encoding" not in at_acme.post(
        {"query": "{ tenant { slug } }"}, **{"accept-encoding": "gzip"}
    )
