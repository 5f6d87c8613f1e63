"""A customer reads its own onboarding by its token, and the company compares variants: over GraphQL, from events on."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command

from engage_server.access.models import ApiKey
from engage_server.api.ids import global_id
from engage_server.customers.models import Account
from engage_server.ingest.items import AccountItem, EventItem, PersonKey
from engage_server.ingest.store import store_items
from engage_server.operations.keys import create_key
from engage_server.plugin_host import activation
from engage_server.tenancy.scope import TenantRef, tenant_scope
from tests.api.conftest import Caller

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
DAY = NOON.date()
CONFIG = {
    "checklists": [
        {
            "version": "spring",
            "steps": [
                {"key": "connect", "title": "Connect a mailbox", "event": "Mailbox Connected", "weight": 3},
                {
                    "key": "invite",
                    "title": "Invite a colleague",
                    "event": "Invite Sent",
                    "guide": "/help/invite",
                },
            ],
        }
    ]
}
ISSUE = "mutation ($id: ID!) { createAccountToken(input: {account: $id, expiresIn: 600}) { text } }"
MINE = """query ($on: Date) { account(externalId: "mine") { onboarding(on: $on) { progress {
    value version nextStep { key title guide } steps { key state doneOn } } } } }"""
BY_VARIANT = """query ($of: ComputeInput!) { metric(id: "onboarding.average") { compute(of: $of) {
    group value { value n } } } }"""


def account(name: str, variant: str) -> AccountItem:
    return AccountItem(name, traits={"variant": variant}, started_at=NOON, occurred_at=NOON)


def did(name: str, of: str, hours: int = 1) -> EventItem:
    at = NOON + timedelta(hours=hours)
    return EventItem(f"{name} {of}", name, PersonKey(f"user of {of}"), at, at, account=of)


def fill(tenant: TenantRef, *items: AccountItem | EventItem) -> None:
    with tenant_scope(tenant):
        store_items(items, source="web")
        activation.enable("onboarding", config=CONFIG)


@pytest.fixture
def callers(acme: TenantRef, globex: TenantRef) -> tuple[Caller, Caller]:
    """Two tenants whose accounts have the same names and came differently far."""
    mine, other, third = account("mine", "video"), account("other", "video"), account("third", "chat")
    fill(acme, mine, other, third, did("Mailbox Connected", "mine"), did("Invite Sent", "third"))
    fill(globex, mine, did("Mailbox Connected", "mine"), did("Invite Sent", "mine", 2))
    for tenant in (acme, globex):
        call_command("compute", tenant=tenant.slug, plugin=["onboarding"], first=DAY, last=DAY, verbosity=0)
    return (
        Caller(acme, create_key(acme, ApiKey.Kind.ADMIN), "acme.localhost"),
        Caller(globex, create_key(globex, ApiKey.Kind.ADMIN), "globex.localhost"),
    )


def customer(admin: Caller, name: str) -> Caller:
    with tenant_scope(admin.tenant):
        key = Account.objects.get(external_id=name).pk
    id = global_id("Account", tenant_id=admin.tenant.id, pk=key)
    return Caller(admin.tenant, admin.data(ISSUE, id=id)["createAccountToken"]["text"], admin.host)


def test_a_customer_reads_its_own_progress_and_the_step_that_is_due_by_its_token(callers):
    acme, globex = callers
    seen = customer(acme, "mine").data(MINE, on=str(DAY))["account"]["onboarding"]["progress"]
    assert (seen["value"], seen["version"]) == (75, "spring")
    assert seen["nextStep"] == {"key": "invite", "title": "Invite a colleague", "guide": "/help/invite"}
    assert [(one["key"], one["state"], one["doneOn"]) for one in seen["steps"]] == [
        ("connect", "DONE", str(DAY)),
        ("invite", "DUE", None),
    ]
    theirs = customer(globex, "mine").data(MINE, on=str(DAY))["account"]["onboarding"]["progress"]
    assert (theirs["value"], theirs["nextStep"]) == (100, None)


def test_a_customer_sees_nobody_elses_onboarding(callers):
    acme, _ = callers
    token = customer(acme, "other")
    assert token.data(MINE, on=str(DAY)) == {"account": None}
    assert token.code("{ onboarding { average { value } } }") == "FORBIDDEN"


def test_variants_of_the_onboarding_are_read_out_side_by_side(callers):
    acme, globex = callers
    groups = acme.data(BY_VARIANT, of={"on": str(DAY), "groupBy": "variant"})["metric"]["compute"]
    assert {one["group"]: (one["value"]["value"], one["value"]["n"]) for one in groups} == {
        "video": (37.5, 2),
        "chat": (25, 1),
    }
    theirs = globex.data(BY_VARIANT, of={"on": str(DAY), "groupBy": "variant"})["metric"]["compute"]
    assert [(one["group"], one["value"]["n"]) for one in theirs] == [("video", 1)]
