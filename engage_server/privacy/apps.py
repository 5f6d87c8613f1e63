"""Django's entry to the package."""

from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    """Requests of persons, and the work in the background that follows from them."""

    name = "engage_server.privacy"

    def ready(self) -> None:
        """Leave the work to the workers."""
        from engage_server.engine import chores
        from engage_server.privacy import erasure, retention

        chores.register(erasure.CHORE)
        chores.register(retention.CHORE)
