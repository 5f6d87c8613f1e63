"""Two simulated companies, from their first event to the answers of the GraphQL API."""

import logging
import os
import signal
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from types import FrameType
from typing import Any, NoReturn

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from rich.console import Console

from engage_server.demo import fetch, history, report, server
from engage_server.demo.exceptions import DemoError
from engage_server.demo.mails import keep_mails
from engage_server.demo.person import fresh_sign_in
from engage_server.demo.progress import Advance, step
from engage_server.demo.questions import TO_PASTE, Api
from engage_server.demo.resume import Keys, MissingHistory, ensure_tenant, find_missing, fresh_keys
from engage_server.demo.sender import Sender
from engage_server.demo.setup import pursue, set_up
from engage_server.demo.simulator.companies import COMPANIES, DAYS, Company
from engage_server.demo.simulator.population import populate
from engage_server.tenancy import embedded
from engage_server.tenancy.exceptions import TenancyError
from engage_server.tenancy.scope import TenantRef


@dataclass(frozen=True, slots=True)
class Stage:
    """A company with its tenant, what that lacks, and the keys of this run."""

    company: Company
    tenant: TenantRef
    missing: MissingHistory
    keys: Keys


class Command(BaseCommand):
    """Two simulated companies, from their first event to the answers of the GraphQL API."""

    help = "Simulate two companies, send their data through the real doors, compute, ask, print, and serve."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whether to stay, and where to listen."""
        parser.add_argument("--once", action="store_true", help="end after printing")
        parser.add_argument("--port", type=int, default=8000, help="the next free one from here on")

    def handle(self, *, once: bool, port: int, **options: Any) -> None:
        """Bring the tenants up to yesterday, print what the API says of them, and go on serving."""
        console = Console(file=self.stdout, width=None if self.stdout.isatty() else report.WIDTH)  # type: ignore[arg-type]
        signal.signal(signal.SIGTERM, _leave)
        if "ENGAGE_LOG_LEVEL" not in os.environ:
            # What is audited and computed is said a hundred times; it would run through our tables.
            logging.getLogger("engage").setLevel(logging.WARNING)
        starts_postgres = settings.ENGAGE_EMBEDDED_POSTGRES and not embedded.is_running(
            settings.ENGAGE_DATA_DIR
        )
        try:
            call_command("migrate", verbosity=0)
            mails = keep_mails()
            with server.running(port) as running:
                stages = self._catch_up(running, console)
                _print_answers(stages, running, console)
                if not once:
                    _invite(stages, running, mails, console)
                    server.wait_until_it_ends(running)
        except (DemoError, TenancyError) as error:
            raise CommandError(str(error)) from None
        except KeyboardInterrupt:
            console.print()
            if once:
                sys.exit(128 + signal.SIGINT)
        finally:
            if starts_postgres:
                embedded.stop(settings.ENGAGE_DATA_DIR)

    def _catch_up(self, running: server.RunningServer, console: Console) -> list[Stage]:
        now = datetime.now(UTC)
        stages = []
        for company in COMPANIES:
            tenant = ensure_tenant(company)
            stages.append(Stage(company, tenant, find_missing(tenant, now=now), fresh_keys(tenant)))
        if any(stage.missing.send_from for stage in stages):
            console.print(
                f"The simulator (seeded; no real company) gives two tenants {DAYS} days of history.",
                style="dim",
            )
        for stage in stages:
            _send(stage, running, console)
        _compute(stages, console)
        for stage in stages:
            if stage.missing.send_from == stage.missing.first_day:  # the first demo
                population = populate(stage.company, stage.missing.first_day)
                history.import_late_answers(
                    stage.tenant, population, until=stage.missing.last_day, console=console
                )
            pursue(stage.tenant, stage.company, stage.missing)
        return stages


def _send(stage: Stage, running: server.RunningServer, console: Console) -> None:
    if stage.missing.send_from is None:
        return
    console.print(f"[bold]{stage.company.name}[/bold], {stage.company.product}")
    population = populate(stage.company, stage.missing.first_day)
    history.import_files(stage.tenant, population, until=stage.missing.last_day, console=console)
    sender = Sender(port=running.port, key=stage.keys.ingest)
    history.send_activity(population, stage.missing, sender=sender, console=console)
    set_up(stage.tenant, stage.company, stage.missing)


def _compute(stages: Sequence[Stage], console: Console) -> None:
    """All stages at once: half of the time is PostgreSQL's, which has processes of its own."""
    total = sum(history.runs(stage.tenant, stage.missing.days) for stage in stages)
    if not total:
        return
    interrupted = Event()
    with (
        step(console, "runs computed (plugin and day)", total=total) as advance,
        ThreadPoolExecutor() as pool,
    ):
        calls = [
            pool.submit(_compute_stage, stage, advance=advance, interrupted=interrupted) for stage in stages
        ]
        try:
            # Short waits let Ctrl-C through: see server.wait_until_it_ends.
            while wait(calls, timeout=0.2).not_done:
                pass
        finally:
            interrupted.set()
        for call in calls:
            call.result()


def _compute_stage(stage: Stage, *, advance: Advance, interrupted: Event) -> None:
    try:
        for day in stage.missing.days:
            if interrupted.is_set():
                return
            history.compute(stage.tenant, day, advance=advance)
    finally:
        connection.close()  # a thread's own; Django closes those of requests


def _print_answers(stages: Sequence[Stage], running: server.RunningServer, console: Console) -> None:
    console.print()
    for stage in stages:
        api = Api(port=running.port, key=stage.keys.query)
        console.print(report.company(fetch.gather(api, stage.company, stage.missing)))


def _invite(stages: Sequence[Stage], running: server.RunningServer, mails: Path, console: Console) -> None:
    person = fresh_sign_in(stage.tenant for stage in stages)
    console.print(f"[bold]Open the dashboard at {running.url}/[/bold] and sign in:")
    console.print(f"  {person.email}   {person.password}", highlight=False, soft_wrap=True)
    console.print(f"[bold]Or ask at {running.url}/graphql[/bold] with a company's query key:")
    for stage in stages:
        console.print(f"  {stage.company.slug:<8} {stage.keys.query}", highlight=False, soft_wrap=True)
    console.print("Then ask, for example:")
    console.print(TO_PASTE, style="cyan", highlight=False)
    console.print(f"Mail is sent to nobody: it stands in {mails}.", style="dim", soft_wrap=True)
    console.print("Ctrl-C ends the demo; the data stays for the next one.", style="dim")


def _leave(number: int, frame: FrameType | None) -> NoReturn:
    # So that the server and PostgreSQL are stopped on the way out.
    sys.exit(128 + number)
