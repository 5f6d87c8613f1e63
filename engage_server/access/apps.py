"""Django's entry to the package."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    """Keys and who may do what."""

    name = "engage_server.access"
