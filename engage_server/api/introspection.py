"""Decides who sees the schema: introspection shows it, and suggestions in error messages spell it out bit by bit."""

from django.conf import settings

from engage_server.access.principal import Permission, Principal


def shows_schema(principal: Principal) -> bool:
    """Whether the principal may look into the schema.

    Where ENGAGE_INTROSPECTION is on, all but accounts' tokens may; where it is off, only who configures the tenant.
    """
    if principal.account_id is not None:
        return False
    return settings.ENGAGE_INTROSPECTION or principal.may(Permission.CONFIG_WRITE)
