"""Django's entry to the package."""

from django.apps import AppConfig


class DashboardConfig(AppConfig):
    """The page that people look at."""

    name = "engage_server.dashboard"

    def ready(self) -> None:
        """Have what the built page sends trusted, so that it may name its documents by their ids alone."""
        from engage_server.dashboard.bundle import documents
        from engage_server.definitions.own_documents import register_own

        for text in documents():
            register_own(text)
