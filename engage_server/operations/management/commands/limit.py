"""Show and set how much a tenant, or one of its keys, may use."""

from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandError

from engage_server.access.keys import find_key
from engage_server.access.limits import TENANT, defaults, limits_of
from engage_server.access.models import Limit
from engage_server.audit.management.base import TenantActionsCommand
from engage_server.operations.limits import set_limit
from engage_server.tenancy.scope import TenantRef


class Command(TenantActionsCommand):
    """Show and set how much a tenant, or one of its keys, may use."""

    help = "Show and set how much a tenant, or one of its keys, may use."

    def add_actions(self, actions: Any) -> None:
        """One sub-command for each thing that can be done."""
        actions.add_parser("show", help="the limits that hold for the tenant and its keys")
        change = actions.add_parser("set", help="set one of them")
        change.add_argument("name", choices=Limit.Name.values)
        change.add_argument("amount", help="a whole number, 0 for no limit, or `default`")
        change.add_argument(
            "--key", default="", metavar="PUBLIC_ID", help="of this key instead of the tenant"
        )

    def _set(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        key = find_key(tenant, options["key"]) if options["key"] else None
        if options["key"] and key is None:
            raise CommandError(f"{tenant.slug!r} has no key {options['key']!r}. Remedy: see `key list`.")
        amount = None if options["amount"] == "default" else _whole(options["amount"])
        set_limit(tenant, options["name"], amount, key=key)
        self._show(tenant, options)

    def _show(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        found = limits_of(tenant)
        for name, default in defaults().items():
            amount = found[TENANT].get(name)
            shown = _format(default) + " (default)" if amount is None else _format(amount)
            self.stdout.write(f"{TENANT:<18}{name:<26}{shown}")
        for holder, amounts in found.items():
            for name, amount in amounts.items() if holder != TENANT else ():
                self.stdout.write(f"{holder:<18}{name:<26}{_format(amount)}")


def _whole(text: str) -> int:
    if not text.isdecimal():
        raise CommandError(f"{text!r} is no amount. Remedy: a whole number, 0 for no limit, or `default`.")
    return int(text)


def _format(amount: int) -> str:
    return f"{amount:,}" if amount else "none"
