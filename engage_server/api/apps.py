"""Django's entry to the package."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """GraphQL."""

    name = "engage_server.api"
