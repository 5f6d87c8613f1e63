"""Django's entry to the package."""

from django.apps import AppConfig

from engage_server.tenancy.late_registration import register_later


class PrivacyConfig(AppConfig):
    """Requests of persons, and the work in the background that follows from them."""

    name = "engage_server.privacy"

    def ready(self) -> None:
        """Leave the work to the workers, and have the list of who was erased outlive a tenant."""
        register_later(_register)


def _register() -> None:
    from engage_server.engine import background_tasks
    from engage_server.privacy import data_retention, erasure, tombstones
    from engage_server.tenancy import removal

    background_tasks.register(erasure.CHORE)
    background_tasks.register(data_retention.CHORE)
    removal.keep_beside_export(tombstones.keep_list)
