"""Health for probes and people: /healthz says that the process lives, /readyz that it can serve."""

from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path

from engage_server.engine import clock_checks, problems
from engage_server.engine.monitoring import queries
from engage_server.engine.monitoring.access import may_watch
from engage_server.plugin_host.registry import registry
from engage_server.tenancy.scope import shared_scope


def healthz(request: HttpRequest) -> HttpResponse:
    """200 as long as the process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


def readyz(request: HttpRequest) -> JsonResponse:
    """200 where the database answers and this process's clock is not far off, else 503.

    Broken plugins, silent workers and late runs are told and change nothing of that: this process still serves,
    and taking it out of rotation would mend none of them. Only those who may watch the server are told.
    """
    try:
        with shared_scope(timeout_ms=queries.TIMEOUT_MS), connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        database = "ok"
    except queries.UNAVAILABLE:
        database = "unavailable"
    body: dict[str, Any] = {"database": database}
    if clock_checks.is_refused():
        body["clock"] = "wrong"
    status = 200 if body == {"database": "ok"} else 503
    if may_watch(request):
        body |= {
            "plugins": sorted(registry().plugins),
            "brokenPlugins": dict(registry().broken),
            "engine": _engine() if database == "ok" else None,
        }
    return JsonResponse(body, status=status)


def _engine() -> dict[str, Any] | None:
    """Null where the shared tables do not answer, for example before the first migration."""
    try:
        standing = problems.read_standing()
    except queries.UNAVAILABLE:
        return None
    return {
        "workerSeen": standing.workers.alive > 0,
        "workersAlive": standing.workers.alive,
        "compactorsAlive": standing.processes.compactors,
        "dueRuns": standing.backlog.due,
        "oldestDueRunSeconds": round(standing.backlog.oldest_s, 1),
        "backfillRuns": standing.work.backfills,
        **({"nodes": {one.name: one.is_up for one in standing.nodes}} if standing.nodes else {}),
        "problems": [*problems.find(standing)],
    }


urlpatterns: list[URLPattern] = [path("healthz", healthz), path("readyz", readyz)]
