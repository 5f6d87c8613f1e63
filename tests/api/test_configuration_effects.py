"""A configuration is tried before it is changed: whose newest value would change how, and what is computed again."""

import pytest

from engage_server.access.models import ApiKey
from engage_server.access.principal import EVERYTHING, Permission
from engage_server.operations.keys import KeyRequest, create_key, make_key
from engage_server.plugin_host import activation
from engage_server.tenancy.scope import tenant_scope
from tests.api.conftest import Caller
from tests.engine.test_verify import LAST, computed

CONFIGURE = """
    mutation ($input: ConfigurePluginInput!) { configurePlugin(input: $input) {
        dryRun replayed plugin { configurationVersion config } restated { to days metrics }
        effects { from to metrics { metric values changed bandChanges { edges { node {
            subjectKind before after bandBefore bandAfter subject { ... on Account { externalId } } } } } } } } }
"""
PLAIN = """
    mutation ($input: ConfigurePluginInput!) { configurePlugin(input: $input) {
        dryRun replayed plugin { configurationVersion } effects { to } } }
"""
LAX = {"bands": {"green_from": 20, "yellow_from": 10}}


@pytest.fixture
def admins(acme, globex) -> list[Caller]:
    """Both tenants have health scores of some days."""
    for tenant in (acme, globex):
        computed(tenant)
    return [
        Caller(tenant, create_key(tenant, ApiKey.Kind.ADMIN), f"{tenant.slug}.localhost")
        for tenant in (acme, globex)
    ]


def version(caller: Caller) -> int:
    with tenant_scope(caller.tenant):
        found = activation.current_settings().get("health_score")
    return found.version if found else 0


def test_a_dry_run_tells_the_newest_values_before_and_after_and_changes_nothing(admins):
    ours, _ = admins
    before = [version(one) for one in admins]
    given = {"plugin": "health_score", "changes": LAX, "dryRun": True}
    tried = ours.data(CONFIGURE, input=given)["configurePlugin"]
    assert tried["dryRun"] is True
    assert tried["plugin"]["configurationVersion"] == before[0]
    assert tried["effects"]["from"] == tried["effects"]["to"] == LAST.isoformat()
    (score,) = (one for one in tried["effects"]["metrics"] if one["metric"] == "health_score.score")
    changes = [edge["node"] for edge in score["bandChanges"]["edges"]]
    assert {one["subjectKind"] for one in changes} == {"ACCOUNT"}
    assert all(one["bandBefore"] != one["bandAfter"] for one in changes)
    assert (tried["restated"]["to"], tried["restated"]["days"] > 0) == (LAST.isoformat(), True)
    assert {one.partition(".")[0] for one in tried["restated"]["metrics"]} == {"health_score"}
    assert [version(one) for one in admins] == before


def test_a_change_under_a_key_is_made_once_and_a_stale_version_is_refused(admins):
    ours, theirs = admins
    former, other = version(ours), version(theirs)
    given = {"plugin": "health_score", "changes": LAX, "expectedVersion": former, "idempotencyKey": "k"}
    first, again = (ours.data(PLAIN, input=given)["configurePlugin"] for _ in range(2))
    assert (first["replayed"], again["replayed"]) == (False, True)
    assert first["plugin"] == again["plugin"] == {"configurationVersion": former + 1}
    (error,) = ours.ask(PLAIN, input=given | {"idempotencyKey": None})["errors"]
    assert (error["extensions"]["code"], error["extensions"]["version"]) == ("CONFLICT", former + 1)
    assert (version(ours), version(theirs)) == (former + 1, other)


def test_what_cannot_be_tried_is_refused(admins):
    ours, _ = admins
    given = {"plugin": "health_score", "dryRun": True}
    assert ours.code(PLAIN, input=given | {"changes": {"bands": 3}}) == "INVALID_CONFIGURATION"
    assert ours.code(PLAIN, input=given | {"changes": {}}) == "BAD_USER_INPUT"
    assert ours.code(PLAIN, input={"plugin": "unheard_of", "changes": {"a": 1}}) == "NOT_FOUND"
    request = KeyRequest(ApiKey.Kind.ADMIN, permissions=EVERYTHING - {Permission.CONFIG_WRITE})
    reader = Caller(ours.tenant, make_key(ours.tenant, request).text, ours.host)
    assert reader.code(PLAIN, input=given | {"changes": LAX}) == "FORBIDDEN"


def test_whose_value_changes_is_withheld_from_who_may_not_see_persons(admins):
    ours, _ = admins
    request = KeyRequest(ApiKey.Kind.ADMIN, permissions=EVERYTHING - {Permission.PERSONAL_READ})
    narrow = Caller(ours.tenant, make_key(ours.tenant, request).text, ours.host)
    tried = narrow.data(CONFIGURE, input={"plugin": "health_score", "changes": LAX, "dryRun": True})
    assert all(one["bandChanges"]["edges"] == [] for one in tried["configurePlugin"]["effects"]["metrics"])
