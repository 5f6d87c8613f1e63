"""Create, look at, change, check and delete tenants."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.table import Table

from engage_server.audit.actor import acting_as, operator
from engage_server.engine import lifecycle
from engage_server.engine.exceptions import EngineError
from engage_server.engine.retention import change_retention
from engage_server.engine.schedules import schedules_of
from engage_server.tenancy import catalogue, janitor, services, spares, templates
from engage_server.tenancy.digests import schema_digest
from engage_server.tenancy.exceptions import TenancyError
from engage_server.tenancy.models import Tenant
from engage_server.tenancy.retention import read_period


class Command(BaseCommand):
    """Create, look at, change, check and delete tenants."""

    help = "Create, look at, change, check and delete tenants."

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
        allowed = actions.add_parser("origins", help="name the web pages that may ask; all of them, anew")
        allowed.add_argument("slug")
        allowed.add_argument("origins", nargs="*", metavar="ORIGIN", help="e.g. https://app.example.com")
        allowed.add_argument("--any", action="store_true", help="name none: tracking from any page")
        export = actions.add_parser("export", help="write a tenant's tables to a folder")
        export.add_argument("slug")
        export.add_argument(
            "--format",
            choices=("csv", "parquet"),
            default="csv",
            help="parquet: events as the import takes them",
        )
        retention = actions.add_parser("retention", help="how long raw events are kept; stored values stay")
        retention.add_argument("slug")
        retention.add_argument("--events", metavar="PERIOD", help="such as 400d, or forever")
        minimum = actions.add_parser("minimum", help="of how few persons values are shown to viewers")
        minimum.add_argument("slug")
        minimum.add_argument("--persons", type=int, metavar="N", help="1 shows all")
        verify = actions.add_parser(
            "verify", help="compare tenants' schemas with the template's; all, or these"
        )
        verify.add_argument("slugs", nargs="*", metavar="slug")
        actions.add_parser("spares", help="have as many spare schemas as ENGAGE_SPARE_SCHEMAS says")
        cleaning = actions.add_parser("janitor", help="find what was left half-made or half-dropped")
        cleaning.add_argument("--fix", action="store_true", help="put it right where that takes no decision")
        delete = actions.add_parser("delete", help="export a tenant, then drop everything of it")
        delete.add_argument("slug")
        delete.add_argument("--confirm", default="", help="the slug once more, instead of being asked")
        for parser_of in (export, cleaning, delete):
            parser_of.add_argument("--export-dir", type=Path, default=settings.ENGAGE_DATA_DIR / "exports")

    def handle(self, *, action: str, **options: Any) -> None:
        """Call the sub-command; errors of the tenancy package read as they are."""
        try:
            with acting_as(operator()):
                getattr(self, f"_{action}")(options)
        except (TenancyError, EngineError) as error:
            raise CommandError(str(error)) from None

    def _create(self, options: Mapping[str, Any]) -> None:
        made = lifecycle.onboard(
            slug=options["slug"],
            name=options["name"],
            domain=options["domain"],
            timezone=options["timezone"],
            cadence=options["cadence"],
        )
        if settings.ENGAGE_SPARE_SCHEMAS:
            spares.refill(settings.ENGAGE_SPARE_SCHEMAS)
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
        tenant = lifecycle.rename(
            options["slug"], name=options["name"], new_slug=options["new_slug"], domain=options["domain"]
        )
        self.stdout.write(f"Renamed: {tenant.slug} ({tenant.name})")

    def _suspend(self, options: Mapping[str, Any]) -> None:
        lifecycle.suspend(options["slug"])
        self.stdout.write(f"Suspended {options['slug']}: refused over HTTP and no longer computed.")

    def _resume(self, options: Mapping[str, Any]) -> None:
        lifecycle.resume(options["slug"])
        self.stdout.write(f"Resumed {options['slug']}.")

    def _origins(self, options: Mapping[str, Any]) -> None:
        slug = options["slug"]
        if options["origins"] or options["any"]:
            lifecycle.name_origins(slug, () if options["any"] else options["origins"])
        named = services.find_tenant(slug).allowed_origins
        self.stdout.write("\n".join(named) or "None: tracking from any page, GraphQL from no other origin.")

    def _delete(self, options: Mapping[str, Any]) -> None:
        slug = services.find_tenant(options["slug"]).slug
        typed = options["confirm"] or input(
            f"Everything of {slug!r} will be dropped. Type its slug to go on: "
        )
        if typed != slug:
            raise CommandError(f"{typed!r} is not {slug!r}: nothing was deleted.")
        path = lifecycle.remove(slug, export_dir=options["export_dir"])
        self.stdout.write(f"Deleted {slug}. Its export is kept in {path}")

    def _export(self, options: Mapping[str, Any]) -> None:
        path = lifecycle.export(
            options["slug"], options["export_dir"], parquet=options["format"] == "parquet"
        )
        self.stdout.write(f"Exported to {path}")

    def _retention(self, options: Mapping[str, Any]) -> None:
        tenant = services.find_tenant(options["slug"]).ref
        if options["events"]:
            tenant = change_retention(tenant, events_keep_days=read_period(options["events"]))
        kept = "forever" if tenant.events_keep_days is None else f"{tenant.events_keep_days} days"
        self.stdout.write(f"{tenant.slug}: raw events are kept {kept}; stored values stay.")

    def _minimum(self, options: Mapping[str, Any]) -> None:
        tenant = services.find_tenant(options["slug"]).ref
        if options["persons"] is not None:
            tenant = lifecycle.set_minimum_persons(tenant.slug, options["persons"])
        self.stdout.write(
            f"{tenant.slug}: values of fewer than {tenant.minimum_persons} persons are withheld from who lacks "
            "personal:read."
        )

    def _verify(self, options: Mapping[str, Any]) -> None:
        wanted = options["slugs"]
        tenants = [services.find_tenant(slug) for slug in wanted] if wanted else services.list_tenants()
        expected = templates.template_catalogue()
        differing = 0
        for tenant in tenants:
            difference = catalogue.compare(tenant.ref, expected)
            differing += bool(difference)
            behind = "" if tenant.schema_digest == schema_digest() else " (lacks migrations)"
            self.stdout.write(f"{tenant.slug}: {'differs' if difference else 'as the template'}{behind}")
            for line in difference.missing:
                self.stdout.write(f"  missing     {line}")
            for line in difference.unexpected:
                self.stdout.write(f"  unexpected  {line}")
        if differing:
            raise CommandError(
                f"{differing} of {len(tenants)} tenants differ. Remedy: `manage.py migrate` first."
            )

    def _spares(self, options: Mapping[str, Any]) -> None:
        done = spares.refill(settings.ENGAGE_SPARE_SCHEMAS)
        self.stdout.write(
            f"Spare schemas: {settings.ENGAGE_SPARE_SCHEMAS} (made {done.made}, dropped {done.dropped})"
        )

    def _janitor(self, options: Mapping[str, Any]) -> None:
        directory = options["export_dir"]
        fixed = list(janitor.fix(directory)) if options["fix"] else []
        for finding in fixed:
            self.stdout.write(f"fixed  {finding.name}: {finding.kind}")
        left = janitor.look(directory)
        for finding in left:
            self.stdout.write(f"found  {finding.name}: {finding.kind}")
        if left:
            raise CommandError(
                f"{len(left)} things are out of order. Remedy: as said with each; --fix does the rest."
            )
        self.stdout.write("Everything is in order.")

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
