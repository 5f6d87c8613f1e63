"""Accounts, persons and memberships over GraphQL: written once, tried, dated back, refused, in their own tenant alone."""

from datetime import UTC, datetime, timedelta

import pytest

from engage_server.access.models import ApiKey
from engage_server.access.principal import Permission
from engage_server.api.ids import global_id
from engage_server.audit.models import AuditEntry, KeptAnswer
from engage_server.customers.models import Account, Membership, Person
from engage_server.ingest.items import AccountItem, MembershipItem, PersonItem, PersonKey
from engage_server.ingest.store import store_items
from engage_server.operations.keys import KeyRequest, create_key, make_key
from engage_server.tenancy.scope import tenant_scope
from tests.api.conftest import Caller

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
CREATE = """
    mutation ($input: CreateAccountInput!) { createAccount(input: $input) {
        clientMutationId dryRun replayed restated { days metrics }
        account { externalId name plan stage owner traits version parent { externalId } } } }
"""
UPDATE = """
    mutation ($input: UpdateAccountInput!) { updateAccount(input: $input) {
        clientMutationId dryRun replayed restated { from to days metrics }
        account { externalId name plan stage owner traits version } } }
"""
DESCRIBE = """
    mutation ($input: DescribePersonInput!) { describePerson(input: $input) {
        person { externalId traits isExcluded } } }
"""
ADD = """
    mutation ($input: AddMembershipInput!) { addMembership(input: $input) {
        person { externalId } account { externalId memberCount } } }
"""
END = """
    mutation ($input: EndMembershipInput!) { endMembership(input: $input) {
        person { externalId } account { externalId memberCount } } }
"""


@pytest.fixture
def admins(at_acme: Caller, at_globex: Caller) -> list[Caller]:
    """Both tenants know an account and a person of the same names."""
    admins = []
    for one in (at_acme, at_globex):
        with tenant_scope(one.tenant):
            described = AccountItem("bluebird", name="Bluebird", plan="basic", occurred_at=START)
            store_items([described, PersonItem(PersonKey(user_id="ada"))], source="test")
        admins.append(Caller(one.tenant, create_key(one.tenant, ApiKey.Kind.ADMIN), one.host))
    return admins


def accounts(caller: Caller) -> dict[str, tuple[str, str]]:
    with tenant_scope(caller.tenant):
        return {one.external_id: (one.plan, one.stage) for one in Account.objects.all()}


def actions(caller: Caller) -> list[str]:
    with tenant_scope(caller.tenant):
        return [one.action for one in AuditEntry.objects.order_by("position")]


def test_an_account_is_made_with_all_that_is_told_in_its_own_tenant_alone(admins):
    ours, theirs = admins
    before = accounts(theirs)
    told = {
        "externalId": "heron", "name": "Heron", "plan": "pro", "stage": "TRIAL", "owner": "kim", "parent": "bluebird",
        "traits": {"region": "emea"}, "startedAt": "2026-01-01T00:00:00Z", "clientMutationId": "m1",
    }  # fmt: skip
    done = ours.data(CREATE, input=told)["createAccount"]
    version = done["account"].pop("version")
    assert done == {
        "clientMutationId": "m1",
        "dryRun": False,
        "replayed": False,
        "restated": {"days": 0, "metrics": []},
        "account": {
            "externalId": "heron", "name": "Heron", "plan": "pro", "stage": "TRIAL", "owner": "kim",
            "traits": {"region": "emea"}, "parent": {"externalId": "bluebird"},
        },
    }  # fmt: skip
    assert len(version) == 16
    assert accounts(ours)["heron"] == ("pro", "TRIAL")
    assert accounts(theirs) == before
    assert actions(ours)[-1] == "account.created"
    assert "account.created" not in actions(theirs)
    assert ours.code(CREATE, input=told) == "CONFLICT"


def test_the_same_key_again_changes_nothing_and_has_the_first_answer(admins):
    ours, theirs = admins
    told = {"externalId": "heron", "idempotencyKey": "k1"}
    first = ours.data(CREATE, input=told)["createAccount"]
    again = ours.data(CREATE, input={**told, "clientMutationId": "another"})["createAccount"]
    assert (first["replayed"], again["replayed"], again["clientMutationId"]) == (False, True, "another")
    assert again["account"] == first["account"]
    assert actions(ours).count("account.created") == 1
    assert ours.code(CREATE, input={**told, "plan": "pro"}) == "CONFLICT"
    assert ours.code(UPDATE, input={"account": "bluebird", "idempotencyKey": "k1"}) == "CONFLICT"
    # Another tenant's keys are its own.
    assert theirs.data(CREATE, input=told)["createAccount"]["replayed"] is False


def test_a_refused_write_does_not_use_its_key_up(admins):
    ours, _ = admins
    assert ours.code(UPDATE, input={"account": "heron", "plan": "pro", "idempotencyKey": "k1"}) == "NOT_FOUND"
    ours.data(CREATE, input={"externalId": "heron"})
    done = ours.data(UPDATE, input={"account": "heron", "plan": "pro", "idempotencyKey": "k1"})
    assert done["updateAccount"]["replayed"] is False


def test_a_key_is_free_again_after_a_day_and_the_oldest_of_very_many_go(admins, monkeypatch):
    ours, theirs = admins
    monkeypatch.setattr("engage_server.audit.idempotency.MOST_KEPT", 2)
    for one in (ours, theirs):
        one.data(UPDATE, input={"account": "bluebird", "plan": "a", "idempotencyKey": "old"})
    with tenant_scope(ours.tenant):
        KeptAnswer.objects.update(at=datetime.now(UTC) - timedelta(hours=25))
    ours.data(UPDATE, input={"account": "bluebird", "plan": "b", "idempotencyKey": "old"})
    assert (
        theirs.code(UPDATE, input={"account": "bluebird", "plan": "b", "idempotencyKey": "old"}) == "CONFLICT"
    )
    for number in range(4):
        ours.data(UPDATE, input={"account": "bluebird", "plan": f"p{number}", "idempotencyKey": f"k{number}"})
    with tenant_scope(ours.tenant):
        assert KeptAnswer.objects.count() == 2


def test_nothing_personal_is_kept_with_a_key(admins):
    ours, _ = admins
    ours.data(
        DESCRIBE,
        input={"person": "grace@example.test", "traits": {"email": "g@x"}, "idempotencyKey": "grace@x"},
    )
    with tenant_scope(ours.tenant):
        (kept,) = KeptAnswer.objects.all()
    assert "grace" not in f"{kept.key} {kept.content} {kept.answer}"


def test_a_dry_run_says_what_would_be_and_leaves_everything_as_it_was(admins):
    ours, _ = admins
    before, log = accounts(ours), actions(ours)
    tried = ours.data(CREATE, input={"externalId": "heron", "dryRun": True, "idempotencyKey": "k"})[
        "createAccount"
    ]
    assert (tried["dryRun"], tried["account"]) == (True, None)
    tried = ours.data(UPDATE, input={"account": "bluebird", "stage": "CHURNED", "dryRun": True})[
        "updateAccount"
    ]
    assert tried["account"]["stage"] == "CUSTOMER"
    assert ours.code(CREATE, input={"externalId": "bluebird", "dryRun": True}) == "CONFLICT"
    assert (accounts(ours), actions(ours)) == (before, log)
    assert (
        ours.data(CREATE, input={"externalId": "heron", "idempotencyKey": "k"})["createAccount"]["replayed"]
        is False
    )


def test_a_stale_version_is_refused_with_the_present_one(admins):
    ours, theirs = admins
    query = '{ account(externalId: "bluebird") { id version } }'
    read = ours.data(query)["account"]
    changed = ours.data(
        UPDATE, input={"account": read["id"], "plan": "pro", "expectedVersion": read["version"]}
    )
    present = changed["updateAccount"]["account"]["version"]
    assert present != read["version"]
    (error,) = ours.ask(
        UPDATE, input={"account": "bluebird", "plan": "x", "expectedVersion": read["version"]}
    )["errors"]
    extensions = error["extensions"]
    assert (extensions["code"], extensions["version"]) == ("CONFLICT", present)
    assert accounts(ours)["bluebird"][0] == "pro"
    assert accounts(theirs)["bluebird"][0] == "basic"
    assert theirs.data(query)["account"]["version"]


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"externalId": " "}, "externalId"),
        ({"externalId": "undefined"}, "externalId"),
        ({"externalId": "x" * 201}, "externalId"),
        ({"externalId": "a\x00b"}, "externalId"),
        ({"externalId": "heron", "plan": "x" * 101}, "plan"),
        ({"externalId": "heron", "parent": "nobody"}, "parent"),
        ({"externalId": "heron", "parent": "heron"}, "parent"),
        ({"externalId": "heron", "at": "2999-01-01T00:00:00Z"}, "at"),
        ({"externalId": "heron", "at": "2026-01-01T00:00:00"}, "at"),
        ({"externalId": "heron", "traits": {"deep": "a\x00b"}}, "traits"),
        ({"externalId": "heron", "traits": [1]}, "traits"),
        ({"externalId": "heron", "traits": {f"t{n}": n for n in range(501)}}, "traits"),
        ({"externalId": "heron", "idempotencyKey": ""}, "idempotencyKey"),
    ],
)
def test_what_cannot_be_kept_is_refused_by_field_with_a_remedy_and_nothing_is_stored(admins, told, field):
    ours, _ = admins
    before = accounts(ours)
    (error,) = ours.ask(CREATE, input=told)["errors"]
    assert error["extensions"]["code"] in ("BAD_USER_INPUT", "NOT_FOUND")
    assert error["extensions"].get("field") == field
    assert "Remedy" in error["message"]
    assert accounts(ours) == before


def test_an_account_cannot_come_to_stand_below_itself(admins):
    ours, _ = admins
    ours.data(CREATE, input={"externalId": "heron", "parent": "bluebird"})
    assert (
        ours.code(UPDATE, input={"account": "bluebird", "parent": "heron", "plan": "pro"}) == "BAD_USER_INPUT"
    )
    assert accounts(ours)["bluebird"][0] == "basic"


def test_an_id_of_another_tenant_names_nothing(admins):
    ours, theirs = admins
    foreign = theirs.data('{ account(externalId: "bluebird") { id } }')["account"]["id"]
    unknown = global_id("Account", tenant_id=ours.tenant.id, pk=999_999)
    answers = [
        ours.ask(UPDATE, input={"account": id, "plan": "pro"})["errors"][0]["message"].replace(id, "…")
        for id in (foreign, unknown)
    ]
    assert answers[0] == answers[1]
    assert accounts(theirs)["bluebird"][0] == "basic"


def test_a_person_is_described_by_its_own_id_or_the_apis(admins):
    ours, theirs = admins
    done = ours.data(DESCRIBE, input={"person": "grace", "traits": {"role": "admin"}})["describePerson"]
    assert done["person"] == {"externalId": "grace", "traits": {"role": "admin"}, "isExcluded": False}
    with tenant_scope(ours.tenant):
        number = Person.objects.get(external_id="ada").pk
    ada = global_id("Person", tenant_id=ours.tenant.id, pk=number)
    done = ours.data(DESCRIBE, input={"person": ada, "isExcluded": True})["describePerson"]
    assert done["person"] == {"externalId": "ada", "traits": {}, "isExcluded": True}
    foreign = global_id("Person", tenant_id=theirs.tenant.id, pk=number)
    assert ours.code(DESCRIBE, input={"person": foreign, "isExcluded": True}) == "BAD_USER_INPUT"
    with tenant_scope(theirs.tenant):
        assert sorted(Person.objects.values_list("external_id", "is_excluded")) == [("ada", False)]


def test_a_membership_begins_and_ends_on_its_dates(admins):
    ours, theirs = admins
    began, ended = START.isoformat(), (START + timedelta(days=9)).isoformat()
    done = ours.data(ADD, input={"person": "ada", "account": "bluebird", "from": began})["addMembership"]
    assert done == {"person": {"externalId": "ada"}, "account": {"externalId": "bluebird", "memberCount": 1}}
    assert ours.code(END, input={"person": "ada", "account": "bluebird", "at": began}) == "BAD_USER_INPUT"
    done = ours.data(END, input={"person": "ada", "account": "bluebird", "at": ended})["endMembership"]
    assert done["account"]["memberCount"] == 0
    with tenant_scope(ours.tenant):
        (kept,) = Membership.objects.all()
    assert (kept.starts_at, kept.ends_at) == (START, START + timedelta(days=9))
    assert ours.code(END, input={"person": "ada", "account": "bluebird"}) == "BAD_USER_INPUT"
    assert ours.code(END, input={"person": "nobody", "account": "bluebird"}) == "BAD_USER_INPUT"
    assert ours.code(ADD, input={"person": "ada", "account": "heron"}) == "NOT_FOUND"
    reversed_ = {"person": "ada", "account": "bluebird", "from": ended, "until": began}
    assert ours.code(ADD, input=reversed_) == "BAD_USER_INPUT"
    with tenant_scope(theirs.tenant):
        assert not Membership.objects.exists()


def test_who_was_merged_takes_the_membership_along_when_it_ends(admins):
    ours, _ = admins
    with tenant_scope(ours.tenant):
        key = PersonKey(user_id="ada", anonymous_id="device")
        joined = MembershipItem(PersonKey(anonymous_id="device"), "bluebird", START)
        store_items([joined], source="test")
        store_items([PersonItem(key, occurred_at=START)], source="test")
    done = ours.data(END, input={"person": "ada", "account": "bluebird"})["endMembership"]
    assert done["account"]["memberCount"] == 0


def test_readers_write_nothing_and_who_only_writes_is_shown_no_account(admins, at_acme):
    ours, _ = admins
    assert at_acme.code(CREATE, input={"externalId": "heron"}) == "FORBIDDEN"
    request = KeyRequest(ApiKey.Kind.ADMIN, permissions=frozenset({Permission.EVENTS_WRITE}))
    writer = Caller(ours.tenant, make_key(ours.tenant, request).text, ours.host)
    done = writer.ask(CREATE, input={"externalId": "heron"})
    assert [one["extensions"]["code"] for one in done["errors"]] == ["FORBIDDEN"]
    assert done["data"]["createAccount"]["account"] is None
    assert "heron" in accounts(ours)
