"""Composition root of the web side."""

from django.urls import URLPattern, URLResolver, include, path

from engage_server.api import urls as api
from engage_server.dashboard import urls as dashboard
from engage_server.dashboard import views as pages
from engage_server.engine import health
from engage_server.engine.monitoring import prometheus
from engage_server.ingest import urls as ingest_urls

handler400 = "engage_server.dashboard.error_pages.bad_request"
handler403 = "engage_server.dashboard.error_pages.permission_denied"
handler404 = "engage_server.dashboard.error_pages.page_not_found"
handler500 = "engage_server.dashboard.error_pages.server_error"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", include(health.urlpatterns)),
    path("", include(prometheus.urlpatterns)),
    path("", include(ingest_urls.urlpatterns)),
    path("", include(dashboard.urlpatterns)),
    *api.patterns(page=pages.graphiql),
]
