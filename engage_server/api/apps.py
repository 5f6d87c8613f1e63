"""Django's entry to the package."""

from django.apps import AppConfig

from engage_server.tenancy.late_registration import register_later


class ApiConfig(AppConfig):
    """GraphQL."""

    name = "engage_server.api"

    def ready(self) -> None:
        """Say who may ask from other origins, and have plugins put aside whose fields make no schema."""
        from engage_server.api import cors  # noqa: F401

        register_later(_register)


def _register() -> None:
    from engage_server.api.composition import unfit
    from engage_server.plugin_host.registry import examine_with

    examine_with(unfit)
