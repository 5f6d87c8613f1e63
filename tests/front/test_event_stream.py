"""Subscriptions by server-sent events, against a real server on the test database."""

import time

import pytest
from django.db import connection

from engage_server.access.models import ApiKey
from engage_server.access.principal import Permission
from engage_server.operations.keys import KeyRequest, create_key, make_key, revoke_key
from engage_server.plugin_host import activation
from engage_server.tenancy.scope import TenantRef, shared_scope, tenant_scope
from tests.front.event_source import is_silent, subscribed
from tests.front.happenings import end_run, raise_signal, receive_event, run_id

RUNS = "subscription { runFinished { run plugin on state valuesWritten } }"
SIGNALS = "subscription { signalRaised { count signals { id kind } } }"
EVENTS = "subscription { eventReceived { name account { externalId } person { externalId } properties } }"
TRIES = 3  # of which one at least is told in time, whatever else the machine does
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def tenants(committed_tenants: tuple[TenantRef, TenantRef]) -> tuple[TenantRef, TenantRef]:
    for tenant in committed_tenants:
        with tenant_scope(tenant):
            activation.enable("nps")
    return committed_tenants


@pytest.fixture
def keys(tenants: tuple[TenantRef, TenantRef]) -> tuple[str, str]:
    return create_key(tenants[0], ApiKey.Kind.QUERY), create_key(tenants[1], ApiKey.Kind.QUERY)


def test_a_runs_end_is_told_within_a_second_and_to_its_own_tenant_alone(
    port: int, tenants: tuple[TenantRef, TenantRef], keys: tuple[str, str]
) -> None:
    with subscribed(port, RUNS, key=keys[0]) as own, subscribed(port, RUNS, key=keys[1]) as foreign:
        assert own.response.status == 200
        assert own.response.headers["Content-Type"] == "text/event-stream; charset=utf-8"
        took: list[float] = []
        for _ in range(TRIES):
            run, ended = end_run(tenants[0]), time.monotonic()
            assert own.data() == {
                "runFinished": {
                    "run": run_id(tenants[0], run), "plugin": "nps", "on": "2026-03-01", "state": "SUCCEEDED",
                    "valuesWritten": 3,
                }
            }  # fmt: skip
            took.append(time.monotonic() - ended)
        assert min(took) < 1.0
        assert is_silent(foreign, for_s=2.0)


def test_a_run_is_told_once_and_not_to_who_waits_for_another_plugin(
    port: int, tenants: tuple[TenantRef, TenantRef], keys: tuple[str, str]
) -> None:
    end_run(tenants[0])  # before anybody watches
    with tenant_scope(tenants[0]):
        activation.enable("csat")
    with subscribed(port, 'subscription { runFinished(plugin: "csat") { plugin } }', key=keys[0]) as stream:
        end_run(tenants[0])
        end_run(tenants[0], plugin="csat")
        assert stream.data() == {"runFinished": {"plugin": "csat"}}
        assert is_silent(stream, for_s=2.0)


def test_a_metrics_days_that_end_together_are_one_update(
    port: int, tenants: tuple[TenantRef, TenantRef], keys: tuple[str, str]
) -> None:
    query = 'subscription { metricUpdated(metric: "nps.score") { from to value { value } metric { definition { id } } } }'
    with subscribed(port, query, key=keys[0]) as stream:
        end_run(tenants[0])
        update = stream.data()["metricUpdated"]
        assert update == {
            "from": "2026-03-01", "to": "2026-03-01", "value": None, "metric": {"definition": {"id": "nps.score"}},
        }  # fmt: skip


def test_a_signal_is_told_within_a_second_of_its_commit_and_to_its_own_tenant_alone(
    port: int, tenants: tuple[TenantRef, TenantRef]
) -> None:
    ours, theirs = (create_key(tenant, ApiKey.Kind.ADMIN) for tenant in tenants)
    raise_signal(tenants[0])  # before anybody watches
    with subscribed(port, SIGNALS, key=ours) as own, subscribed(port, SIGNALS, key=theirs) as foreign:
        took: list[float] = []
        for _ in range(TRIES):
            signal, raised = raise_signal(tenants[0]), time.monotonic()
            assert own.data()["signalRaised"] == {"count": 1, "signals": [{"id": signal, "kind": "RISK"}]}
            took.append(time.monotonic() - raised)
        assert min(took) < 1.0
        raise_signal(tenants[0])
        assert own.data()["signalRaised"]["count"] == 1
        assert is_silent(own, for_s=2.0)
        assert is_silent(foreign, for_s=1.0)


def test_an_event_is_told_with_what_the_key_may_see_and_to_its_own_tenant_alone(
    port: int, tenants: tuple[TenantRef, TenantRef], keys: tuple[str, str]
) -> None:
    rights = frozenset({Permission.METRICS_READ})
    lesser = make_key(tenants[0], KeyRequest(ApiKey.Kind.QUERY, permissions=rights)).text
    with (
        subscribed(port, EVENTS, key=lesser) as blind,
        subscribed(port, EVENTS, key=keys[0]) as stream,
        subscribed(port, EVENTS, key=keys[1]) as foreign,
    ):
        time.sleep(1.5)  # the first look says what was there before
        receive_event(tenants[0], page="home")
        event = {"name": "Opened", "account": {"externalId": "north"}}
        assert blind.data() == {"eventReceived": {**event, "person": None, "properties": None}}
        assert stream.data() == {
            "eventReceived": {**event, "person": {"externalId": "ada"}, "properties": {"page": "home"}}
        }
        assert is_silent(foreign, for_s=2.0)


def test_a_revoked_key_ends_its_subscription_within_five_seconds(
    port: int, tenants: tuple[TenantRef, TenantRef], keys: tuple[str, str]
) -> None:
    with subscribed(port, RUNS, key=keys[0]) as stream:
        time.sleep(1.0)
        revoke_key(tenants[0], keys[0].split("_")[3])
        revoked = time.monotonic()
        event, payload = stream.message()
        assert time.monotonic() - revoked < 5.0
        assert event == "next"
        assert payload["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
        assert stream.message() == ("complete", None)
        assert stream.response.read() == b""


def test_a_subscription_goes_on_when_the_database_cuts_every_connection(
    port: int, tenants: tuple[TenantRef, TenantRef], keys: tuple[str, str]
) -> None:
    with subscribed(port, RUNS, key=keys[0]) as stream:
        time.sleep(0.7)
        with shared_scope(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid() AND usename = session_user"
            )
        run = end_run(tenants[0])
        assert stream.data()["runFinished"]["run"] == run_id(tenants[0], run)


def test_an_operation_with_one_answer_is_answered_and_completed(port: int, keys: tuple[str, str]) -> None:
    with subscribed(port, "{ tenant { slug } }", key=keys[0]) as stream:
        assert stream.data() == {"tenant": {"slug": "acme"}}
        assert stream.message() == ("complete", None)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("subscription { nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { runFinished { run } metricUpdated(metric: \"nps.score\") { to } }", "GRAPHQL_VALIDATION_FAILED"),
        ('subscription { runFinished(plugin: "csat") { run } }', "BAD_USER_INPUT"),
        ('subscription { metricUpdated(metric: "x.y") { to } }', "UNKNOWN_METRIC"),
    ],
)  # fmt: skip
def test_what_cannot_be_watched_is_refused_with_its_code(
    port: int, keys: tuple[str, str], query: str, code: str
) -> None:
    with subscribed(port, query, key=keys[0]) as stream:
        event, payload = stream.message()
        assert (event, payload["errors"][0]["extensions"]["code"]) == ("next", code)
        assert stream.message() == ("complete", None)


def test_without_a_key_there_is_no_stream(port: int) -> None:
    with subscribed(port, RUNS) as stream:
        assert stream.response.status == 401


def test_who_takes_json_alone_is_told_how_to_subscribe(port: int, keys: tuple[str, str]) -> None:
    with subscribed(port, RUNS, key=keys[0], Accept="application/json") as stream:
        assert b"text/event-stream" in stream.response.read()
