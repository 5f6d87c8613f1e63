"""Gives a tenant its simulated history through the doors that everybody uses, and has it computed."""

import csv
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Final

from django.core.management import call_command
from rich.console import Console

from engage_server.customers.windows import day_window
from engage_server.demo.exceptions import RefusedError
from engage_server.demo.progress import Advance, step
from engage_server.demo.resume import MissingHistory
from engage_server.demo.sender import Sender
from engage_server.demo.simulator import activity, books, contracts, records
from engage_server.demo.simulator.population import Population
from engage_server.engine import executor, restatement
from engage_server.engine.models import AffectedDay, Run
from engage_server.plugin_host.activation import active_ids
from engage_server.tenancy.scope import TenantRef, shared_scope, tenant_scope

LATE_DAYS: Final = range(4, 9)
"""Days before the last one whose survey answers the survey tool delivers late, once all is computed."""
RESTATED_WITHIN_S: Final = 120.0

FILES: Final[tuple[tuple[str, Callable[..., Iterator[records.Row]]], ...]] = (
    ("accounts", records.accounts),
    ("subscriptions", contracts.subscriptions),
    ("memberships", records.departures),
    ("responses", records.responses),
    ("feedback", records.notes),
    ("ledger", books.ledger),
)
"""Kinds of `manage.py import`, and who writes the file."""
TRAITS: Final = {"accounts": "industry"}
"""Columns that are kept as traits, by kind."""


def import_files(tenant: TenantRef, population: Population, *, until: date, console: Console) -> None:
    """Import what the CRM, billing, identity provider and survey tool know, each as a CSV file."""
    with (
        tempfile.TemporaryDirectory() as folder,
        step(console, "CSV exports imported: CRM, billing, books, surveys", total=len(FILES)) as advance,
    ):
        for kind, write in FILES:
            rows = write(population, until=until)
            _import(tenant, kind, [row for row in rows if not _is_late(kind, row, until)], Path(folder))
            advance(1)


def import_late_answers(tenant: TenantRef, population: Population, *, until: date, console: Console) -> None:
    """Import the answers that come late, and wait until the days that they touch are restated.

    Raises:
        RefusedError: they are not restated within two minutes.
    """
    rows = records.responses(population, until=until)
    late = [row for row in rows if _is_late("responses", row, until)]
    with (
        tempfile.TemporaryDirectory() as folder,
        step(console, "survey answers that came late", total=len(late)) as advance,
    ):
        _import(tenant, "responses", late, Path(folder))
        advance(len(late))
    deadline = time.monotonic() + RESTATED_WITHIN_S
    restatement.open_runs(settle_s=0)
    while executor.execute_due(tenant).runs or _is_open(tenant):  # the worker beside takes its share
        if time.monotonic() > deadline:
            raise RefusedError(
                f"What came late to {tenant.slug} was not restated in time. Remedy: look at `manage.py runs`."
            )
        time.sleep(0.2)
        restatement.open_runs(settle_s=0)


def send_activity(
    population: Population, missing: MissingHistory, *, sender: Sender, console: Console
) -> None:
    """Send persons and events over HTTP; nothing where nothing is missing."""
    if missing.send_from is None:
        return
    people = list(activity.introductions(population, until=missing.last_day))
    events = list(activity.activity(population, first=missing.send_from, last=missing.last_day))
    with step(console, "messages sent to /v1/batch", total=len(people) + len(events)) as advance:
        sender.send(people, progress=advance)
        sender.send(events, progress=advance)


def compute(tenant: TenantRef, day: date, *, advance: Advance) -> None:
    """Compute all enabled plugins for a day, as `manage.py compute` does.

    A run that another process holds (a worker, or a demo that was killed a moment ago) is waited for.

    Raises:
        RefusedError: a plugin failed.
    """
    with tenant_scope(tenant):
        plugins = sorted(active_ids())
    while missing := _compute_once(tenant, day, plugins):
        advance(len(plugins) - len(missing))
        _check_errors(tenant, day, missing)
        plugins = missing
        time.sleep(1)
    advance(len(plugins))


def runs(tenant: TenantRef, days: Sequence[date]) -> int:
    """How many runs it takes to compute these days."""
    with tenant_scope(tenant):
        return len(days) * len(active_ids())


def _compute_once(tenant: TenantRef, day: date, plugins: Sequence[str]) -> list[str]:
    """Compute what can be; return the plugins that were not."""
    written: dict[str, int | None] = {}
    executor.backfill(
        tenant,
        plugins=plugins,
        first=day,
        last=day,
        progress=lambda plugin, _, values: written.update({plugin: values}),
    )
    return [plugin for plugin, values in written.items() if values is None]


def _check_errors(tenant: TenantRef, day: date, plugins: Sequence[str]) -> None:
    moment = day_window(day, tenant.timezone).end
    with shared_scope():
        runs = Run.objects.filter(tenant_id=tenant.id, plugin__in=plugins, day=day, scheduled_for=moment)
        failed = runs.exclude(error="").first()
    if failed is not None:
        raise RefusedError(
            f"{failed.plugin} of {tenant.slug} could not be computed for {day}: {failed.error}"
        )


def _import(tenant: TenantRef, kind: str, rows: Sequence[records.Row], folder: Path) -> None:
    path = folder / f"{kind}.csv"
    if _write_csv(path, rows):
        rejects = folder / f"{kind}.rejects.ndjson"
        traits = TRAITS.get(kind, "")
        call_command(
            "import", kind, path, tenant=tenant.slug, traits=traits, rejects=rejects, stdout=StringIO()
        )
        _check_rejects(rejects)


def _is_late(kind: str, row: records.Row, until: date) -> bool:
    if kind != "responses":
        return False
    return (until - date.fromisoformat(str(row["occurred_at"])[:10])).days in LATE_DAYS


def _is_open(tenant: TenantRef) -> bool:
    with shared_scope():
        runs = Run.objects.filter(tenant_id=tenant.id, state__in=[Run.State.PENDING, Run.State.RUNNING])
        return AffectedDay.objects.filter(tenant_id=tenant.id).exists() or runs.exists()


def _write_csv(path: Path, rows: Sequence[records.Row]) -> bool:
    if not rows:
        return False
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return True


def _check_rejects(path: Path) -> None:
    if path.exists() and (reasons := path.read_text().splitlines()):
        raise RefusedError(f"The import refused rows of {path.stem}; the first: {reasons[0]}")
