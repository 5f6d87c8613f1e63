"""Sends reports at the beginning of their periods, once each. Works as one of the workers' background tasks.

Which period was sent last stands on the agenda. A new report, or one by new periods, begins with the next; of several that
were missed the newest alone is sent.
"""

import logging
import threading
from datetime import date, datetime, timedelta
from typing import Final

from django.db import transaction

from engage_server.automation import outbox
from engage_server.automation.channels import channels
from engage_server.automation.reports.definition import (
    Every,
    Report,
    following,
    period_start,
    reports,
    sent_at,
)
from engage_server.automation.reports.writing import message, write
from engage_server.engine import agenda
from engage_server.engine.background_tasks import BackgroundTask
from engage_server.tenancy.clock import database_now
from engage_server.tenancy.scope import TenantRef, current_tenant, tenant_scope

NAME: Final = "reports"
NOTHING_DUE: Final = timedelta(days=1)
FURTHEST_AHEAD: Final = timedelta(days=31)
TIMEOUT_MS: Final = 120_000
log = logging.getLogger("engage.automation")


def send_due(tenant: TenantRef, stop: threading.Event) -> None:
    """Write the reports that are due into the outbox, and agree on the next time; in one transaction."""
    with tenant_scope(tenant, timeout_ms=TIMEOUT_MS), transaction.atomic():
        progress = agenda.take_turn(NAME)
        if progress is None:
            return
        now = database_now()
        scheduled = [one for one in reports() if one.body.every is not None]
        reached: dict[str, str] = {}
        for one in scheduled:
            last = _last_period(one, now)
            known = progress.get(_period_of(one))
            if known is not None and date.fromisoformat(known) < last:
                _send(one)
            reached[_period_of(one)] = _reached(one, known, last).isoformat()
        following_times = [_next_time(one, now) for one in scheduled]
        agenda.end_turn(NAME, min(following_times, default=now + NOTHING_DUE), reached)


def _reached(one: Report, known: str | None, last: date) -> date:
    """How far a report has come. One that went early, by a clock that was wrong, stays away for so long and no longer."""
    every = one.body.every or Every.WEEK
    furthest = max(following(every, last), last + FURTHEST_AHEAD)
    return last if known is None else min(max(date.fromisoformat(known), last), furthest)


def _send(one: Report) -> None:
    """Have a report sent by its channel; one that cannot be sent is logged, and the others go on."""
    channel = one.body.channel
    document = write(one, with_quotes=True)  # who made it may see what persons said, or it has no quotes
    if document is None or channel is None or channel not in {known.number for known in channels()}:
        log.warning(
            "Report %s was not sent: its account or channel is gone.",
            one.number,
            extra={"action": "report_skipped"},
        )
        return
    outbox.put(channel, [message(one, document)], cause=f"report {one.number}")


def _period_of(one: Report) -> str:
    """What is noted of a report: one that is sent by other periods now begins with the next of those."""
    return f"{one.number} {one.body.every}"


def _last_period(one: Report, now: datetime) -> date:
    """The first day of the newest period whose time has come."""
    every = one.body.every or Every.WEEK
    zone = current_tenant().zone
    start = period_start(every, now.astimezone(zone).date())
    return start if sent_at(one.body, start, zone) <= now else period_start(every, start - timedelta(days=1))


def _next_time(one: Report, now: datetime) -> datetime:
    every = one.body.every or Every.WEEK
    return sent_at(one.body, following(every, _last_period(one, now)), current_tenant().zone)


TASK: Final = BackgroundTask(NAME, every_s=30.0, tenants=lambda: agenda.due_tenants(NAME), work=send_due)
