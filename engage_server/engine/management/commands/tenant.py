"""Create, look at, change and delete tenants."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.table import Table

from engage_server.engine import lifecycle
from engage_server.engine.schedules import schedules_of
from engage_server.tenancy import services
from engage_server.tenancy.exceptions import TenancyError
from engage_server.tenancy.models import Tenant


class Command(BaseCommand):
    """Create, look at, change and delete tenants."""

    help = "Create, look at, change and delete tenants."

    def add_arguments(self, parser: CommandParser) -> None:
        """One sub-command for each thing that can be done."""
        actions = parser.add_subparsers(dest="action", required=True)
        create = actions.add_parser("create", help="make a tenant; its keys are printed once")
        create.add_argument("slug")
        create.add_argument("--name", required=True)
        create.add_argument("--domain", required=True, help="host name, e.g. acme.localhost")
        create.add_argument("--timezone", default="UTC", help="IANA name, e.g. Europe/Berlin")
        create.add_argument("--cadence", default="DAILY", choices=Tenant.Cadence.values)
        create.add_argument("--json", action="store_true")
        listing = actions.add_parser("list", help="all tenants")
        listing.add_argument("--json", action="store_true")
        show = actions.add_parser("show", help="one tenant with its plugins' schedules")
        show.add_argument("slug")
        show.add_argument("--json", action="store_true")
        rename = actions.add_parser("rename", help="change name or slug, or add a primary domain")
        rename.add_argument("slug")
        rename.add_argument("--name", default="")
        rename.add_argument("--slug", dest="new_slug", default="")
        rename.add_argument("--domain", default="")
        for action, purpose in (("suspend", "stop serving a tenant"), ("resume", "serve it again")):
            actions.add_parser(action, help=purpose).add_argument("slug")
        delete = actions.add_parser("delete", help="export a tenant, then drop everything of it")
        delete.add_argument("slug")
        delete.add_argument("--confirm", default="", help="the slug once more, instead of being asked")
        delete.add_argument("--export-dir", type=Path, default=settings.ENGAGE_DATA_DIR / "exports")

    def handle(self, *, action: str, **options: Any) -> None:
        """Call the sub-command; errors of the tenancy package read as they are."""
        try:
            getattr(self, f"_{action}")(options)
        except TenancyError as error:
            raise CommandError(str(error)) from None

    def _create(self, options: Mapping[str, Any]) -> None:
        made = lifecycle.onboard(
            slug=options["slug"],
            name=options["name"],
            domain=options["domain"],
            timezone=options["timezone"],
            cadence=options["cadence"],
        )
        keys = {"ingest": made.ingest_key, "query": made.query_key, "admin": made.admin_key}
        if options["json"]:
            self._print_json({"slug": made.tenant.slug, "domain": options["domain"], "keys": keys})
            return
        self.stdout.write(f"Created tenant {made.tenant.slug}. Its keys are shown this once:")
        for kind, key in keys.items():
            self.stdout.write(f"  {kind:<7}{key}")

    def _list(self, options: Mapping[str, Any]) -> None:
        rows = [_facts(tenant) for tenant in services.list_tenants()]
        if options["json"]:
            self._print_json(rows)
            return
        if not rows:
            self.stdout.write("No tenants yet. Make one with `manage.py tenant create`.")
            return
        table = Table(*rows[0])
        for row in rows:
            table.add_row(*(", ".join(v) if isinstance(v, list) else str(v) for v in row.values()))
        Console(file=self.stdout).print(table)  # type: ignore[arg-type]

    def _show(self, options: Mapping[str, Any]) -> None:
        tenant = services.find_tenant(options["slug"])
        facts = _facts(next(t for t in services.list_tenants() if t.pk == tenant.pk))
        schedules = {
            plugin: {
                "cron": schedule.cron,
                "enabled": schedule.enabled,
                "nextRun": schedule.next_run_at.isoformat(),
            }
            for plugin, schedule in schedules_of(tenant.ref).items()
        }
        if options["json"]:
            self._print_json({**facts, "schedules": schedules})
            return
        for name, value in facts.items():
            self.stdout.write(f"{name:<10}{', '.join(value) if isinstance(value, list) else value}")
        for plugin, schedule in schedules.items():
            state = f"next {schedule['nextRun']}" if schedule["enabled"] else "off"
            self.stdout.write(f"  {plugin:<22}{schedule['cron']:<14}{state}")

    def _rename(self, options: Mapping[str, Any]) -> None:
        tenant = services.rename_tenant(
            options["slug"], name=options["name"], new_slug=options["new_slug"], domain=options["domain"]
        )
        self.stdout.write(f"Renamed: {tenant.slug} ({tenant.name})")

    def _suspend(self, options: Mapping[str, Any]) -> None:
        services.set_status(options["slug"], Tenant.Status.SUSPENDED)
        self.stdout.write(f"Suspended {options['slug']}: refused over HTTP and no longer computed.")

    def _resume(self, options: Mapping[str, Any]) -> None:
        services.set_status(options["slug"], Tenant.Status.ACTIVE)
        self.stdout.write(f"Resumed {options['slug']}.")

    def _delete(self, options: Mapping[str, Any]) -> None:
        slug = services.find_tenant(options["slug"]).slug
        typed = options["confirm"] or input(
            f"Everything of {slug!r} will be dropped. Type its slug to go on: "
        )
        if typed != slug:
            raise CommandError(f"{typed!r} is not {slug!r}: nothing was deleted.")
        path = lifecycle.remove(slug, export_dir=options["export_dir"])
        self.stdout.write(f"Deleted {slug}. Its export is kept in {path}")

    def _print_json(self, value: object) -> None:
        self.stdout.write(json.dumps(value, indent=2))


def _facts(tenant: Tenant) -> dict[str, Any]:
    return {
        "slug": tenant.slug,
        "name": tenant.name,
        "status": tenant.status,
        "timezone": tenant.timezone,
        "cadence": tenant.cadence,
        "domains": [domain.domain for domain in tenant.domains.all()],
    }
