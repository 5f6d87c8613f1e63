"""``manage.py schema``: prints the GraphQL schema of a tenant or of a set of plugins as SDL."""

from typing import Any

from django.core.management.base import CommandParser

from engage_server.api.composition import schema_for
from engage_server.audit.management.base import OperatorCommand
from engage_server.plugin_host.activation import active_ids
from engage_server.plugin_host.exceptions import PluginHostError
from engage_server.plugin_host.registry import registry
from engage_server.tenancy.scope import tenant_scope
from engage_server.tenancy.services import find_tenant


class Command(OperatorCommand):
    """Print the SDL of a schema."""

    expected = (PluginHostError,)
    help = "Print the GraphQL schema of a tenant, of some plugins or of all installed ones as SDL."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose schema."""
        whose = parser.add_mutually_exclusive_group(required=True)
        whose.add_argument("--tenant", help="slug; the plugins that this tenant has enabled")
        whose.add_argument("--plugins", help="ids separated by commas; empty for the core alone")
        whose.add_argument("--all-plugins", action="store_true", help="all installed plugins")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print it to standard output."""
        self.stdout.write(schema_for(_plugin_ids(options)).as_str())


def _plugin_ids(options: dict[str, Any]) -> frozenset[str]:
    if options["all_plugins"]:
        return frozenset(registry().plugins)
    if options["tenant"] is None:
        return frozenset(filter(None, (name.strip() for name in options["plugins"].split(","))))
    with tenant_scope(find_tenant(options["tenant"]).ref):
        return active_ids()
