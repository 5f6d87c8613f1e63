"""/metrics says how the engine and the processes do, to this machine or the bearer of the token; /readyz to probes."""

import json
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from engage_server.access.models import ApiKey
from engage_server.engine import executor, ledger
from engage_server.engine.models import Breaker, Run
from engage_server.engine.monitoring import queries
from engage_server.operations.keys import create_key
from engage_server.telemetry import counters
from engage_server.tenancy.clock import in_seconds
from engage_server.tenancy.scope import shared_scope
from tests.engine.test_status import heartbeat, run

NAMES = {
    "engage_backfill_runs",
    "engage_clock_offset_seconds",
    "engage_compactors",
    "engage_connections_limit",
    "engage_connections_needed",
    "engage_connections_used",
    "engage_rollup_lag_seconds",
    "engage_scheduled",
    "engage_servers",
    "engage_worker_restarts",
    "engage_broken_plugins",
    "engage_database_up",
    "engage_due_runs",
    "engage_oldest_due_run_seconds",
    "engage_queue_jobs",
    "engage_runs",
    "engage_tenants",
    "engage_workers",
}


def page(**environ: str):
    return Client().get("/metrics", **environ)


def samples() -> dict[tuple[str, ...], float]:
    """Values by name and label values, in the order of the labels' names."""
    return {
        (sample.name, *(text for _, text in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(page().content.decode())
        for sample in family.samples
    }


def test_the_page_is_prometheus_text_with_the_documented_gauges(acme):
    run(acme, minutes_ago=10)
    heartbeat(5)
    shown = samples()
    assert {name for name, *_ in shown} >= NAMES - {"engage_queue_jobs"}
    assert shown["engage_database_up",] == 1
    assert shown["engage_tenants", "ACTIVE"] == 1
    assert shown["engage_workers",] == 1
    assert shown["engage_runs", "nps", "PENDING", ""] == 1
    assert shown["engage_due_runs",] == 1
    assert 600 <= shown["engage_oldest_due_run_seconds",] < 660


def test_runs_are_told_apart_by_tenant_only_where_asked(acme, globex, settings):
    run(acme)
    run(globex)
    assert samples()["engage_runs", "nps", "PENDING", ""] == 2
    settings.ENGAGE_METRICS_BY_TENANT = True
    assert samples()["engage_runs", "nps", "PENDING", "globex"] == 1


def test_breakers_are_counted_by_plugin_and_state_and_by_tenant_only_where_asked(acme, globex, settings):
    with shared_scope():
        for tenant in (acme, globex):
            Breaker.objects.create(
                tenant_id=tenant.id, plugin="nps", outcomes="-----", reason="x", open_until=in_seconds(60)
            )
        Breaker.objects.create(tenant_id=acme.id, plugin="ces", outcomes="-", reason="x")
    assert samples()["engage_breakers", "nps", "open", ""] == 2
    assert samples()["engage_breakers", "ces", "closed", ""] == 1
    settings.ENGAGE_METRICS_BY_TENANT = True
    assert samples()["engage_breakers", "nps", "open", "globex"] == 1


def test_a_scrape_costs_the_same_statements_for_one_tenant_and_two(acme, globex, django_assert_num_queries):
    with django_assert_num_queries(9):
        assert page().status_code == 200


def test_without_its_database_the_page_still_answers_and_says_so(monkeypatch, db):
    with transaction.atomic():
        with shared_scope(), connection.cursor() as cursor:
            cursor.execute("ALTER TABLE procrastinate_jobs RENAME TO moved_away")
        shown = samples()
        transaction.set_rollback(True)
    assert shown["engage_database_up",] == 0
    assert shown["engage_disk_free_bytes",] > 0, "known without it, and perhaps the reason"
    assert not {name for name, *_ in shown} & (NAMES - {"engage_database_up", "engage_broken_plugins"})


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
def test_without_a_token_this_machine_may_read(db, address):
    assert page(REMOTE_ADDR=address).status_code == 200


@pytest.mark.parametrize(
    "environ",
    [
        {"REMOTE_ADDR": "10.0.0.7"},
        {"REMOTE_ADDR": "::ffff:10.0.0.7"},
        {"REMOTE_ADDR": ""},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "10.0.0.7"},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_FORWARDED": "for=10.0.0.7"},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_REAL_IP": "10.0.0.7"},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_PROTO": "https"},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_HOST": "engage.example.com"},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_SSL": "on"},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_VIA": "1.1 proxy"},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_CF_CONNECTING_IP": "10.0.0.7"},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_CLIENT_IP": "10.0.0.7"},
    ],
)
def test_without_a_token_nobody_else_may_and_is_told_the_remedy(environ):
    answer = page(**environ)
    assert answer.status_code == 403
    assert b"engage_" not in answer.content
    assert b"ENGAGE_METRICS_TOKEN" in answer.content


@pytest.mark.parametrize(
    ("given", "status"),
    [("Bearer s3cret", 200), ("Bearer wrong", 403), ("Bearer s3crét", 403), ("s3cret", 403), ("", 403)],
)
def test_with_a_token_it_alone_counts(db, settings, given, status):
    settings.ENGAGE_METRICS_TOKEN = "s3cret"
    assert page(REMOTE_ADDR="10.0.0.7", HTTP_AUTHORIZATION=given).status_code == status
    assert page(REMOTE_ADDR="127.0.0.1", HTTP_AUTHORIZATION=given).status_code == status


def count(name: str, **labels: str) -> float:
    return counters.registry().get_sample_value(name, labels) or 0


def test_a_tracking_request_is_counted_with_its_items(acme):
    key = create_key(acme, ApiKey.Kind.INGEST)

    def numbers() -> tuple[float, ...]:
        outcomes = ("accepted", "duplicate", "rejected")
        return (
            count("engage_http_requests_total", surface="ingest", status="200"),
            *(count("engage_ingest_items_total", outcome=outcome, tenant="") for outcome in outcomes),
        )

    before = numbers()
    moment = timezone.now().isoformat()
    good = {"type": "track", "event": "E", "userId": "u", "messageId": "m1", "timestamp": moment}
    batch = {"writeKey": key, "batch": [good, good, {**good, "messageId": "m2"}, {"type": "track"}]}
    answer = Client().post(
        "/v1/batch", json.dumps(batch), content_type="application/json", headers={"host": "acme.localhost"}
    )
    assert answer.status_code == 200, answer.content
    assert tuple(now - was for now, was in zip(numbers(), before, strict=True)) == (1, 2, 1, 1)


def test_a_query_is_counted_with_cost_and_refusals_by_code(acme):
    key = create_key(acme, ApiKey.Kind.QUERY)

    def ask(query: str, **headers: str) -> None:
        Client().post(
            "/graphql",
            json.dumps({"query": query}),
            content_type="application/json",
            headers={"host": "acme.localhost", "authorization": f"Bearer {key}", **headers},
        )

    def numbers() -> tuple[float, ...]:
        return (
            count("engage_http_requests_total", surface="graphql", status="200"),
            count("engage_graphql_cost_count", tenant=""),
            count("engage_graphql_errors_total", code="GRAPHQL_VALIDATION_FAILED", tenant=""),
            count("engage_http_requests_total", surface="graphql", status="401"),
        )

    before = numbers()
    ask("{ __typename }")
    ask("{ noSuchField }")
    ask("{ __typename }", authorization="Bearer nonsense")
    assert tuple(now - was for now, was in zip(numbers(), before, strict=True)) == (2, 2, 1, 1)


def test_a_run_is_counted_by_plugin_and_outcome(acme):
    def numbers() -> tuple[float, ...]:
        return tuple(
            count("engage_run_seconds_count", plugin="nps", outcome=outcome, tenant="")
            for outcome in ("succeeded", "failed")
        )

    before = numbers()
    for lost in (False, True):
        claimed = ledger.claim(run(acme, minutes_ago=1 + lost).pk)
        assert claimed is not None
        if lost:
            with shared_scope():
                Run.objects.filter(pk=claimed.run_id).update(token=claimed.token + 1)
        executor.execute(acme, claimed)
    assert tuple(now - was for now, was in zip(numbers(), before, strict=True)) == (1, 1)


def test_readiness_tells_of_workers_and_late_runs_and_stays_200(acme):
    run(acme, minutes_ago=10)
    answer = Client().get("/readyz")
    assert answer.status_code == 200
    engine = answer.json()["engine"]
    assert (engine["workerSeen"], engine["workersAlive"], engine["dueRuns"]) == (False, 0, 1)
    assert 600 <= engine["oldestDueRunSeconds"] < 660
    heartbeat(5)
    assert Client().get("/readyz").json()["engine"]["workerSeen"] is True


def test_readiness_tells_strangers_no_more_than_its_status(db):
    assert Client().get("/readyz", headers={"x-forwarded-for": "203.0.113.7"}).json() == {"database": "ok"}


def test_a_worker_counts_as_seen_for_a_minute(db):
    heartbeat(timedelta(seconds=queries.ALIVE_S - 5).total_seconds())
    assert queries.workers().alive == 1
