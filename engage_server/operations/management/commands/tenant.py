"""Create, look at, change, check and delete tenants."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from rich.console import Console
from rich.table import Table

from engage_server.audit.management.base import OperatorCommand
from engage_server.customers.placeholder_ids import normal_form
from engage_server.engine import inspection
from engage_server.engine.exceptions import EngineError
from engage_server.engine.schedules import schedules_of
from engage_server.operations import domains, tenants
from engage_server.operations.conventions import (
    set_placeholder_ids,
    set_survey_directions,
    set_tracked_traits,
)
from engage_server.operations.data_retention import change_retention
from engage_server.operations.moves import departure
from engage_server.operations.moves.move import LEAD_THERE, move_tenant, undo
from engage_server.tenancy import janitor, services, spare_schemas, templates
from engage_server.tenancy.data_retention import read_period
from engage_server.tenancy.domains import domains_of
from engage_server.tenancy.models import Tenant


class Command(OperatorCommand):
    """Create, look at, change, check and delete tenants."""

    expected = (EngineError,)
    help = "Create, look at, change, check and delete tenants."

    def add_arguments(self, parser: CommandParser) -> None:
        """One sub-command for each thing that can be done."""
        actions = parser.add_subparsers(dest="action", required=True)
        _add_looks(actions)
        _add_changes(actions)
        _add_data(actions)

    def handle(self, *, action: str, **options: Any) -> None:
        """Call the sub-command."""
        getattr(self, f"_{action.replace('-', '_')}")(options)

    def _create(self, options: Mapping[str, Any]) -> None:
        made = tenants.onboard(
            slug=options["slug"],
            name=options["name"],
            domain=options["domain"],
            timezone=options["timezone"],
            cadence=options["cadence"],
        )
        if settings.ENGAGE_SPARE_SCHEMAS:
            spare_schemas.refill(settings.ENGAGE_SPARE_SCHEMAS)
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
        tenant = tenants.rename(
            options["slug"], name=options["name"], new_slug=options["new_slug"], domain=options["domain"]
        )
        self.stdout.write(f"Renamed: {tenant.slug} ({tenant.name})")

    def _set(self, options: Mapping[str, Any]) -> None:
        given = {field: options[field] for field in ("name", "timezone", "cadence", "primary_metric")}
        if not any(given.values()) and given["primary_metric"] is None:
            raise CommandError(
                "Nothing to change. Remedy: name at least one of --name, --timezone, --cadence and --primary-metric."
            )
        former = services.find_tenant(options["slug"]).timezone
        tenant = tenants.change_tenant(options["slug"], **given)
        self.stdout.write(f"{tenant.slug}: {tenant.name}, {tenant.timezone}, {tenant.cadence}")
        if tenant.timezone != former:
            self.stdout.write(
                "Its schedules are planned again; workers rebuild the roll-ups and restate every day."
            )

    def _domains(self, options: Mapping[str, Any]) -> None:
        slug = options["slug"]
        for number, domain in enumerate(options["add"]):
            domains.add_domain(slug, domain, primary=options["primary"] and number == 0)
        for domain in options["remove"]:
            domains.remove_domain(slug, domain)
        self.stdout.write("\n".join(domains_of(services.find_tenant(slug).pk)))

    def _suspend(self, options: Mapping[str, Any]) -> None:
        tenants.suspend(options["slug"])
        self.stdout.write(f"Suspended {options['slug']}: refused over HTTP and no longer computed.")

    def _resume(self, options: Mapping[str, Any]) -> None:
        tenants.resume(options["slug"])
        self.stdout.write(f"Resumed {options['slug']}.")

    def _origins(self, options: Mapping[str, Any]) -> None:
        slug = options["slug"]
        if options["origins"] or options["any"]:
            named = () if options["any"] else options["origins"]
            tenants.set_origins(slug, named, acting=options["acting"] or ())
        tenant = services.find_tenant(slug)
        lines = [f"{one} (acts)" if one in tenant.acting_origins else one for one in tenant.allowed_origins]
        self.stdout.write("\n".join(lines) or "None: tracking from any page, GraphQL from no other origin.")

    def _mail_domains(self, options: Mapping[str, Any]) -> None:
        slug = options["slug"]
        if options["domains"] or options["none"]:
            tenants.set_mail_domains(slug, () if options["none"] else options["domains"])
        self.stdout.write("\n".join(services.find_tenant(slug).mail_domains) or "None: to members alone.")

    def _placeholders(self, options: Mapping[str, Any]) -> None:
        tenant = services.find_tenant(options["slug"])
        if options["add"] or options["remove"]:
            removed = {normal_form(one) for one in options["remove"]}
            wanted = {*tenant.placeholder_ids, *map(normal_form, options["add"])} - removed
            tenant = set_placeholder_ids(tenant.slug, wanted)
        self.stdout.write("\n".join(tenant.placeholder_ids) or "None beside the usual ones.")

    def _directions(self, options: Mapping[str, Any]) -> None:
        tenant = services.find_tenant(options["slug"])
        if options["set"] or options["remove"]:
            pairs = [pair.partition("=") for pair in options["set"]]
            wanted = {**tenant.survey_directions, **{name: way.upper() for name, _, way in pairs}}
            removed = set(options["remove"])
            tenant = set_survey_directions(
                tenant.slug, {name: way for name, way in wanted.items() if name not in removed}
            )
        lines = [f"{name}={way}" for name, way in sorted(tenant.survey_directions.items())]
        self.stdout.write("\n".join(lines) or "None: answers say it themselves.")

    def _traits(self, options: Mapping[str, Any]) -> None:
        tenant = services.find_tenant(options["slug"])
        if options["track"] or options["forget"]:
            wanted = {*tenant.tracked_traits, *options["track"]} - set(options["forget"])
            tenant = set_tracked_traits(tenant.slug, wanted)
        self.stdout.write("\n".join(tenant.tracked_traits) or "None: of traits the present value counts.")

    def _delete(self, options: Mapping[str, Any]) -> None:
        slug = services.find_tenant(options["slug"]).slug
        typed = options["confirm"] or input(
            f"Everything of {slug!r} will be dropped. Type its slug to go on: "
        )
        if typed != slug:
            raise CommandError(f"{typed!r} is not {slug!r}: nothing was deleted.")
        path = tenants.remove(slug, export_dir=options["export_dir"])
        self.stdout.write(f"Deleted {slug}. Its export is kept in {path}")

    def _export(self, options: Mapping[str, Any]) -> None:
        path = tenants.export(options["slug"], options["export_dir"], parquet=options["format"] == "parquet")
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
            tenant = tenants.set_minimum_persons(tenant.slug, options["persons"])
        self.stdout.write(
            f"{tenant.slug}: values of fewer than {tenant.minimum_persons} persons are withheld from who lacks "
            "personal:read."
        )

    def _verify(self, options: Mapping[str, Any]) -> None:
        wanted = options["slugs"]
        chosen = [services.find_tenant(slug) for slug in wanted] if wanted else services.list_tenants()
        expected = templates.template_catalogue()
        remedies = self._say("the database", inspection.of_the_database())
        differing = 0
        for tenant in chosen:
            faults = inspection.inspect(tenant, expected)
            differing += bool(faults)
            remedies += self._say(tenant.slug, faults)
        if remedies:
            raise CommandError(
                f"{differing} of {len(chosen)} tenants differ{'' if differing else '; the database does'}. "
                f"Remedy: {'; '.join(dict.fromkeys(remedies))}."
            )

    def _say(self, name: str, faults: Sequence[inspection.Fault]) -> list[str]:
        self.stdout.write(f"{name}: {'differs' if faults else 'as the template'}")
        for fault in faults:
            self.stdout.write(f"  {fault.kind:<12}{fault.text}")
        return [fault.remedy for fault in faults]

    def _spares(self, options: Mapping[str, Any]) -> None:
        done = spare_schemas.refill(settings.ENGAGE_SPARE_SCHEMAS)
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

    def _move(self, options: Mapping[str, Any]) -> None:
        slug = options["slug"]
        if options["undo"]:
            undo(slug)
            self.stdout.write(f"{slug} stays here; nothing is left there.")
            return
        if not options["to"]:
            raise CommandError("Whither? Remedy: --to CELL, or --undo.")
        say = self.stderr.write if options["verbosity"] else lambda text: None
        moved = move_tenant(slug, options["to"], counts_only=options["counts_only"], say=say)
        took = "" if moved.frozen_s is None else f", {moved.frozen_s:.2f} s without acceptance"
        self.stdout.write(f"Moved {moved.slug} to {moved.to}: {moved.rows} rows{took}.")
        self.stdout.write(LEAD_THERE)

    def _moves(self, options: Mapping[str, Any]) -> None:
        self._print_json(departure.moves())

    def _print_json(self, value: object) -> None:
        self.stdout.write(json.dumps(value, indent=2))


def _facts(tenant: Tenant) -> dict[str, Any]:
    return {
        "slug": tenant.slug,
        "name": tenant.name,
        "status": tenant.status,
        "timezone": tenant.timezone,
        "cadence": tenant.cadence,
        "primary": tenant.primary_metric,
        "domains": [domain.domain for domain in tenant.domains.all()],
    }


def _add_looks(actions: Any) -> None:
    """Making tenants, and looking at them."""
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


def _add_changes(actions: Any) -> None:
    """What can be changed of one."""
    rename = actions.add_parser("rename", help="change name or slug, or add a primary domain")
    rename.add_argument("slug")
    rename.add_argument("--name", default="")
    rename.add_argument("--slug", dest="new_slug", default="")
    rename.add_argument("--domain", default="")
    change = actions.add_parser("set", help="change name, time zone, cadence or primary metric")
    change.add_argument("slug")
    change.add_argument("--name", default="")
    change.add_argument("--timezone", default="", help="IANA name; every stored day is then restated")
    change.add_argument("--cadence", default="", choices=Tenant.Cadence.values)
    change.add_argument(
        "--primary-metric", metavar="PLUGIN.METRIC", help="the one that matters most; empty: none"
    )
    hosts = actions.add_parser("domains", help="add and remove host names; without either shows them")
    hosts.add_argument("slug")
    hosts.add_argument("--add", action="append", default=[], metavar="DOMAIN")
    hosts.add_argument("--remove", action="append", default=[], metavar="DOMAIN")
    hosts.add_argument(
        "--primary", action="store_true", help="with --add: the first of them is the primary one"
    )
    for action, purpose in (("suspend", "stop serving a tenant"), ("resume", "serve it again")):
        actions.add_parser(action, help=purpose).add_argument("slug")
    allowed = actions.add_parser("origins", help="name the web pages that may ask; the whole list")
    allowed.add_argument("slug")
    allowed.add_argument("origins", nargs="*", metavar="ORIGIN", help="e.g. https://app.example.com")
    allowed.add_argument("--any", action="store_true", help="name none: tracking from any page")
    allowed.add_argument(
        "--acting",
        action="append",
        metavar="ORIGIN",
        help="one of them whose pages may act as who is signed in",
    )
    mailed = actions.add_parser(
        "mail-domains", help="where its mail channels may send besides to its members; the whole list"
    )
    mailed.add_argument("slug")
    mailed.add_argument("domains", nargs="*", metavar="DOMAIN", help="e.g. example.com")
    mailed.add_argument("--none", action="store_true", help="name none: to members alone")
    nobody = actions.add_parser("placeholders", help="ids that stand for nobody, beside the usual ones")
    nobody.add_argument("slug")
    nobody.add_argument("--add", action="append", default=[], metavar="ID", help="e.g. unbekannt")
    nobody.add_argument("--remove", action="append", default=[], metavar="ID")
    pointing = actions.add_parser(
        "directions", help="which way surveys' scores count if answers do not say it"
    )
    pointing.add_argument("slug")
    pointing.add_argument(
        "--set", action="append", default=[], metavar="SURVEY=UP|DOWN", help="e.g. ces=DOWN"
    )
    pointing.add_argument("--remove", action="append", default=[], metavar="SURVEY")
    tracked = actions.add_parser("traits", help="traits of accounts whose history is kept")
    tracked.add_argument("slug")
    tracked.add_argument("--track", action="append", default=[], metavar="TRAIT", help="e.g. industry")
    tracked.add_argument("--forget", action="append", default=[], metavar="TRAIT", help="drop its history")


def _add_data(actions: Any) -> None:
    """What concerns its data: export, retention, checks, removal."""
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
        "verify",
        help="look for what is wrong with schemas, rights, zones, ledgers and audit logs; of all, or these",
    )
    verify.add_argument("slugs", nargs="*", metavar="slug")
    actions.add_parser("spares", help="have as many spare schemas as ENGAGE_SPARE_SCHEMAS says")
    cleaning = actions.add_parser("janitor", help="find what was left half-made or half-dropped")
    cleaning.add_argument("--fix", action="store_true", help="put it right where that takes no decision")
    delete = actions.add_parser("delete", help="export a tenant, then drop everything of it")
    delete.add_argument("slug")
    delete.add_argument("--confirm", default="", help="the slug once more, instead of being asked")
    moving = actions.add_parser("move", help="move a tenant to another installation; again goes on")
    moving.add_argument("slug")
    moving.add_argument("--to", default="", metavar="CELL", help="one of the file that ENGAGE_CELLS names")
    moving.add_argument("--undo", action="store_true", help="take a move back that has not arrived")
    moving.add_argument(
        "--counts-only", action="store_true", help="compare numbers of rows, not their contents"
    )
    actions.add_parser("moves", help="moves from here and to here")
    for parser_of in (export, cleaning, delete):
        parser_of.add_argument("--export-dir", type=Path, default=settings.ENGAGE_DATA_DIR / "exports")
