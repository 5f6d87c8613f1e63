"""Answers that PostgreSQL builds as JSON are those of the ordinary way."""

import json
import re
from datetime import timedelta

import pytest

from engage_server.access.models import ApiKey
from engage_server.access.principal import EVERYTHING, Principal
from engage_server.api.execution import GraphQLRequest, answer
from engage_server.api.json_output import to_json
from engage_server.customers.models import Account
from engage_server.operations.keys import create_key
from engage_server.tenancy.scope import tenant_scope
from tests.api.conftest import Caller
from tests.metrics.values import DAY, store

NAMES = ("plain", 'quo"ted\\', "한국어", "line\nbreak\ttab", "</script>", "\x7f\u2028", "", "100%")
VALUES = (12.5, 0, -3, 1e15, 0.1, 66.6666666667, None, 5)
SCALARS = "__typename id externalId name plan owner stage"
RESULT = "__typename metric subjectKind label day value status n"
SERIES = (
    "series(from: $from, to: $to) { __typename days values statuses ns definitionVersions "
    "points { __typename day value status n definitionVersion } }"
)
RANGE = {"from": (DAY - timedelta(days=3)).isoformat(), "to": DAY.isoformat()}
HEAD = "query ($from: Date!, $to: Date!) "
FRAGMENTS = " fragment F on Account { name mood { ...M } } fragment M on MoodOfAccount { score { ...R } } " \
    "fragment R on MetricResult { value ... on MoodScore { n } ... on MoodSwing { label } }"  # fmt: skip
DOCUMENTS = {
    "columns": "{ accounts(first: 3) { edges { node { SCALARS } } } }",
    "whole page": "{ accounts(first: 3) { __typename totalCount pageInfo { __typename hasNextPage hasPreviousPage "
    "startCursor endCursor } edges { __typename cursor node { id } } } }",
    "figures": "{ accounts(first: 100) { edges { node { mood { __typename score { RESULT } swing { value } } } } } }",
    "aliases": "{ a: accounts(first: 2) { e: edges { n: node { x: name m: mood { s: score { v: value } } } } } "
    "b: accounts(last: 2) { edges { node { name } } } }",
    "fragments": "{ accounts(first: 2) { edges { node { ...F ... on Node { id } ... { plan } } } } } FRAGMENTS",
    "by value": '{ accounts(first: 100, orderBy: {metric: {id: "mood.score"}}) { edges { cursor node { name mood '
    "{ score { value } } } } } }",
    "filtered": '{ accounts(where: {search: "o", metrics: [{id: "mood.score", above: 1}]}) { totalCount edges { node '
    "{ name } } } }",
    "nothing found": '{ accounts(where: {search: "nobody"}) { edges { node { name } } pageInfo { endCursor } } }',
    "one": 'HEAD{ account(externalId: "a0") { SCALARS mood { score { value SERIES } } } }',
    "one without a value": 'HEAD{ account(externalId: "bare") { name mood { score { value SERIES } } } }',
    "none": '{ account(externalId: "nobody") { name } }',
    "list": "{ moodScoreByAccount(first: 5) { totalCount edges { cursor node { RESULT subject { __typename "
    "... on Account { SCALARS mood { swing { value } } } ...Of } } } pageInfo { hasNextPage endCursor } } } "
    "fragment Of on Subject { ... on Account { called: name } ... on Person { called: email } }",
    "list, the best first": '{ moodScoreByAccount(worstFirst: false, below: 60, where: {plan: ["pro"], status: [OK]}) '
    "{ totalCount edges { node { value label } } } }",
    "directive": "{ accounts(first: 2) { edges { node { name @skip(if: true) plan } } } }",
    "more than figures": "{ accounts(first: 2) { edges { node { traits mood { score { value unit } } } } } }",
    "another day": '{ accounts(first: 2) { edges { node { mood(on: "2020-01-01") { score { value } } } } } }',
    "a range that is none": '{ account(externalId: "a0") { mood { score { series(from: "2026-01-02", to: "2026-01-01") '
    "{ days } } } } }",
    "months": 'HEAD{ account(externalId: "a0") { mood { score { series(from: $from, to: $to, grain: MONTH) { days } } } } }',
}  # fmt: skip
PARTS = {"SCALARS": SCALARS, "RESULT": RESULT, "SERIES": SERIES, "HEAD": HEAD, "FRAGMENTS": FRAGMENTS}


def whole(document: str) -> str:
    for name, part in PARTS.items():
        document = document.replace(name, part)
    return document


@pytest.fixture
def tenant(at_acme, at_globex):
    with tenant_scope(at_acme.tenant):
        for place, (name, value) in enumerate(zip(NAMES, VALUES, strict=True)):
            account = Account.objects.create(
                external_id=f"a{place}", name=name, plan="pro" if place % 2 else "", owner=name
            )
            of_it = {"kind": "account", "subject": account.pk}
            for past in range(3):
                store(
                    "mood.score",
                    value,
                    day=DAY - timedelta(days=past),
                    n=0 if value is None else place + 1,
                    **of_it,
                )
            if place % 3:
                store("mood.swing", place, **of_it)
        Account.objects.create(external_id="bare", name="Bare")
    with tenant_scope(at_globex.tenant):
        Account.objects.create(external_id="a0", name="Another's")
    return at_acme.tenant


def given(tenant, document: str, *, takes_json: bool) -> dict:
    variables = RANGE if document.startswith("query") else None
    principal = Principal(tenant, "key:test", EVERYTHING)
    payload = dict(answer(GraphQLRequest(document, variables), principal, takes_json=takes_json).payload)
    payload.pop("extensions").pop("cost").pop("budget", None)
    return json.loads(to_json(payload))


def keys_of(answered) -> list[str]:
    """The keys of all objects, in their order."""
    return re.findall(r'"(\w+)":', json.dumps(answered))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_answer_is_that_of_the_ordinary_way(tenant, name):
    document = whole(DOCUMENTS[name])
    ordinary, ready = (given(tenant, document, takes_json=takes) for takes in (False, True))
    assert ready == ordinary
    assert keys_of(ready) == keys_of(ordinary)


def test_what_is_not_read_is_paid_back_alike(tenant):
    document = "{ accounts(first: 1000) { edges { node { name } } } }"
    principal = Principal(tenant, "key:test", EVERYTHING)
    spent = {
        answer(GraphQLRequest(document), principal, takes_json=takes).payload["extensions"]["cost"]["spent"]
        for takes in (False, True)
    }
    assert len(spent) == 1


def test_another_tenant_gets_its_own_accounts_alone_on_the_same_connection(tenant, at_acme, at_globex):
    for _ in range(4):
        mine = at_acme.data('{ account(externalId: "a0") { name } accounts { totalCount } }')
        others = at_globex.data('{ account(externalId: "a0") { name } accounts { totalCount } }')
        assert mine["account"]["name"] == "plain"
        assert others == {"account": {"name": "Another's"}, "accounts": {"totalCount": 1}}


def test_who_may_not_see_persons_gets_the_ordinary_answer(tenant, at_acme):
    viewer = Caller(tenant, create_key(tenant, ApiKey.Kind.ADMIN), at_acme.host)
    assert viewer.data("{ accounts(first: 1) { edges { node { name } } } }")
