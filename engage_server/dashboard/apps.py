"""Django's entry to the package."""

from django.apps import AppConfig


class DashboardConfig(AppConfig):
    """The page that people look at."""

    name = "engage_server.dashboard"
