"""Ids of another tenant name nothing: every field that takes an id answers to them as to one that never was."""

import re
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from engage_server.access.models import ApiKey
from engage_server.api.composition import schema_for
from engage_server.api.ids import global_id
from engage_server.customers.models import Account, Person
from engage_server.operations.keys import create_key
from engage_server.tenancy import ttl_cache
from engage_server.tenancy.scope import TenantRef, tenant_scope
from engage_server.tenancy.tenant_cache import invalidate_tenant
from tests.api.conftest import Caller
from tests.api.schema_walk import SAMPLES, Operation, as_text, id_arguments, places

SECRET = "only-globex-knows"
# Whose host and key it is, and which limits hold, is asked every few seconds, not for each request.
OF_ALL = re.compile(r"set_config|access_|tenancy_|SAVEPOINT")
UNKNOWN_NAME = "nobody"
# Customers' records are written under the names that are given: what was unknown is there the second time.
RECORDS = {
    *(
        "createAccount",
        "updateAccount",
        "describePerson",
        "addMembership",
        "endMembership",
        "recordSubscription",
    ),
    *("recordCost", "recordRevenue", "recordOpportunity", "recordAnswer", "recordTouch", "recordFeedback"),
    *("startBackfill", "retryRuns", "updateSchedule", "configurePlugin", "admitPerson"),
}
UNKNOWN = "QWNjb3VudDo5OTk5OTk5OjE"  # Account:9999999:1


def fill(tenant: TenantRef, count: int, name: str) -> tuple[list[int], list[int]]:
    """Primary keys of accounts and persons of the tenant."""
    with tenant_scope(tenant):
        accounts = [
            Account.objects.create(external_id=f"{name}-{number}", name=name).pk for number in range(count)
        ]
        persons = [
            Person.objects.create(external_id=f"{name}-{number}", traits={"name": name}).pk
            for number in range(count)
        ]
    return accounts, persons


@pytest.fixture
def mine(at_acme) -> Caller:
    fill(at_acme.tenant, 1, "mine")
    with tenant_scope(at_acme.tenant):
        Account.objects.create(external_id="mine")
    return Caller(at_acme.tenant, create_key(at_acme.tenant, ApiKey.Kind.ADMIN), at_acme.host)


@pytest.fixture
def remembered_for_long(
    at_acme: Caller, at_globex: Caller, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """What is remembered for some seconds does not end in between."""
    monkeypatch.setattr(ttl_cache, "TTL_S", 3_600.0)
    yield
    for caller in (at_acme, at_globex):
        invalidate_tenant(caller.tenant.id)


@pytest.fixture
def foreign_ids(at_globex) -> list[str]:
    """What globex' ids look like, as they are and with the type or the encoding changed."""
    tenant = at_globex.tenant
    accounts, persons = fill(tenant, 4, SECRET)
    ids = [global_id("Account", tenant_id=tenant.id, pk=pk) for pk in accounts]
    ids += [global_id("Person", tenant_id=tenant.id, pk=pk) for pk in persons]
    ids += [global_id("Tenant", tenant_id=tenant.id, pk=tenant.id), ids[0] + "==", f"{SECRET}-0"]
    return [*ids, create_key(tenant, ApiKey.Kind.ADMIN).split("_")[3], f"t_{tenant.id}", str(accounts[0])]


def asked_for(caller: Caller, body: dict, id: str) -> tuple[str, list[str]]:
    """What was answered, and by which statements."""
    with CaptureQueriesContext(connection) as captured:
        answer = caller.post(body)
    assert answer.status_code == 200
    kinds = [
        re.split("WHERE|VALUES", query["sql"])[0] for query in captured if not OF_ALL.search(query["sql"])
    ]
    return as_text(answer, id), kinds


def takes_the_same_way(mine: Caller, operation: Operation, samples: dict, argument: str, id: str) -> bool:
    unknown = operation.body(samples, **{argument: UNKNOWN})
    foreign = operation.body(samples, **{argument: id})
    for _ in range(4):
        taken = []
        for body, named in ((unknown, UNKNOWN), (foreign, id)):
            mine.post(unknown)  # each of the two finds the same remembered
            taken.append(asked_for(mine, body, named)[1])
        if taken[0] == taken[1]:
            return True
    return False


def is_global(id: str) -> bool:
    return id.startswith(("QWNj", "UGVy", "VGVu"))  # Acc, Per, Ten


def test_every_field_that_takes_an_id_answers_to_a_foreign_one_as_to_an_unknown_one(
    mine, at_globex, foreign_ids, remembered_for_long
):
    account = mine.data('{ account(externalId: "mine") { id } }')["account"]["id"]
    samples = {**SAMPLES, "account": account, "accountId": account}
    found = [
        place
        for place in places(schema_for(frozenset({"mood"}))._schema)
        if id_arguments(place) and place.path[0][0] not in RECORDS
    ]
    assert {place.label for place in found} >= {
        "query.node",
        "query.person",
        "query.metric.at",
        "query.metric.series",
        "mutation.revokeKey",
        "mutation.rotateKey",
        "mutation.createAccountToken",
    }
    before = at_globex.data("{ plugins { id enabled configurationVersion } }")
    asked = 0
    for place in found:
        for argument in id_arguments(place):
            known = {}
            for nobody in (UNKNOWN, UNKNOWN_NAME):
                unknown = Operation(place).body(samples, **{argument: nobody})
                mine.post(unknown)  # what is remembered for some seconds is asked now
                known[is_global(nobody)] = asked_for(mine, unknown, nobody)
            for id in foreign_ids:
                expected, statements = known[is_global(id)]
                assert "INTERNAL" not in expected, (place.label, expected)
                answer, taken = asked_for(mine, Operation(place).body(samples, **{argument: id}), id)
                assert answer == expected, (place.label, argument)
                assert SECRET not in answer
                asked += 1
                # One that is no id of this API is refused unread; no other takes another way than an unknown one.
                if taken != statements and is_global(id):  # unless what is remembered ended in between
                    assert takes_the_same_way(mine, Operation(place), samples, argument, id), (
                        place.label,
                        id,
                    )
    assert asked > 150
    assert at_globex.data("{ plugins { id enabled configurationVersion } }") == before
    assert at_globex.post({"query": "{ tenant { slug } }"}).status_code == 200


def test_an_id_whose_tenant_was_changed_to_mine_names_my_own_row_or_none(mine, foreign_ids):
    for pk in (1, 2, 3, 999_999):
        id = global_id("Account", tenant_id=mine.tenant.id, pk=pk)
        assert SECRET not in str(
            mine.data("query ($id: ID!) { node(id: $id) { ... on Account { name } } }", id=id)
        )
