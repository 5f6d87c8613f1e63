"""Counters of this process, or of all processes that share a directory (``manage.py serve`` makes one).

Every metric here has labels: the library then makes its values at the first use, after ``share`` was called.
The label ``tenant`` is empty, which to Prometheus is no label, unless ENGAGE_METRICS_BY_TENANT is on.
"""

import functools
import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, ParamSpec

from django.conf import settings
from django.http import HttpResponse
from prometheus_client import CollectorRegistry, Counter, Histogram, values
from prometheus_client.multiprocess import MultiProcessCollector

from engage_server.tenancy.scope import current_scope

DIRECTORY: Final = "PROMETHEUS_MULTIPROC_DIR"
SECONDS: Final = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
RUN_SECONDS: Final = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)
COSTS: Final = (1, 5, 10, 50, 100, 500, 1_000, 5_000, 10_000, 50_000)
P = ParamSpec("P")

_registry: Final = CollectorRegistry()
_requests: Final = Counter(
    "engage_http_requests",
    "Requests answered, by surface (ingest, graphql) and status.",
    ["surface", "status"],
    registry=_registry,
)
_request_seconds: Final = Histogram(
    "engage_http_request_seconds",
    "Seconds from a request's view to its answer.",
    ["surface"],
    buckets=SECONDS,
    registry=_registry,
)
_items: Final = Counter(
    "engage_ingest_items",
    "Items of tracking requests, each once: accepted, duplicate or rejected.",
    ["outcome", "tenant"],
    registry=_registry,
)
_notes: Final = Counter(
    "engage_ingest_notes",
    "Fields, traits and ids that were passed over in items of tracking requests.",
    ["tenant"],
    registry=_registry,
)
_not_kept: Final = Counter(
    "engage_quarantine_not_kept",
    "Refused items that were not kept, since their tenant's quarantine is full.",
    ["tenant"],
    registry=_registry,
)
_cost: Final = Histogram(
    "engage_graphql_cost",
    "Cost of GraphQL queries as the limits measure it, refused ones included.",
    ["tenant"],
    buckets=COSTS,
    registry=_registry,
)
_errors: Final = Counter(
    "engage_graphql_errors", "GraphQL errors answered, by code.", ["code", "tenant"], registry=_registry
)
_run_seconds: Final = Histogram(
    "engage_run_seconds",
    "Seconds of a run in its worker, by plugin and outcome (succeeded, failed).",
    ["plugin", "outcome", "tenant"],
    buckets=RUN_SECONDS,
    registry=_registry,
)


def share(directory: Path) -> None:
    """Count together with the processes that this one starts from now on, in files of an empty directory."""
    os.environ[DIRECTORY] = str(directory)
    # The library chose when it was imported, which in a command is before the command runs.
    values.ValueClass = values.get_value_class()


def registry() -> CollectorRegistry:
    """What to expose: the shared directory's counters where there is one, else this process's."""
    if DIRECTORY not in os.environ:
        return _registry
    shared = CollectorRegistry()
    MultiProcessCollector(shared)
    return shared


def observed(surface: str) -> Callable[[Callable[P, HttpResponse]], Callable[P, HttpResponse]]:
    """Decorates a view: counts its answers by status and their time."""

    @functools.cache  # at the first answer, see above; to look it up each time costs as much as to count
    def seconds_of_surface() -> Histogram:
        return _request_seconds.labels(surface)

    @functools.cache
    def answers_by_status(status: int) -> Counter:
        return _requests.labels(surface, str(status))

    def decorate(view: Callable[P, HttpResponse]) -> Callable[P, HttpResponse]:
        @functools.wraps(view)
        def counted(*args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            began = time.perf_counter()
            response = view(*args, **kwargs)
            seconds_of_surface().observe(time.perf_counter() - began)
            answers_by_status(response.status_code).inc()
            return response

        return counted

    return decorate


def count_items(*, accepted: int, duplicates: int, rejected: int) -> None:
    """Count a request's items, in the scope of their tenant."""
    tenant = _tenant()
    for outcome, items in (("accepted", accepted), ("duplicate", duplicates), ("rejected", rejected)):
        if items:
            _items.labels(outcome, tenant).inc(items)


def count_notes(notes: int) -> None:
    """Count what was passed over of items that were taken, in the scope of their tenant."""
    if notes:
        _notes.labels(_tenant()).inc(notes)


def count_not_kept(items: int) -> None:
    """Count refused items that found no room in quarantine, in the scope of their tenant."""
    _not_kept.labels(_tenant()).inc(items)


def count_query(*, cost: int | None, codes: Iterable[str]) -> None:
    """Count a GraphQL answer, in the scope of its tenant. ``cost`` is None where it could not be parsed."""
    tenant = _tenant()
    if cost is not None:
        _cost.labels(tenant).observe(cost)
    for code in codes:
        _errors.labels(code, tenant).inc()


def count_run(plugin: str, *, succeeded: bool, seconds: float, tenant: str) -> None:
    """Count a run that ended in this process."""
    shown = tenant if settings.ENGAGE_METRICS_BY_TENANT else ""
    _run_seconds.labels(plugin, "succeeded" if succeeded else "failed", shown).observe(seconds)


def _tenant() -> str:
    scope = current_scope()
    if not settings.ENGAGE_METRICS_BY_TENANT or scope is None or scope.tenant is None:
        return ""
    return scope.tenant.slug
