"""List, enable, disable, configure, schedule and reset a tenant's plugins; check and begin a plugin's package."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from rich.console import Console
from rich.table import Column, Table

from engage_server.audit.management.base import TenantActionsCommand
from engage_server.engine import breaker
from engage_server.engine.exceptions import EngineError
from engage_server.engine.models import Schedule
from engage_server.engine.schedules import schedules_of
from engage_server.operations.plugins import (
    change_schedule,
    configure_plugin,
    disable_plugin,
    enable_plugin,
    reset_plugin,
)
from engage_server.plugin_host import activation
from engage_server.plugin_host.exceptions import (
    ConsentNeededError,
    InvalidConfigurationError,
    PluginHostError,
)
from engage_server.plugin_host.models import PluginSetting
from engage_server.plugin_host.quality import quality_of
from engage_server.plugin_host.registry import Plugin, registry
from engage_server.plugin_host.secret_fields import without_secrets
from engage_server.sdk.testing.findings import Severity
from engage_server.sdk.testing.kit import NoPluginError, check_package
from engage_server.sdk.testing.reports import as_json, as_text
from engage_server.sdk.testing.scaffold import ScaffoldError, write_package
from engage_server.tenancy.scope import TenantRef


class Command(TenantActionsCommand):
    """List, enable, disable, configure, schedule and reset a tenant's plugins."""

    expected = (PluginHostError, EngineError, NoPluginError, ScaffoldError)
    help = "List, enable, disable, configure, schedule and reset a tenant's plugins; check and begin one's package."

    def add_arguments(self, parser: CommandParser) -> None:
        """The sub-commands about a tenant, and those about a package in a folder."""
        super().add_arguments(parser)
        check = self._actions.add_parser("check", help="try a plugin's package by every rule of the kit")
        check.add_argument("path", help="folder of the package, with its pyproject.toml")
        check.add_argument("--json", action="store_true")
        new = self._actions.add_parser("new", help="begin a plugin: a package that is green")
        new.add_argument("name", help="the plugin's id, e.g. reach")
        new.add_argument(
            "--in", dest="parent", default=".", help="the folder that gets it; default: this one"
        )

    def handle(self, *, tenant: str = "", **options: Any) -> None:
        """What is about a package needs no tenant."""
        about_packages = {"check": self._check, "new": self._new}
        if options["subcommand"] in about_packages:
            about_packages[options["subcommand"]](options)
        else:
            super().handle(tenant=tenant, **options)

    def _check(self, options: Mapping[str, Any]) -> None:
        report = check_package(Path(options["path"]))
        self.stdout.write(as_json(report) if options["json"] else as_text(report))
        if any(finding.severity is Severity.ERROR for finding in report.findings):
            raise CommandError(f"{report.plugin} breaks rules that it must keep.")

    def _new(self, options: Mapping[str, Any]) -> None:
        folder = write_package(options["name"], Path(options["parent"]))
        self.stdout.write(f"Wrote {folder}. Next: manage.py plugin check {folder}")

    def add_actions(self, actions: Any) -> None:
        """One sub-command for each thing that can be done."""
        self._actions = actions
        listing = actions.add_parser("list", help="installed plugins, broken ones too, and their state")
        listing.add_argument("--json", action="store_true")
        listing.add_argument(
            "--quality", action="store_true", help="try each by the kit and say its level; takes a minute"
        )
        enable = actions.add_parser("enable", help="enable a plugin, once it is agreed what it reads")
        enable.add_argument("plugin")
        enable.add_argument("--agree", action="store_true", help="agree to what it reads without being asked")
        actions.add_parser("disable", help="disable a plugin").add_argument("plugin")
        configure = actions.add_parser("configure", help="change fields of a plugin's configuration")
        configure.add_argument("plugin")
        configure.add_argument(
            "changes",
            nargs="*",
            metavar="FIELD=VALUE",
            help="VALUE is JSON or plain text; null returns to the default",
        )
        configure.add_argument(
            "--show", action="store_true", help="print the configuration in force and its schema"
        )
        schedule = actions.add_parser("schedule", help="say when it runs, and what becomes of missed times")
        schedule.add_argument("plugin")
        schedule.add_argument("cron", nargs="?", default="", help="in the tenant's zone, e.g. '0 3 * * *'")
        schedule.add_argument(
            "--misfire",
            choices=Schedule.Misfire.values,
            default="",
            help="after an outage: every missed time, one run for all of them, or none",
        )
        pausing = schedule.add_mutually_exclusive_group()
        pausing.add_argument("--pause", dest="paused", action="store_true", default=None, help="run no more")
        pausing.add_argument("--resume", dest="paused", action="store_false", help="go on with the next time")
        reset = actions.add_parser("reset", help="let a plugin that rests after failures run again at once")
        reset.add_argument("plugin")

    def explain(self, error: Exception) -> str:
        """An invalid configuration field by field."""
        if not isinstance(error, InvalidConfigurationError):
            return super().explain(error)
        lines = "\n".join(f"  {field}: {message}" for field, message in error.problems.items())
        return f"Nothing was changed. The configuration of {error.plugin!r} is not valid:\n{lines}"

    def _list(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        settings = activation.current_settings()
        waiting = activation.standing().waiting
        schedules = schedules_of(tenant)
        breakers = breaker.standings_by_plugin(tenant.id)
        rows = [
            {
                "plugin": plugin.id,
                "version": plugin.version,
                "state": _state(waiting.get(plugin.id), settings.get(plugin.id)),
                "config version": settings[plugin.id].version if plugin.id in settings else 0,
                "metrics": ", ".join(metric.id for metric in plugin.manifest.metrics),
                "next run": f"{schedules[plugin.id].next_run_at.astimezone(tenant.zone):%Y-%m-%d %H:%M %Z}"
                if plugin.id in schedules
                and schedules[plugin.id].enabled
                and not schedules[plugin.id].is_paused
                else "-",
                "breaker": _breaker(breakers.get(plugin.id), tenant),
                **({"quality": quality_of(plugin).lower() or "-"} if options["quality"] else {}),
            }
            for plugin in registry().plugins.values()
        ]
        missing = sorted(
            plugin
            for plugin, setting in settings.items()
            if setting.enabled and plugin not in registry().plugins and plugin not in registry().broken
        )
        if options["json"]:
            self.stdout.write(
                json.dumps({"plugins": rows, "broken": dict(registry().broken), "missing": missing}, indent=2)
            )
            return
        table = Table(
            Column("plugin", no_wrap=True),  # the other commands ask for it by letter
            "version",
            "state",
            "config version",
            Column("metrics", overflow="fold"),
            Column("next run", overflow="fold"),
            "breaker",
            *([Column("quality", no_wrap=True)] if options["quality"] else []),
            padding=(0, 0),
        )
        for row in rows:
            table.add_row(*(str(value) for value in row.values()))
        Console(file=self.stdout).print(table)  # type: ignore[arg-type]
        for reason in registry().broken.values():
            self.stderr.write(self.style.ERROR(reason))
        for plugin_id in missing:
            self.stderr.write(
                self.style.ERROR(
                    f"{plugin_id} is enabled for this tenant but not installed: its runs wait. "
                    f"Remedy: install it, or `manage.py plugin disable {plugin_id}`."
                )
            )

    def _enable(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        try:
            setting = enable_plugin(tenant, options["plugin"], agree=options["agree"])
        except ConsentNeededError as error:
            if not self._agrees(error):
                raise
            setting = enable_plugin(tenant, options["plugin"], agree=True)
        self.stdout.write(f"Enabled {setting.plugin} (configuration version {setting.version}).")

    def _agrees(self, needed: ConsentNeededError) -> bool:
        """Ask whoever sits at the terminal; nobody does: no."""
        self.stdout.write(f"{needed.plugin} reads, beside what was agreed to before:")
        for words in needed.reads.values():
            self.stdout.write(f"  - {words}")
        return sys.stdin.isatty() and input("Agree? [y/N] ").strip().lower() in {"y", "yes"}

    def _disable(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        setting = disable_plugin(tenant, options["plugin"])
        self.stdout.write(
            f"Disabled {setting.plugin}: out of the schema and the schedule; its values are kept."
        )

    def _configure(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        plugin = registry().get(options["plugin"])
        if options["changes"]:
            setting = configure_plugin(tenant, plugin.id, dict(_change(text) for text in options["changes"]))
            self.stdout.write(
                f"{plugin.id}: configuration version {setting.version}; its history is restated."
            )
        if options["show"] or not options["changes"]:
            self._show(plugin)

    def _show(self, plugin: Plugin) -> None:
        setting = activation.current_settings().get(plugin.id)
        schema = plugin.manifest.config.model_json_schema()
        try:
            config = activation.validate_config(plugin, activation.stored_config(plugin, setting))
            self.stdout.write(json.dumps(config.model_dump(mode="json"), indent=2))
        except InvalidConfigurationError as error:
            self.stderr.write(self.style.ERROR(f"{error}. As it is stored, without secrets:"))
            self.stdout.write(
                json.dumps(without_secrets(schema, setting.config if setting else {}), indent=2)
            )
        self.stdout.write(json.dumps(schema, indent=2))

    def _schedule(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        schedule = change_schedule(
            tenant,
            options["plugin"],
            cron=options["cron"],
            misfire=options["misfire"],
            paused=options["paused"],
        )
        following = schedule.next_run_at.astimezone(tenant.zone).isoformat()
        self.stdout.write(
            f"{schedule.plugin}: {schedule.cron} ({schedule.misfire}). "
            + ("It pauses." if schedule.is_paused else f"Next run: {following}")
        )

    def _reset(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        released = reset_plugin(tenant, options["plugin"])
        self.stdout.write(
            f"{options['plugin']}: its failures are forgotten; {released} runs need not wait any longer."
        )


def _state(reason: str | None, setting: PluginSetting | None) -> str:
    if setting is None or not setting.enabled:
        return "disabled"
    return "enabled" if reason is None else f"enabled, but it waits: {reason}"


def _breaker(standing: breaker.Standing | None, tenant: TenantRef) -> str:
    if standing is None:
        return breaker.State.CLOSED
    if standing.until is None:
        return f"{standing.state}; last failure: {standing.reason}"
    until = standing.until.astimezone(tenant.zone)
    return f"{standing.state} until {until:%Y-%m-%d %H:%M:%S %Z}: {standing.reason}"


def _change(text: str) -> tuple[str, Any]:
    field, separator, value = text.partition("=")
    if not separator:
        raise CommandError(f"{text!r} is not FIELD=VALUE.")
    try:
        return field, json.loads(value)
    except json.JSONDecodeError:
        return field, value  # plain text needs no quotes
