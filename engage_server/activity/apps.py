"""Django's entry to the package."""

from django.apps import AppConfig


class ActivityConfig(AppConfig):
    """Events and what is derived from them."""

    name = "engage_server.activity"
