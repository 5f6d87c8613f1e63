"""``manage.py schema``: prints the GraphQL schema of a tenant or of a set of plugins as SDL, or what changed of it."""

from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from engage_server.api.composition import schema_for
from engage_server.api.exceptions import UnreadableSchemaError
from engage_server.api.schema_changes import changes_between, unannounced
from engage_server.audit.management.base import OperatorCommand
from engage_server.plugin_host.activation import active_ids
from engage_server.plugin_host.exceptions import PluginHostError
from engage_server.plugin_host.registry import registry
from engage_server.tenancy.scope import tenant_scope
from engage_server.tenancy.services import find_tenant


class Command(OperatorCommand):
    """Print the SDL of a schema, or how it differs from a former one."""

    expected = (PluginHostError, UnreadableSchemaError)
    help = "Print the GraphQL schema of a tenant, of some plugins or of all installed ones as SDL."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose schema."""
        whose = parser.add_mutually_exclusive_group(required=True)
        whose.add_argument("--tenant", help="slug; the plugins that this tenant has enabled")
        whose.add_argument("--plugins", help="ids separated by commas; empty for the core alone")
        whose.add_argument("--all-plugins", action="store_true", help="all installed plugins")

        parser.add_argument(
            "--diff",
            type=Path,
            metavar="OLD",
            help="a file with a former SDL: print what changed since, the gravest first",
        )
        parser.add_argument(
            "--announced-in",
            type=Path,
            metavar="CHANGELOG",
            help="with --diff: fail where the change log does not name what breaks, in backticks under Unreleased",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print it to standard output."""
        present = schema_for(_plugin_ids(options)).as_str()
        if options["diff"] is None:
            self.stdout.write(present)
        else:
            self._compare(present, former=options["diff"], changelog=options["announced_in"])

    def _compare(self, present: str, *, former: Path, changelog: Path | None) -> None:
        changes = changes_between(_read(former), present)
        for severity, found in groupby(changes, key=attrgetter("severity")):
            self.stdout.write(severity.value)
            for one in found:
                self.stdout.write(f"  {one.text}")
        if not changes:
            self.stdout.write("Nothing changed but, at most, descriptions.")
        if changelog is not None and (silent := unannounced(changes, _read(changelog))):
            names = ", ".join(sorted({f"`{one.coordinate}`" for one in silent}))
            raise CommandError(
                f"{len(silent)} breaking changes are not in {changelog}. Remedy: keep what clients use, deprecated with "
                f"a date, or say under Unreleased what became of {names}."
            )


def _read(file: Path) -> str:
    try:
        return file.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(
            f"{file} cannot be read: {error}. Remedy: name a file that `manage.py schema` wrote."
        ) from error


def _plugin_ids(options: dict[str, Any]) -> frozenset[str]:
    if options["all_plugins"]:
        return frozenset(registry().plugins)
    if options["tenant"] is None:
        return frozenset(filter(None, (name.strip() for name in options["plugins"].split(","))))
    with tenant_scope(find_tenant(options["tenant"]).ref):
        return active_ids()
