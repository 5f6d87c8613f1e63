"""Health for probes and people: /healthz says that the process lives, /readyz that it can serve."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path

from engage_server.plugin_host.registry import registry
from engage_server.tenancy.scope import shared_scope


def healthz(request: HttpRequest) -> HttpResponse:
    """200 as long as the process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


def readyz(request: HttpRequest) -> JsonResponse:
    """200 where the database answers, else 503. Broken plugins are named; they do not keep the others from serving."""
    try:
        with shared_scope(timeout_ms=2000), connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        database = "ok"
    except DatabaseError:
        database = "unavailable"
    body = {
        "database": database,
        "plugins": sorted(registry().plugins),
        "brokenPlugins": dict(registry().broken),
    }
    return JsonResponse(body, status=200 if database == "ok" else 503)


urlpatterns: list[URLPattern] = [path("healthz", healthz), path("readyz", readyz)]
