"""Traces over OpenTelemetry: requests, statements and runs. Imported only where ENGAGE_OTEL is on.

Exporter, endpoint, sampling and service name follow OpenTelemetry's own variables (OTEL_EXPORTER_OTLP_ENDPOINT,
OTEL_TRACES_SAMPLER, OTEL_SERVICE_NAME). Statements are traced without their parameters.
"""

from contextlib import AbstractContextManager
from typing import Any

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.psycopg import PsycopgInstrumentor
from opentelemetry.instrumentation.wsgi import OpenTelemetryMiddleware
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter

from engage_server.telemetry.requests import Application
from engage_server.telemetry.tracing import Tracing, install


def start(exporter: SpanExporter | None = None) -> TracerProvider:
    """Trace this process from now on; spans go to ``exporter``, by default to an OTLP collector over HTTP."""
    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(exporter or OTLPSpanExporter()))
    tracer = provider.get_tracer("engage")
    PsycopgInstrumentor().instrument(tracer_provider=provider)

    def span(name: str, attributes: dict[str, Any]) -> AbstractContextManager[trace.Span]:
        entered: AbstractContextManager[trace.Span] = tracer.start_as_current_span(
            name, attributes=attributes
        )
        return entered

    def application(inner: Application) -> Application:
        middleware: Application = OpenTelemetryMiddleware(inner, tracer_provider=provider)
        return middleware

    install(Tracing(span=span, application=application))
    return provider
