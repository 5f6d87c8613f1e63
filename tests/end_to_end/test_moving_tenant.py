"""A tenant that is being moved: every surface says to come again, nothing of it changes, and no other tenant notices."""

import json
from datetime import timedelta

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection, transaction
from django.test import Client
from django.utils import timezone

from engage_server.access.authentication import authenticate_key
from engage_server.access.models import ApiKey
from engage_server.activity.models import Event
from engage_server.customers.models import Account
from engage_server.engine import dispatcher
from engage_server.engine.models import Run, Schedule
from engage_server.engine.tasks import compute_tenant
from engage_server.operations.keys import create_key
from engage_server.privacy import data_retention
from engage_server.tenancy import departures, services
from engage_server.tenancy.database_errors import is_moving, is_outage, is_passing
from engage_server.tenancy.departures import Departures
from engage_server.tenancy.exceptions import InvalidTenantError, TenantMovingError
from engage_server.tenancy.freezing import freeze, is_frozen, thaw
from engage_server.tenancy.models import Move, Tenant
from engage_server.tenancy.scope import TenantRef, shared_scope, tenant_scope
from engage_server.tenancy.tenant_cache import invalidate_tenant
from tests.access.people import Browser, member
from tests.ingest.protocols.bodies import PATHS, one_event

INGEST = ApiKey.Kind.INGEST
QUERY = json.dumps({"query": "{ tenant { slug } }"})


def say_moving(tenant: TenantRef, *, to_this_process: bool = True) -> None:
    """What ``tenant move`` writes at the source, as this process or another one would have written it."""
    with shared_scope():
        Tenant.objects.filter(pk=tenant.id).update(status=Tenant.Status.MOVING)
    if to_this_process:
        invalidate_tenant(tenant.id)


def ask(tenant: TenantRef, key: str):
    host = f"{tenant.slug}.localhost"
    headers = {"host": host, "authorization": f"Bearer {key}"}
    return Client().post("/graphql", QUERY, content_type="application/json", headers=headers)


def send(protocol: str, key: str):
    return Client().post(
        PATHS[protocol], json.dumps(one_event(protocol, key)), content_type="application/json"
    )


@pytest.mark.parametrize("protocol", PATHS)
def test_every_protocol_keeps_its_batch_and_comes_again(acme, globex, protocol):
    key, other = create_key(acme, INGEST), create_key(globex, INGEST)
    say_moving(acme)
    refused = send(protocol, key)
    assert (refused.status_code, refused["Retry-After"]) == (503, "1")
    assert "being moved" in refused.content.decode()
    assert send(protocol, other).status_code == 200
    services_resume(acme)
    assert send(protocol, key).status_code == 200


def services_resume(tenant: TenantRef) -> None:
    with shared_scope():
        Tenant.objects.filter(pk=tenant.id).update(status=Tenant.Status.ACTIVE)
    invalidate_tenant(tenant.id)


@pytest.mark.parametrize("protocol", PATHS)
def test_a_process_that_still_remembers_the_key_stores_nothing_of_any_protocol(acme, globex, protocol):
    key, other = create_key(acme, INGEST), create_key(globex, INGEST)
    authenticate_key(key, INGEST)
    say_moving(acme, to_this_process=False)
    with transaction.atomic():
        freeze(acme)
    with transaction.atomic():
        refused = send(protocol, key)
        transaction.set_rollback(True)
    assert (refused.status_code, refused["Retry-After"]) == (503, "1")
    assert "being moved" in refused.content.decode()
    assert send(protocol, other).status_code == 200
    with tenant_scope(acme):
        assert not Event.objects.exists()


def test_graphql_and_pages_say_so_by_key_and_by_session(acme, globex):
    key, other = create_key(acme, ApiKey.Kind.QUERY), create_key(globex, ApiKey.Kind.QUERY)
    for tenant in (acme, globex):
        member(tenant, f"ada@{tenant.slug}.example")
    browser = Browser("acme.localhost")
    say_moving(acme)
    answer = ask(acme, key)
    assert (answer.status_code, answer["Retry-After"]) == (503, "1")
    assert answer.json()["errors"][0]["extensions"]["code"] == "TENANT_MOVING"
    assert ask(globex, other).status_code == 200
    for path in ("/people/sign-in", "/people/", "/app/", "/app/metrics"):
        page = browser.get(path)
        assert (page.status_code, page["Retry-After"]) == (503, "2"), path
        assert Browser("globex.localhost").get(path).status_code in (200, 302), path
        assert Browser("localhost").get(path).status_code in (200, 302), path
    assert browser.get("/healthz").status_code == 200


def write(tenant: TenantRef, statement: str, *, role: str | None) -> None:
    with tenant_scope(tenant, role=role), transaction.atomic(), connection.cursor() as cursor:
        if statement.startswith("COPY"):
            with cursor.copy(statement):
                return
        cursor.execute(statement)


def test_a_frozen_tenant_is_read_and_not_changed_by_anybody(acme, globex):
    with tenant_scope(acme):
        Account.objects.create(external_id="a", name="A")
    with transaction.atomic():
        freeze(acme)
    assert is_frozen(acme)
    assert not is_frozen(globex)
    statements = (
        "INSERT INTO customers_account (external_id) VALUES ('b')",
        "UPDATE customers_account SET name = 'B'",
        "DELETE FROM customers_account",
        "TRUNCATE activity_personday",
        "COPY customers_account (external_id) FROM STDIN",
    )
    for role in (None, "none"):
        for statement in statements:
            if role is None and statement.startswith("TRUNCATE"):
                continue  # no right of the tenant's role
            with pytest.raises((OperationalError, psycopg.OperationalError)) as refused:
                write(acme, statement, role=role)
            assert is_moving(refused.value), statement
            assert is_passing(refused.value)
            assert not is_outage(refused.value), "no other tenant is concerned"
    with tenant_scope(acme):
        assert Account.objects.get().name == "A"
    with tenant_scope(globex):
        Account.objects.create(external_id="a", name="A")
    thaw(acme)
    thaw(acme)
    with tenant_scope(acme):
        Account.objects.update(name="B")
    assert not is_frozen(acme)


def test_the_worker_leaves_it_alone(acme, globex):
    with shared_scope():
        Schedule.objects.update(next_run_at=timezone.now() - timedelta(minutes=1))
        Tenant.objects.filter(pk=acme.id).update(events_keep_days=30)
        Tenant.objects.filter(pk=globex.id).update(events_keep_days=30)
    say_moving(acme)
    dispatcher.tick()
    compute_tenant(acme.id)
    with shared_scope():
        assert set(Run.objects.values_list("tenant_id", flat=True)) == {globex.id}
    assert [tenant.slug for tenant in data_retention.CHORE.tenants()] == ["globex"]


def test_processes_forget_it_within_a_second_and_once(acme, globex, monkeypatch):
    key, other = create_key(acme, INGEST), create_key(globex, INGEST)
    watch = Departures()
    watch.notice()
    authenticate_key(key, INGEST)
    authenticate_key(other, INGEST)
    say_moving(acme, to_this_process=False)
    watch.notice()
    authenticate_key(key, INGEST)  # looked a moment ago
    now = departures_clock(monkeypatch)
    now[0] += 0.9
    watch.notice()
    with pytest.raises(TenantMovingError):
        authenticate_key(key, INGEST)
    authenticate_key(other, INGEST)


def departures_clock(monkeypatch) -> list[float]:
    """The clock of the looks alone: what is remembered does not grow old by it."""
    now = [departures.time.monotonic()]

    class Clock:
        @staticmethod
        def monotonic() -> float:
            return now[0]

    monkeypatch.setattr(departures, "time", Clock)
    return now


@pytest.mark.parametrize("protocol", PATHS)
def test_who_asks_where_it_lived_keeps_the_batch_and_is_told_whither(acme, globex, protocol):
    key, other = create_key(acme, INGEST), create_key(globex, INGEST)
    reader = create_key(acme, ApiKey.Kind.QUERY)
    leave(acme, [key, reader])
    refused = send(protocol, key)
    assert (refused.status_code, refused["Retry-After"]) == (503, "1")
    assert "eu2" in refused.content.decode()
    assert send(protocol, other).status_code == 200
    assert send(protocol, create_key(globex, ApiKey.Kind.QUERY)).status_code == 401
    answer = Client().post(
        "/graphql", QUERY, content_type="application/json", headers={"authorization": f"Bearer {reader}"}
    )
    assert (answer.status_code, answer["Retry-After"]) == (503, "1")
    for path in ("/people/sign-in", "/app/"):
        page = Browser("acme.localhost").get(path)
        assert (page.status_code, page["Retry-After"]) == (503, "2"), path
        assert Browser("globex.localhost").get(path).status_code in (200, 302), path


def leave(tenant: TenantRef, keys: list[str]) -> None:
    """What ``tenant move`` leaves behind: the note where it went."""
    services.delete_tenant(tenant.slug)
    with shared_scope():
        Move.objects.create(
            schema_name=tenant.schema, tenant_id=tenant.id, slug=tenant.slug, cell="eu2", step=Move.Step.LEFT,
            former_status="ACTIVE", hosts=["acme.localhost"], key_ids=[key.split("_")[3] for key in keys],
        )  # fmt: skip


def test_nobody_suspends_resumes_or_imports_it_meanwhile(acme):
    say_moving(acme)
    for action in ("suspend", "resume"):
        with pytest.raises(CommandError, match=r"being moved.*--undo"):
            call_command("tenant", action, "acme")
    with pytest.raises(InvalidTenantError, match="being moved"):
        services.set_status("acme", Tenant.Status.ACTIVE)
    with pytest.raises(CommandError, match="being moved"):
        call_command("import", "events", "/dev/null", tenant="acme")
