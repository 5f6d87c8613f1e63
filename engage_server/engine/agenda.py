"""When tasks in the background have something to do for which tenant: one short statement finds them, and visits nobody.

A task takes its turn with a tenant inside a transaction, and says at its end when the next one is: within ``LONGEST``. What
stands further ahead was agreed on while the database's clock was wrong, and is due.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection
from django.db.models import DateTimeField, Q, Value
from django.db.models.functions import Least

from engage_server.engine.models import Agenda
from engage_server.tenancy.clock import ClockTimestamp, in_seconds
from engage_server.tenancy.models import Tenant
from engage_server.tenancy.scope import TenantRef, current_tenant, shared_scope

LONGEST: Final = timedelta(days=1)
CALL: Final = """
    INSERT INTO engine_agenda AS agenda (tenant_id, task, due_at)
    VALUES (%(tenant)s, %(task)s, LEAST(COALESCE(%(at)s, clock_timestamp()), clock_timestamp() + %(longest)s))
    ON CONFLICT ON CONSTRAINT agenda_once DO UPDATE SET due_at = excluded.due_at
    WHERE excluded.due_at < agenda.due_at
"""


def call_at(task: str, moment: datetime | None = None) -> None:
    """Have the tenant in scope visited at a moment (default: now), or earlier where that is agreed already.

    In the caller's transaction: what the task is called to is there when it comes.
    """
    with shared_scope(), connection.cursor() as cursor:
        asked: dict[str, Any] = {
            "tenant": current_tenant().id,
            "task": task,
            "at": moment,
            "longest": LONGEST,
        }
        cursor.execute(CALL, asked)


def due_tenants(task: str) -> list[TenantRef]:
    """The active tenants whose turn it is, who waits longest first."""
    with shared_scope():
        due = Agenda.objects.filter(_is_due(), task=task, tenant__status=Tenant.Status.ACTIVE)
        return [entry.tenant.ref for entry in due.select_related("tenant").order_by("due_at")]


def take_turn(task: str) -> dict[str, Any] | None:
    """The task's note about the tenant in scope, locked until the end of the transaction.

    None where it is not its turn any more, or somebody else is at it.
    """
    with shared_scope():
        mine = Agenda.objects.filter(_is_due(), tenant_id=current_tenant().id, task=task)
        return mine.select_for_update(skip_locked=True).values_list("progress", flat=True).first()


def hold(task: str) -> None:
    """Lock the tenant's entry until the end of the transaction, due or not: nobody calls meanwhile."""
    with shared_scope():
        mine = Agenda.objects.select_for_update().filter(tenant_id=current_tenant().id, task=task)
        mine.values_list("pk", flat=True).first()


def end_turn(task: str, following: datetime, progress: Mapping[str, Any]) -> None:
    """Agree on the next visit, in a day at the latest, and keep the note; in the transaction that took the turn."""
    soonest = Least(Value(following, DateTimeField()), in_seconds(LONGEST.total_seconds()))
    with shared_scope():
        Agenda.objects.filter(tenant_id=current_tenant().id, task=task).update(
            due_at=soonest, progress=dict(progress)
        )


def _is_due() -> Q:
    return Q(due_at__lte=ClockTimestamp()) | Q(due_at__gt=in_seconds(LONGEST.total_seconds()))
