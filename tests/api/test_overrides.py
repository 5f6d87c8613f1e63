"""Overrides over GraphQL: set by those who configure, read by those who read metrics."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from engage_server.access.models import ApiKey
from engage_server.ingest.items import AccountItem
from engage_server.ingest.store import store_items
from engage_server.operations.keys import create_key
from engage_server.operations.overrides import set_override
from engage_server.tenancy.scope import tenant_scope
from tests.api.conftest import Caller

SET = """mutation ($account: ID!, $value: Float!, $until: Date!, $reason: String!) {
    setOverride(input: {metric: "health_score.score", account: $account, value: $value, reason: $reason, from: "2026-06-01",
        until: $until, onlyLower: true}) { override { id value onlyLower reason author startsOn endsOn account
            { externalId } } } }"""
END = "mutation ($id: ID!, $on: Date) { endOverride(input: {id: $id, on: $on}) { override { endsOn } } }"
LIST = """query ($on: Date) { overrides(first: 10, metric: "health_score.score", on: $on) {
    edges { node { id value account { externalId } } } } }"""


@pytest.fixture
def admins(acme, globex):
    """Admins of both tenants, each with a customer of the same name."""
    for tenant in (acme, globex):
        with tenant_scope(tenant):
            store_items([AccountItem("bank", stage="CUSTOMER")], source="crm")
    return [
        Caller(tenant, create_key(tenant, ApiKey.Kind.ADMIN), f"{tenant.slug}.localhost")
        for tenant in (acme, globex)
    ]


@pytest.fixture
def reader(acme):
    return Caller(acme, create_key(acme, ApiKey.Kind.QUERY), "acme.localhost")


def account_of(caller: Caller) -> str:
    return caller.data('{ account(externalId: "bank") { id } }')["account"]["id"]


def listed(caller: Caller, on: str | None = None) -> list[str]:
    return [edge["node"]["account"]["externalId"] for edge in caller.data(LIST, on=on)["overrides"]["edges"]]


def test_it_is_set_read_and_ended_and_the_other_tenant_sees_nothing(admins, reader):
    acme, globex = admins
    fields = {"account": account_of(acme), "value": 20.0, "until": "2026-06-10", "reason": "sponsor left"}
    made = acme.data(SET, **fields)["setOverride"]["override"]
    assert made["author"].startswith("key:")
    assert (made["onlyLower"], made["startsOn"], made["endsOn"]) == (True, "2026-06-01", "2026-06-10")
    assert listed(reader) == ["bank"]
    assert (listed(reader, "2026-06-09"), listed(reader, "2026-06-10")) == (["bank"], [])
    assert listed(globex) == []
    assert globex.code(END, id=made["id"]) == "NOT_FOUND"
    assert globex.code(SET, **fields) == "BAD_USER_INPUT"
    ended = acme.data(END, id=made["id"], on="2026-06-05")["endOverride"]["override"]
    assert date.fromisoformat(ended["endsOn"]) == date(2026, 6, 5)


def test_who_only_reads_sets_none_and_bad_input_says_what_to_change(admins, reader):
    acme, _ = admins
    fields = {"account": account_of(acme), "value": 20.0, "until": "2026-06-10", "reason": "sponsor left"}
    assert reader.code(SET, **fields) == "FORBIDDEN"
    refused = acme.ask(SET, **{**fields, "until": "2026-06-01"})["errors"][0]
    assert refused["extensions"]["code"] == "INVALID_DEFINITION"
    assert "ends_on" in refused["message"]
    assert listed(acme) == []


def test_the_accounts_of_a_page_and_their_metrics_take_a_fixed_number_of_statements(admins):
    acme, globex = admins
    query = (
        """{ overrides(first: 50) { edges { node { account { externalId metrics { metric value } } } } } }"""
    )
    acme.nodes(query)  # what a process reads once
    counts = []
    for numbers in (range(2), range(2, 8)):
        with tenant_scope(acme.tenant):
            store_items([AccountItem(f"a{number}", stage="CUSTOMER") for number in numbers], source="crm")
            for number in numbers:
                set_override(
                    "health_score.score", f"a{number}", 20, reason="sponsor left",
                    ends_on=date(2026, 6, 10), starts_on=date(2026, 6, 1),
                )  # fmt: skip
        with CaptureQueriesContext(connection) as statements:
            found = acme.nodes(query)
        counts.append(len(statements))
    assert counts[0] == counts[1]
    assert [one["account"]["externalId"] for one in found] == [f"a{number}" for number in range(8)]
    assert globex.nodes(query) == []
