"""Where the API is served."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

from engage_server.api import import_view, schema_view, token_view, views


def patterns(page: Callable[[HttpRequest], HttpResponse]) -> list[URLPattern]:
    """The API's addresses; ``page`` is what a browser sees at ``/graphql``."""
    return [
        path("graphql", views.graphql, {"page": page}, name="graphql"),
        path("graphql/schema", schema_view.schema, name="graphql_schema"),
        path("graphql/imports/<str:id>/<int:number>", import_view.part, name="graphql_import_part"),
        path("graphql/imports/<str:id>/refused", import_view.refused, name="graphql_import_refused"),
        path("graphql/token", token_view.token, name="graphql_token"),
    ]
