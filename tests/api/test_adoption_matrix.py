"""Which features matter to which segment, over GraphQL: the tenant's breadth, asked by plan, is a matrix."""

from datetime import date

from engage_server.access.models import ApiKey
from engage_server.ingest.store import store_items
from engage_server.operations.keys import create_key
from engage_server.tenancy.scope import tenant_scope
from tests.api.conftest import Caller
from tests.engine.test_questions import DAY, FIRMS, items_of

ASK = """
    query ($on: Date!) {
        metric(id: "adoption.breadth") {
            compute(of: {on: $on, groupBy: "plan"}) { group value { value n details } }
        }
    }
"""


def matrix(caller: Caller, on: date) -> dict[str, dict[str, float]]:
    groups = caller.data(ASK, on=str(on))["metric"]["compute"]
    return {
        one["group"]: {feature["name"]: feature["share"] for feature in one["value"]["details"]["features"]}
        for one in groups
    }


def test_the_shares_of_features_by_plan_are_those_of_the_plans_own_persons(acme, globex):
    for tenant, firms in ((acme, FIRMS), (globex, ["c"])):
        with tenant_scope(tenant):
            store_items(items_of(firms), source="web")
    both = Caller(acme, create_key(acme, ApiKey.Kind.QUERY), "acme.localhost")
    other = Caller(globex, create_key(globex, ApiKey.Kind.QUERY), "globex.localhost")
    found = matrix(both, DAY)
    assert set(found) == {"pro", "basic"}
    assert all(0 < share <= 1 for features in found.values() for share in features.values())
    # The basic plan has one firm in both tenants, and the same persons in it.
    assert matrix(other, DAY) == {"basic": found["basic"]}
    assert found["basic"] != found["pro"]
