"""What happened on a day: said by those who configure, shown beside series."""

from datetime import date, timedelta

import pytest
from django.core.management import call_command

from engage_server.access.models import ApiKey
from engage_server.activity.models import Feature
from engage_server.customers.models import Account
from engage_server.operations import annotations
from engage_server.operations.account_tokens import issue_token
from engage_server.operations.keys import create_key
from engage_server.tenancy.scope import tenant_scope
from tests.api.conftest import Caller
from tests.metrics.values import DAY, store

CREATE = """mutation ($annotation: CreateAnnotationInput!) {
    createAnnotation(input: $annotation) { annotation { id day text kind feature version } }
}"""
LIST = """query ($from: Date, $feature: String) {
    annotations(first: 9, from: $from, feature: $feature) { edges { node { text } } }
}"""
SERIES = 'series(from: "2026-03-01", to: "2026-03-31") { values annotations { day text kind } }'
LAUNCH = {"day": "2026-03-15", "text": "Launch", "kind": "RELEASE"}


def admin(caller: Caller) -> Caller:
    return Caller(caller.tenant, create_key(caller.tenant, ApiKey.Kind.ADMIN), caller.host)


@pytest.fixture
def at_both(at_acme, at_globex) -> tuple[Caller, Caller]:
    return admin(at_acme), admin(at_globex)


def texts(caller: Caller, **asked) -> list[str]:
    return [one["text"] for one in caller.nodes(LIST, **asked)]


def test_an_annotation_stands_beside_the_series_of_its_range(at_both, at_acme):
    acme, _ = at_both
    made = acme.data(CREATE, annotation=LAUNCH)["createAnnotation"]["annotation"]
    assert made == {**LAUNCH, "id": made["id"], "feature": None, "version": 1}
    acme.data(CREATE, annotation={**LAUNCH, "day": "2026-04-01"})
    acme.data(CREATE, annotation={"day": "2026-03-01", "text": "Fair"})
    with tenant_scope(acme.tenant):
        store("mood.score", 4)
    found = at_acme.data(f'{{ metric(id: "mood.score") {{ {SERIES} }} }}')["metric"]["series"]
    assert found == {
        "values": [4],
        "annotations": [
            {"day": "2026-03-01", "text": "Fair", "kind": "OTHER"},
            {"day": "2026-03-15", "text": "Launch", "kind": "RELEASE"},
        ],
    }


def test_one_tenants_annotations_are_not_the_others(at_both):
    acme, globex = at_both
    id = acme.data(CREATE, annotation=LAUNCH)["createAnnotation"]["annotation"]["id"]
    assert texts(globex) == []
    assert (
        globex.code(
            "mutation ($id: ID!) { retireAnnotation(input: {id: $id}) { annotation { text } } }", id=id
        )
        == "BAD_USER_INPUT"
    )
    assert texts(acme) == ["Launch"]


def test_beside_a_features_series_those_of_other_features_are_left_out(at_both):
    acme, _ = at_both
    with tenant_scope(acme.tenant):
        chat, _ = (Feature.objects.create(name=name) for name in ("Chat", "Files"))
        store("mood.score", 4, kind="feature", subject=chat.pk)
    for text, feature in (("Chat out", "Chat"), ("Files out", "Files"), ("All", "")):
        acme.data(CREATE, annotation={**LAUNCH, "text": text, "feature": feature})
    query = f"{{ moodScoreByFeature(first: 9) {{ edges {{ node {{ {SERIES} }} }} }} }}"
    (found,) = acme.nodes(query)
    assert [one["text"] for one in found["series"]["annotations"]] == ["Chat out", "All"]
    assert texts(acme, feature="Files") == ["Files out"]


def test_who_sees_one_account_sees_none(at_both):
    acme, _ = at_both
    acme.data(CREATE, annotation=LAUNCH)
    with tenant_scope(acme.tenant):
        pk = Account.objects.create(external_id="mine").pk
        store("mood.score", 4, kind="account", subject=pk, day=DAY)
    token = issue_token(acme.tenant, acme.key.split("_")[3], account_id=pk, lifetime=timedelta(hours=1))
    asked = f'{{ account(externalId: "mine") {{ metric(id: "mood.score") {{ {SERIES} }} }} }}'
    shown = acme.data(asked)["account"]["metric"]["series"]
    own = Caller(acme.tenant, token.text, acme.host).data(asked)["account"]["metric"]["series"]
    assert (len(shown["annotations"]), own["annotations"]) == (1, [])


def test_the_same_is_said_of_a_day_once_and_again_of_another(at_both):
    acme, _ = at_both
    acme.data(CREATE, annotation=LAUNCH)
    assert acme.code(CREATE, annotation=LAUNCH) == "NAME_TAKEN"
    assert acme.data(CREATE, annotation={**LAUNCH, "day": "2027-03-15"})
    assert texts(acme, **{"from": "2027-01-01"}) == ["Launch"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"feature": "None such"}, "BAD_USER_INPUT"),
        ({"text": ""}, "INVALID_DEFINITION"),
        ({"text": "x" * 90}, "INVALID_DEFINITION"),
    ],
)
def test_what_cannot_be_said_is_refused(at_both, changes, code):
    acme, _ = at_both
    assert acme.code(CREATE, annotation={**LAUNCH, **changes}) == code
    assert texts(acme) == []


def test_the_command_says_changes_and_lists(at_both, capsys):
    acme, globex = at_both
    call_command(
        "annotation", "create", "2026-03-15", "Outage", "--kind", "incident", "--tenant", acme.tenant.slug
    )
    call_command("annotation", "set", "1", "--text", "Long outage", "--tenant", acme.tenant.slug)
    capsys.readouterr()
    call_command("annotation", "list", "--tenant", acme.tenant.slug)
    assert capsys.readouterr().out.split() == ["1", "2026-03-15", "incident", "Long", "outage"]
    call_command("annotation", "list", "--tenant", globex.tenant.slug)
    assert capsys.readouterr().out == ""


def test_annotations_are_read_once_however_many_series_show_them(at_both, django_assert_max_num_queries):
    acme, _ = at_both
    with tenant_scope(acme.tenant):
        annotations.create_annotation({"day": date(2026, 3, 2), "text": "Fair"})
        for number in range(10):
            pk = Account.objects.create(external_id=f"a{number}").pk
            store("mood.score", number, kind="account", subject=pk)
    query = f'{{ accounts(first: 20) {{ edges {{ node {{ metric(id: "mood.score") {{ {SERIES} }} }} }} }} }}'
    with django_assert_max_num_queries(14):
        found = acme.nodes(query)
    assert [len(one["metric"]["series"]["annotations"]) for one in found] == [1] * 10
