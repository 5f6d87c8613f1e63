"""Traces begin by setting; without their packages the server says so at its start."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import RequestFactory

from engage_server.telemetry import tracing
from engage_server.tenancy.scope import shared_scope

ROOT = Path(__file__).resolve().parents[2]
WITHOUT_PACKAGES = """
import sys
sys.modules["opentelemetry"] = None
import django
django.setup()
"""


@pytest.fixture
def untraced():
    """Whatever the test installs is gone afterwards."""
    before = tracing._tracing
    yield
    tracing.install(before)


@pytest.mark.parametrize(("asked", "refused"), [("1", True), ("0", False)])
def test_a_server_asked_to_trace_without_the_packages_does_not_start_and_names_the_remedy(asked, refused):
    ended = subprocess.run(
        [sys.executable, "-c", WITHOUT_PACKAGES],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "engage_server.settings.testing", "ENGAGE_OTEL": asked},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode != 0) is refused
    assert ("pip install 'engage-server[otel]'" in ended.stderr) is refused


def test_requests_statements_and_blocks_are_spans_where_the_packages_are_installed(db, untraced):
    memory = pytest.importorskip("opentelemetry.sdk.trace.export.in_memory_span_exporter")
    from opentelemetry.instrumentation.psycopg import PsycopgInstrumentor

    from engage_server.telemetry import opentelemetry

    exporter = memory.InMemorySpanExporter()
    provider = opentelemetry.start(exporter)
    try:
        with tracing.span("run", tenant="acme", run=3), shared_scope():
            pass

        def application(environ, start_response):
            start_response("200 OK", [])
            return [b""]

        list(tracing.traced(application)(RequestFactory().get("/readyz").environ, lambda *_: None))
        provider.force_flush()
    finally:
        PsycopgInstrumentor().uninstrument()
        provider.shutdown()
    spans = {span.name: dict(span.attributes) for span in exporter.get_finished_spans()}
    assert spans["run"] == {"engage.tenant": "acme", "engage.run": 3}
    assert spans["GET /readyz"]["http.status_code"] == 200


def test_without_tracing_a_block_runs_and_an_application_stays_itself():
    def application(environ, start_response):
        return []

    with tracing.span("run", tenant="acme"):
        pass
    assert tracing.traced(application) is application
