"""Spans, where ENGAGE_OTEL is on; elsewhere the calls cost next to nothing and import nothing."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

from engage_server.telemetry.requests import Application


@dataclass(frozen=True, slots=True)
class Tracing:
    """How spans are made: for a block of code, and for every request of a WSGI application."""

    span: Callable[[str, dict[str, Any]], AbstractContextManager[Any]]
    application: Callable[[Application], Application]


_tracing = Tracing(span=lambda name, attributes: nullcontext(), application=lambda application: application)


def install(tracing: Tracing) -> None:
    """Called once at start-up, before the first request or run."""
    global _tracing  # noqa: PLW0603  # one process-wide switch
    _tracing = tracing


def span(name: str, **attributes: str | int) -> AbstractContextManager[Any]:
    """A span over the block; its attributes are named ``engage.<name>``."""
    return _tracing.span(name, {f"engage.{key}": value for key, value in attributes.items()})


def traced(application: Application) -> Application:
    """The WSGI application with a span for each request."""
    return _tracing.application(application)
