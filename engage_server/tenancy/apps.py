"""Django's entry to the package."""

from django.apps import AppConfig
from django.conf import settings

from engage_server.tenancy.scope import set_roles_enabled


class TenancyConfig(AppConfig):
    """Tenants, their schemas and roles."""

    name = "engage_server.tenancy"

    def ready(self) -> None:
        """Tell the scope whether tenants have roles."""
        set_roles_enabled(settings.ENGAGE_TENANT_ROLES)
