"""Values of fewer persons than the tenant's minimum are withheld from who may not see personal data, from nobody else."""

import pytest
from django.core.management import CommandError, call_command

from engage_server.access.models import ApiKey
from engage_server.access.principal import Permission
from engage_server.activity.models import Feature
from engage_server.audit.log import newest
from engage_server.customers.models import Account
from engage_server.operations.keys import KeyRequest, create_key, make_key
from engage_server.plugin_host import registry as plugin_registry
from engage_server.sdk import Sample
from engage_server.tenancy.scope import tenant_scope
from tests.api.conftest import Caller
from tests.metrics.values import DAY, store

ONE_ANSWER = {
    "promoters": 0, "passives": 0, "detractors": 1, "promoter_share": 0.0, "passive_share": 0.0, "detractor_share": 1.0,
    "margin_of_error": 0.0, "value_interval": {"low": -100.0, "high": -100.0, "level": 0.95, "method": "wald"},
    "account_mode": "respondent_weighted", "dismissed": 0, "not_comparable": 0, "invalid": 0,
}  # fmt: skip
HEALTH = {"band": "RED", "coverage": 1.0, "rounded": 0, "driver": "nps"}
GENERIC = "value status n contributions { key value points n } details"
ASK = f"""{{ account(externalId: "mine") {{
    nps {{ score {{ value status n detractors detractorShare interval {{ low }} contributions {{ key }} details }} }}
    healthScore {{ score {{ value status n band coverage rounded driver contributions {{ key value }} details }} }}
    metric(id: "nps.score") {{ {GENERIC} }}
}} }}"""
SERIES = """query ($a: ID!, $m: ID!, $d: Date!) {
    metric(id: $m) { series(from: $d, to: $d, account: $a) { points { value status n } } }
}"""
MINIMUM = "mutation ($persons: Int!) { setMinimumPersons(input: {persons: $persons}) { tenant { minimumPersons } } }"


def caller(tenant, *permissions: Permission, host: str = "acme.localhost") -> Caller:
    key = make_key(tenant, KeyRequest(ApiKey.Kind.ADMIN, permissions=frozenset(permissions))).text
    return Caller(tenant, key, host)


@pytest.fixture
def account(acme) -> int:
    """An account of one unhappy respondent, of whose score and health all is stored."""
    with tenant_scope(acme):
        account = Account.objects.create(external_id="mine", name="Mine")
        of_it = {"kind": "account", "subject": account.pk}
        parts = [{"key": "detractors", "label": "Detractors", "value": 100.0, "points": -100.0, "n": 1}]
        store("nps.score", -100, n=1, contributions=parts, details=ONE_ANSWER, **of_it)
        parts = [
            {"key": "nps", "label": "NPS", "value": 0.0, "points": 0.0, "n": 1},
            {"key": "use", "label": "Use", "value": 100.0, "points": 50.0, "n": 100},
        ]
        store("health_score.score", 50, n=2, contributions=parts, details=HEALTH, **of_it)
        store("license_utilization.utilization", 40, n=2, **of_it)
    return account.pk


@pytest.fixture
def viewer(acme) -> Caller:
    return caller(acme, Permission.METRICS_READ)


def test_one_answer_is_not_told_to_who_may_not_see_persons(viewer, account):
    shown = viewer.data(ASK)["account"]
    assert shown["metric"] == {
        "value": None,
        "status": "SUPPRESSED",
        "n": 0,
        "contributions": [],
        "details": {},
    }
    assert shown["nps"]["score"] == {
        "value": None, "status": "SUPPRESSED", "n": 0, "detractors": None, "detractorShare": None, "interval": None,
        "contributions": [], "details": {},
    }  # fmt: skip
    assert shown["healthScore"]["score"] == {
        "value": None, "status": "SUPPRESSED", "n": 0, "band": None, "coverage": None, "rounded": None,
        "driver": None, "contributions": [], "details": {},
    }  # fmt: skip


def test_who_may_see_persons_sees_every_value(acme, account):
    shown = caller(acme, Permission.METRICS_READ, Permission.PERSONAL_READ).data(ASK)["account"]
    nps, health = shown["nps"]["score"], shown["healthScore"]["score"]
    assert (nps["value"], nps["detractors"], nps["interval"], shown["metric"]["n"]) == (
        -100,
        1,
        {"low": -100},
        1,
    )
    assert (health["band"], health["rounded"]) == ("RED", 0)


def test_seats_are_no_persons(viewer, account):
    query = (
        '{ account(externalId: "mine") { metric(id: "license_utilization.utilization") { value n status } } }'
    )
    assert viewer.data(query)["account"]["metric"] == {"value": 40, "n": 2, "status": "OK"}


@pytest.mark.parametrize("metric", ["nps.score", "health_score.score"])
def test_a_series_withholds_the_same_days(acme, viewer, account, metric):
    id = viewer.data('{ account(externalId: "mine") { id } }')["account"]["id"]
    asked = {"a": id, "m": metric, "d": str(DAY)}
    (point,) = viewer.data(SERIES, **asked)["metric"]["series"]["points"]
    assert point == {"value": None, "status": "SUPPRESSED", "n": 0}
    (point,) = caller(acme, *Permission).data(SERIES, **asked)["metric"]["series"]["points"]
    assert point["status"] == "OK"


def test_an_accounts_token_sees_no_single_answer(acme, account):
    admin = Caller(acme, create_key(acme, ApiKey.Kind.ADMIN), "acme.localhost")
    id = admin.data('{ account(externalId: "mine") { id } }')["account"]["id"]
    issue = "mutation ($id: ID!) { createAccountToken(input: {account: $id}) { text } }"
    token = admin.data(issue, id=id)["createAccountToken"]["text"]
    assert (
        Caller(acme, token, "acme.localhost").data(ASK)["account"]["nps"]["score"]["status"] == "SUPPRESSED"
    )


def test_the_place_in_a_list_does_not_tell_what_is_withheld(at_acme):
    with tenant_scope(at_acme.tenant):
        for value, n in ((9, 50), (7, 2), (5, 50), (3, 1)):
            feature = Feature.objects.create(name=f"Feature {10 - value}")
            store("mood.score", value, n=n, kind="feature", subject=feature.pk)
    query = "{ moodScoreByFeature(first: 9, worstFirst: false) { edges { node { value label } } } }"
    viewer = caller(at_acme.tenant, Permission.METRICS_READ)
    assert [(one["value"], one["label"]) for one in viewer.nodes(query)] == [
        (9, "Feature 1"), (5, "Feature 5"), (None, "Feature 3"), (None, "Feature 7"),
    ]  # fmt: skip
    assert [one["value"] for one in at_acme.nodes(query)] == [9, 7, 5, 3]


def test_the_minimum_is_the_tenants_own_and_its_change_is_recorded(acme, globex, account, viewer):
    admin = Caller(acme, create_key(acme, ApiKey.Kind.ADMIN), "acme.localhost")
    assert admin.data(MINIMUM, persons=1)["setMinimumPersons"]["tenant"] == {"minimumPersons": 1}
    assert viewer.data(ASK)["account"]["nps"]["score"]["value"] == -100
    call_command("tenant", "minimum", "acme", "--persons", "2")
    assert viewer.data(ASK)["account"]["nps"]["score"]["value"] is None
    with tenant_scope(acme):
        assert [entry.details for entry in newest(2, action="minimum_persons.changed")] == [
            {"persons": 2, "former": 1},
            {"persons": 1, "former": 3},
        ]
    other = caller(globex, Permission.METRICS_READ, host="globex.localhost")
    assert other.data("{ tenant { minimumPersons } }") == {"tenant": {"minimumPersons": 3}}


def test_who_may_not_see_persons_cannot_lower_the_minimum(acme):
    writer = caller(acme, Permission.METRICS_READ, Permission.CONFIG_WRITE)
    assert writer.code(MINIMUM, persons=1) == "FORBIDDEN"


def test_a_minimum_that_is_none_is_refused(acme):
    admin = Caller(acme, create_key(acme, ApiKey.Kind.ADMIN), "acme.localhost")
    assert admin.code(MINIMUM, persons=0) == "BAD_USER_INPUT"
    with pytest.raises(CommandError, match="1 \\(nothing is withheld\\) to 1000"):
        call_command("tenant", "minimum", "acme", "--persons", "5000")


def test_every_metric_of_ours_says_what_its_sample_counts():
    told = {
        f"{plugin.id}.{metric.id}": metric.sample
        for plugin in plugin_registry.registry().plugins.values()
        for metric in plugin.manifest.metrics
    }
    assert {name for name, sample in told.items() if sample is Sample.PERSONS} >= {
        "nps.score", "ces.effort_score", "adoption.feature_adoption", "adoption.product_adoption",
    }  # fmt: skip
