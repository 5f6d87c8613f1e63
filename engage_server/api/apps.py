"""Django's entry to the package."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """GraphQL."""

    name = "engage_server.api"

    def ready(self) -> None:
        """Register the system check, and who may ask from other origins."""
        from engage_server.api import checks, cors  # noqa: F401
