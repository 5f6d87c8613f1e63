"""«Send again» is said of what passes by itself, and of nothing else."""

import pytest
from django.db import connection

from engage_server.activity.models import Event
from engage_server.ingest.bisection import store_by_halves
from engage_server.ingest.models import QuarantinedItem
from engage_server.tenancy import citus
from engage_server.tenancy.scope import TenantRef, tenant_scope
from tests.ingest.test_store import event

# A rule that no check of ours knows: of a trigger, an extension, a server that is not quite PostgreSQL.
RULE = """
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.message_id LIKE 'bad%%' THEN RAISE EXCEPTION 'for reasons of its own' USING ERRCODE = '{state}'; END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER refuse BEFORE INSERT ON activity_event FOR EACH ROW EXECUTE FUNCTION refuse();
"""


def call(message_id: str, **others: object) -> dict[str, object]:
    return {"type": "track", "event": "x", "userId": "ada", "messageId": message_id, **others}


def rule(tenant: TenantRef, state: str) -> None:
    if citus.in_use():
        pytest.skip("a Citus cluster takes no trigger on a tenant's table")
    with tenant_scope(tenant, role="none"), connection.cursor() as cursor:
        cursor.execute(RULE.format(state=state))


@pytest.mark.parametrize("state", ["XX000", "54000", "P0001", "23514"])
def test_an_item_that_the_database_refuses_costs_itself(acme: TenantRef, globex: TenantRef, post, state):
    rule(acme, state)
    answer = post({"batch": [call("good"), call("bad"), call("good-2")]})
    assert answer.status_code == 200
    assert [(one["index"], one["code"]) for one in answer.json()["rejected"]] == [(1, "not_storable")]
    assert post({"batch": [call("bad")]}).json()["rejected"][0]["code"] == "not_storable"
    with tenant_scope(acme):
        assert set(Event.objects.values_list("message_id", flat=True)) == {"good", "good-2"}
        assert QuarantinedItem.objects.count() == 2
    with tenant_scope(globex):
        assert not QuarantinedItem.objects.exists()


@pytest.mark.parametrize("state", ["42501", "42P01", "58P01"])
def test_a_fault_of_ours_is_a_500_with_a_reference_and_stores_nothing(acme: TenantRef, post, caplog, state):
    rule(acme, state)
    for path, body in (
        ("/v1/batch", {"batch": [call("good"), call("bad")]}),
        ("/2/httpapi", {"events": [{"event_type": "x", "user_id": "ada", "insert_id": "bad"}]}),
    ):
        answer = post(body, path)
        assert answer.status_code == 500
        reference = next(one.reference for one in reversed(caplog.records) if hasattr(one, "reference"))
        assert reference in answer.content.decode()
    with tenant_scope(acme):
        assert not Event.objects.exists()
        assert not QuarantinedItem.objects.exists()


def test_a_database_that_refuses_everything_without_a_reason_is_our_fault(acme: TenantRef, post):
    rule(acme, "XX000")
    assert post({"batch": [call("bad-1"), call("bad-2")]}).status_code == 500
    with tenant_scope(acme):
        assert not QuarantinedItem.objects.exists()


@pytest.mark.parametrize("state", ["40001", "40P01", "53100", "55P03", "57014", "57P01", "08006"])
def test_what_passes_is_to_be_sent_again(acme: TenantRef, post, state):
    rule(acme, state)
    answer = post({"batch": [call("good"), call("bad")]})
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert int(answer["Retry-After"]) > 0
    with tenant_scope(acme):
        assert not Event.objects.exists()


def test_an_import_narrows_down_what_has_no_known_class(acme: TenantRef):
    rule(acme, "XX000")
    with tenant_scope(acme):
        outcomes = store_by_halves([[event(message_id="good")], [event(message_id="bad")]], source="file")
    assert [outcome.code for outcome in outcomes] == ["", "not_storable"]
