"""What is counted, under which labels, and that several processes count together."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.http import HttpResponse

from engage_server.telemetry import counters
from engage_server.tenancy.scope import tenant_scope

ROOT = Path(__file__).resolve().parents[2]


def value(name: str, **labels: str) -> float:
    return counters.registry().get_sample_value(name, labels) or 0


def test_items_are_counted_by_outcome_and_without_tenant_unless_asked(acme, settings):
    before = value("engage_ingest_items_total", outcome="rejected", tenant="")
    with tenant_scope(acme):
        counters.count_items(accepted=0, duplicates=0, rejected=3)
        settings.ENGAGE_METRICS_BY_TENANT = True
        mine = value("engage_ingest_items_total", outcome="rejected", tenant="acme")
        counters.count_items(accepted=0, duplicates=0, rejected=4)
    assert value("engage_ingest_items_total", outcome="rejected", tenant="") == before + 3
    assert value("engage_ingest_items_total", outcome="rejected", tenant="acme") == mine + 4


def test_an_observed_view_is_counted_by_surface_and_status():
    def before() -> tuple[float, float]:
        return (
            value("engage_http_requests_total", surface="probe", status="418"),
            value("engage_http_request_seconds_count", surface="probe"),
        )

    was = before()
    counters.observed("probe")(lambda: HttpResponse(status=418))()
    assert before() == (was[0] + 1, was[1] + 1)


def test_a_query_is_counted_by_cost_and_codes():
    was = value("engage_graphql_errors_total", code="TIMEOUT", tenant="")
    cost = value("engage_graphql_cost_sum", tenant="")
    counters.count_query(cost=40, codes=["TIMEOUT", "TIMEOUT"])
    counters.count_query(cost=None, codes=[])
    assert value("engage_graphql_errors_total", code="TIMEOUT", tenant="") == was + 2
    assert value("engage_graphql_cost_sum", tenant="") == cost + 40


COUNT = """
import os, sys
import django
django.setup()
from engage_server.telemetry import counters
if len(sys.argv) > 1:
    from pathlib import Path
    counters.share(Path(sys.argv[1]))
if os.fork() == 0:
    counters.count_query(cost=1, codes=["INTERNAL"])
    os._exit(0)
os.wait()
counters.count_query(cost=1, codes=["INTERNAL"])
print(counters.registry().get_sample_value("engage_graphql_errors_total", {"code": "INTERNAL", "tenant": ""}))
"""


@pytest.mark.parametrize(("shared", "seen"), [(True, "2.0"), (False, "1.0")])
def test_processes_count_together_where_they_share_a_directory(tmp_path, shared, seen):
    environment = {key: text for key, text in os.environ.items() if key != counters.DIRECTORY}
    ended = subprocess.run(
        [sys.executable, "-c", COUNT, *([str(tmp_path)] if shared else [])],
        cwd=ROOT,
        env={**environment, "DJANGO_SETTINGS_MODULE": "engage_server.settings.testing"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.stdout.strip() == seen, ended.stderr
