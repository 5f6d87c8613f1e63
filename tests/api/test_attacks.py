"""What hostile clients send is refused with the right status and code, and no answer tells what it should not."""

import json
import re
from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from engage_server.access.keys import create_key
from engage_server.access.models import ApiKey
from engage_server.api.composition import schema_for
from engage_server.tenancy.scope import shared_scope
from tests.api.attacks import ATTACKS, GOOD, Attack

LEAKS = re.compile(
    r"Traceback|File \"|line \d+, in |psycopg|django|strawberry|graphql-core|SELECT |INSERT |relation \"|"
    r"/(?:home|usr|srv|tmp|var|work|root)/|site-packages|(?<!manage)\.py\b|t_[0-9a-z]{16}|eng_live_|[Gg]lobex|postgres"
)
LONGEST_ANSWER = 25_000


@pytest.fixture
def send(at_acme, globex):
    """Sends an attack with acme's key."""

    def sending(attack: Attack):
        headers = {"host": "acme.localhost", "authorization": f"Bearer {at_acme.key}", **attack.headers}
        return Client().generic(
            attack.method, attack.path, attack.body, content_type=attack.content_type, headers=headers
        )

    return sending


def test_every_attack_is_refused_and_told_nothing(send):
    wrong = {name: found for name, attack in ATTACKS.items() if (found := complaint(attack, send(attack)))}
    assert wrong == {}


def complaint(attack: Attack, response: HttpResponse) -> str:
    """What is wrong with the answer; empty where nothing is."""
    text = response.content.decode()
    codes = {error["extensions"]["code"] for error in json.loads(text).get("errors", [])}
    if response.status_code != attack.status or codes != ({attack.code} if attack.code else set()):
        return f"{response.status_code} {codes} {text[:200]}"
    if attack.code not in {None, "BAD_USER_INPUT"} and '"data"' in text:
        return f"it was answered: {text[:200]}"
    leak = LEAKS.search(text.replace("globex.localhost", "the host that was asked for"))
    if leak or len(text) > LONGEST_ANSWER:
        return f"{len(text)} characters, {leak}"
    return ""


def test_an_attack_without_a_good_key_is_refused_before_anything_is_read(send, at_acme, globex):
    tenant = at_acme.tenant
    keys = {
        "expired": create_key(tenant, ApiKey.Kind.QUERY),
        "another tenant's": create_key(globex, ApiKey.Kind.QUERY),
        "cut": at_acme.key[:-1],
        "for tracking": create_key(tenant, ApiKey.Kind.INGEST),
        "none": "",
    }
    with shared_scope():
        past = timezone.now() - timedelta(seconds=1)
        ApiKey.objects.filter(public_id=keys["expired"].split("_")[3]).update(expires_at=past)
    for kind, key in keys.items():
        for body in (GOOD, b"{" * 50_000):
            response = send(Attack(body, headers={"authorization": f"Bearer {key}"}))
            assert response.status_code in {401, 403}, kind
            assert "data" not in response.json()
            assert not LEAKS.search(response.content.decode().replace("from eng_live_ on", ""))


PROBES = (
    "{ accounts(first: 1) { nothing } }",
    "{ acounts }",
    "{ tenant }",
    "{ accounts { totalCount } }",
    '{ accounts(frist: 1, first: "x") { totalCount } }',
    '{ node(id: "x") { ... on Acount { id } ... on Metric { id } externalId } }',
    '{ account(externalId: "x") { stage(x: 1) { a } metrics } }',
    "query ($x: Strin!, $y: AccountStage) { tenant { slug } }",
    "query ($n: Int!) { accounts(first: $n, after: $n) { totalCount } }",
    "{ metric(id: {a: 1}) { at(date: NEVER) { x } } }",
    "mutation { x }",
    "mutation { enablePlugin }",
    "{ tenant { slug { x } cadence { x } } }",
    "{ ...F } fragment F on Tenat { slug }",
    "{ tenant @inclde(if: 1) @include { slug } }",
)


def test_a_production_schema_is_not_spelt_out_by_its_errors(at_acme, settings):
    settings.ENGAGE_INTROSPECTION = False
    types = schema_for(frozenset({"mood"}))._schema.type_map
    names = set(types) | {
        name for type_ in types.values() for part in ("fields", "values") for name in getattr(type_, part, ())
    }
    # Words that a sentence needs; what is quoted is looked at apart.
    names = {name for name in names if not name.islower()}
    for query in PROBES:
        asked = set(re.findall(r"\w+", query))
        errors = at_acme.post({"query": query, "variables": {"n": "x"}}).json()["errors"]
        for message in (error["message"] for error in errors):
            assert {word for word in re.findall(r"\w+", message) if word in names} <= asked, message
            assert "Did you mean" not in message
            assert not re.findall(r"['\"]\w+", message), message
            assert "manage.py schema" in message
