"""The persons behind a cell of the cohort table, over GraphQL."""

from datetime import UTC, datetime, timedelta

import pytest

from engage_server.access.models import ApiKey
from engage_server.access.principal import Permission
from engage_server.operations.keys import KeyRequest, create_key, make_key
from engage_server.plugin_host import activation
from engage_server.tenancy.scope import TenantRef, tenant_scope
from tests.activity.test_retention_clocks import store
from tests.api.conftest import Caller, nodes_of

JANUARY = datetime(2026, 1, 12, 12, tzinfo=UTC)
ASK = """
    query ($metric: ID!, $cohort: Date!, $offset: Int!, $on: Date, $back: Boolean, $first: Int, $after: String) {
        cohortMembers(
            metric: $metric, cohort: $cohort, offset: $offset, on: $on, cameBack: $back, first: $first, after: $after
        ) {
            totalCount pageInfo { hasNextPage endCursor }
            edges { node { cameBack person { externalId name } account { externalId } } }
        }
    }
"""
CELL = {"metric": "retention.cohorts", "cohort": "2026-01-01", "offset": 1, "on": "2026-03-31"}


@pytest.fixture
def callers(acme: TenantRef, globex: TenantRef) -> tuple[Caller, Caller]:
    """Two tenants with the real plugins; of acme two persons are of January's cohort, of whom one came back."""
    store(acme, JANUARY, JANUARY + timedelta(days=30), user="ada")
    store(acme, JANUARY, user="bob")
    store(globex, JANUARY, JANUARY + timedelta(days=30), user="eve")
    for tenant in (acme, globex):
        with tenant_scope(tenant):
            activation.enable("retention")
    return (
        Caller(acme, create_key(acme, ApiKey.Kind.QUERY), "acme.localhost"),
        Caller(globex, create_key(globex, ApiKey.Kind.QUERY), "globex.localhost"),
    )


def asked(caller: Caller, **of: object) -> dict:
    return caller.data(ASK, **{**CELL, **of})["cohortMembers"]


def names(page: dict) -> list[tuple[str, bool]]:
    return [(one["person"]["externalId"], one["cameBack"]) for one in nodes_of(page)]


def test_a_cell_names_who_came_back_and_who_did_not_and_nobody_of_another_tenant(callers):
    acme, globex = callers
    assert names(asked(acme)) == [("ada", True), ("bob", False)]
    assert names(asked(globex)) == [("eve", True)]
    assert names(asked(acme, back=False)) == [("bob", False)]
    accounts = asked(acme, metric="retention.accounts", cohort="2026-01-01")
    assert [(one["account"]["externalId"], one["person"]) for one in nodes_of(accounts)] == [
        ("of ada", None),
        ("of bob", None),
    ]


def test_members_come_in_pages(callers):
    acme, globex = callers
    first = asked(acme, first=1)
    assert (names(first), first["totalCount"], first["pageInfo"]["hasNextPage"]) == ([("ada", True)], 2, True)
    after = first["pageInfo"]["endCursor"]
    assert names(asked(acme, first=1, after=after)) == [("bob", False)]
    assert globex.code(ASK, **CELL, after=after) == "BAD_USER_INPUT"


@pytest.mark.parametrize(
    ("wrong", "remedy"),
    [
        ({"cohort": "2026-01-02"}, "cells"),
        ({"cohort": "2024-01-01"}, "cells"),
        ({"cohort": "2026-04-01"}, "cells"),
        ({"offset": 99}, "one of 0, 1, 2"),
        ({"metric": "nps.score"}, "has no cohorts"),
    ],
)
def test_what_is_no_cell_is_refused_with_what_there_is(callers, wrong, remedy):
    (error,) = callers[0].ask(ASK, **{**CELL, **wrong})["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert remedy in error["message"]


def test_who_may_see_no_persons_sees_accounts_alone(callers):
    acme, _ = callers
    reader = KeyRequest(ApiKey.Kind.QUERY, permissions=frozenset({Permission.METRICS_READ}))
    viewer = Caller(acme.tenant, make_key(acme.tenant, reader).text, acme.host)
    assert viewer.code(ASK, **CELL) == "FORBIDDEN"
    assert len(nodes_of(asked(viewer, metric="retention.accounts"))) == 2
