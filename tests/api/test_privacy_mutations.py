"""Persons are suppressed, erased and exported over GraphQL by those who may, each in its own tenant."""

import pytest

from engage_server.access.models import ApiKey
from engage_server.api.ids import global_id
from engage_server.audit import log
from engage_server.customers.models import Person
from engage_server.operations.keys import create_key
from engage_server.privacy import erasure
from engage_server.tenancy.scope import tenant_scope
from tests.api.conftest import Caller
from tests.privacy.scenario import FIRST, send, store, use

TOLD = "{ id kind state requestedBy requestedAt finishedAt erased { table rows } daysRestated }"
SUPPRESS = f"mutation ($id: ID!) {{ suppressPerson(input: {{person: $id}}) {{ request {TOLD} }} }}"
DELETE = f"mutation ($id: ID!) {{ deletePerson(input: {{person: $id}}) {{ request {TOLD} }} }}"
EXPORT = "mutation ($id: ID!) { exportPerson(input: {person: $id}) { data } }"
CONSENT = "mutation ($id: ID!) { setConsent(input: {person: $id, consents: false}) { consents } }"
REQUESTS = f"{{ privacyRequests(first: 10) {{ edges {{ node {TOLD} }} }} }}"
TRACK = {"type": "track", "event": "Saved", "userId": "ada"}


def admin_of(caller: Caller) -> Caller:
    return Caller(caller.tenant, create_key(caller.tenant, ApiKey.Kind.ADMIN), caller.host)


@pytest.fixture
def admin(at_acme, at_globex, settings):
    settings.ENGAGE_PRIVACY_KEYS = ["a key of the tests"]
    for caller in (at_acme, at_globex):
        store(caller.tenant, use("m", "ada", FIRST))
    return admin_of(at_acme)


def test_a_person_is_suppressed_at_once_and_erased_by_the_workers(admin, at_globex):
    asked = admin.data(DELETE, id="ada")["deletePerson"]["request"]
    assert (asked["kind"], asked["state"], asked["erased"]) == ("ERASE", "PENDING", [])
    assert asked["requestedBy"].startswith("key:")
    assert [reject.code for reject in send(admin.tenant, TRACK).rejected] == ["suppressed"]
    erasure.CHORE.work(admin.tenant, erasure.threading.Event())
    (done,) = admin.nodes(REQUESTS)
    assert (done["id"], done["state"], done["daysRestated"]) == (asked["id"], "DONE", 1)
    assert {"table": "activity_event", "rows": 1} in done["erased"]
    assert "ada" not in str(done)
    with tenant_scope(admin.tenant):
        assert not Person.objects.exists()
        assert [entry.action for entry in log.newest(2)] == ["person.deleted", "person.suppressed"]
    assert admin_of(at_globex).nodes(REQUESTS) == []
    with tenant_scope(at_globex.tenant):
        assert Person.objects.filter(external_id="ada", is_suppressed=False).exists()


def test_a_suppressed_persons_data_stay(admin):
    assert admin.data(SUPPRESS, id="ada")["suppressPerson"]["request"]["state"] == "PENDING"
    erasure.CHORE.work(admin.tenant, erasure.threading.Event())
    with tenant_scope(admin.tenant):
        assert Person.objects.get().is_suppressed


def test_an_export_names_the_person_and_an_unknown_one_is_not_found(admin):
    document = admin.data(EXPORT, id="ada")["exportPerson"]["data"]
    assert [event["message_id"] for event in document["events"]] == ["m"]
    assert admin.code(EXPORT, id="nobody") == "NOT_FOUND"


def test_consent_is_withdrawn(admin):
    assert admin.data(CONSENT, id="ada") == {"setConsent": {"consents": False}}
    assert [reject.code for reject in send(admin.tenant, TRACK).rejected] == ["consent_withdrawn"]
    assert admin.code(CONSENT, id="nobody") == "NOT_FOUND"


@pytest.mark.parametrize("operation", [SUPPRESS, DELETE, EXPORT, CONSENT, REQUESTS])
def test_a_query_key_may_do_none_of_it(admin, at_acme, operation):
    variables = {"id": "ada"} if "$id" in operation else {}
    with tenant_scope(at_acme.tenant):
        before = log.newest(1)[0].position
    assert at_acme.code(operation, **variables) == "FORBIDDEN"
    with tenant_scope(at_acme.tenant):
        assert not Person.objects.filter(is_suppressed=True).exists()
        assert log.newest(1)[0].position == before


@pytest.mark.parametrize("mutation", [SUPPRESS, DELETE, EXPORT, CONSENT])
def test_an_id_of_the_api_is_no_persons_name_and_is_refused(admin, at_globex, mutation):
    """It would find nobody, and the request would be done at once."""
    with tenant_scope(admin.tenant):
        person = global_id("Person", tenant_id=admin.tenant.id, pk=Person.objects.get().pk)
    assert admin.code(mutation, id=person) == "BAD_USER_INPUT"
    assert admin.nodes(REQUESTS) == []
