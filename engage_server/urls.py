"""Composition root of the web side."""

from django.urls import URLPattern, URLResolver, include, path

from engage_server.engine import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include(health.urlpatterns)),
]
