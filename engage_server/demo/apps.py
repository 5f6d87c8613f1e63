"""Django's entry to the package."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """The demonstration."""

    name = "engage_server.demo"
