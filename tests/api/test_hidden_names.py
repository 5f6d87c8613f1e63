"""Who lacks `personal:read` learns no name by asking: by errors, filters, orders, cursors, counts or single events."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from engage_server.access.models import ApiKey
from engage_server.access.principal import Permission
from engage_server.api.ids import global_id
from engage_server.customers.models import Account, Person
from engage_server.ingest.items import AccountItem, EventItem, MembershipItem, PersonItem, PersonKey
from engage_server.ingest.store import store_items
from engage_server.operations.keys import KeyRequest, make_key
from engage_server.tenancy.scope import TenantRef, tenant_scope
from tests.api.conftest import Caller, nodes_of

JANE = "jane.doe@example.com"
NOW = datetime.now(UTC)
END = "mutation ($input: EndMembershipInput!) { endMembership(input: $input) { dryRun } }"
UPDATE = "mutation ($input: UpdateAccountInput!) { updateAccount(input: $input) { dryRun } }"


def fill(tenant: TenantRef) -> dict[str, str]:
    """Global ids of a person, of the account of the same name and of another one, in a tenant."""
    key = PersonKey(user_id=JANE)
    with tenant_scope(tenant):
        store_items(
            [
                AccountItem(JANE, name=f"Care of {JANE}", plan="jane-plan"),
                AccountItem("zeta", name="Zeta", plan="pro"),
                AccountItem("alpha", name="Alpha", plan="pro"),
                PersonItem(key, {"email": JANE}),
                PersonItem(PersonKey(user_id="jane-plan"), {}),
                MembershipItem(key, JANE, NOW - timedelta(days=9)),
            ],
            source="web",
        )
        rows = {
            "person": Person.objects.get(external_id=JANE),
            "named": Account.objects.get(external_id=JANE),
        }
        rows["other"] = Account.objects.get(external_id="zeta")
    return {name: global_id(type(row).__name__, tenant_id=tenant.id, pk=row.pk) for name, row in rows.items()}


@pytest.fixture
def ids(at_acme: Caller, at_globex: Caller) -> dict[str, str]:
    """Acme's; globex has the same of its own."""
    fill(at_globex.tenant)
    return fill(at_acme.tenant)


def holder(of: Caller, *permissions: Permission) -> Caller:
    request = KeyRequest(ApiKey.Kind.ADMIN, permissions=frozenset(permissions))
    return Caller(of.tenant, make_key(of.tenant, request).text, of.host)


@pytest.fixture
def viewer(at_acme: Caller, ids: dict[str, str]) -> Caller:
    return holder(at_acme, Permission.METRICS_READ)


@pytest.fixture
def knower(at_acme: Caller, ids: dict[str, str]) -> Caller:
    return holder(at_acme, Permission.METRICS_READ, Permission.PERSONAL_READ)


def refusal(caller: Caller, query: str, **told: Any) -> str:
    answer = caller.ask(query, input=told)
    (error,) = answer["errors"]
    assert "jane" not in json.dumps(answer).lower()
    return error["message"]


def test_errors_do_not_say_who_an_id_of_the_api_stands_for(at_acme, ids):
    writer = holder(at_acme, Permission.EVENTS_WRITE)
    told = {"person": ids["person"], "account": ids["other"], "dryRun": True}
    assert "does not belong" in refusal(writer, END, **told)
    early = (NOW - timedelta(days=99)).isoformat()
    assert "only since" in refusal(writer, END, **{**told, "account": ids["named"], "at": early})
    assert "has changed since" in refusal(writer, UPDATE, account=ids["named"], expectedVersion="x")
    writer.ask(UPDATE, input={"account": ids["other"], "parent": ids["named"]})
    assert "stands below it" in refusal(writer, UPDATE, account=ids["named"], parent=ids["other"])


def test_a_person_without_a_name_of_its_own_is_not_named_in_the_error(at_acme, ids):
    writer = holder(at_acme, Permission.EVENTS_WRITE)
    with tenant_scope(at_acme.tenant):
        pk = Person.objects.create(external_id="jane.roe@example.com").pk
    told = {"person": global_id("Person", tenant_id=at_acme.tenant.id, pk=pk), "account": ids["other"]}
    assert "Nobody is known" in refusal(writer, END, **told)
