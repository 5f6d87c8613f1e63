"""Django's entry to the package."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccessConfig(AppConfig):
    """Keys, people and who may do what."""

    name = "engage_server.access"

    def ready(self) -> None:
        """Roles say what a person may do; Django's permissions are asked by nobody, so none are written down."""
        post_migrate.disconnect(dispatch_uid="django.contrib.auth.management.create_permissions")
