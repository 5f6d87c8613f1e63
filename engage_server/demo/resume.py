"""Finds what a company's tenant lacks of its history, so that a second demo does only what is missing."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Max

from engage_server.access.keys import list_keys
from engage_server.access.models import ApiKey
from engage_server.activity.models import Event
from engage_server.demo.exceptions import NotOursError
from engage_server.demo.simulator.companies import DAYS, Company
from engage_server.engine.models import Run
from engage_server.operations import keys, tenants
from engage_server.plugin_host.activation import active_ids
from engage_server.tenancy.exceptions import UnknownTenantError
from engage_server.tenancy.models import Tenant
from engage_server.tenancy.scope import TenantRef, shared_scope, tenant_scope
from engage_server.tenancy.services import find_tenant, prepare_schema

SOURCE: Final = "demo"
"""Marks the demo's keys, and is the source of its events: one source, so that what is sent twice is stored once."""
RESENT_DAYS: Final = 7
"""An interrupted run may have left gaps in its last days."""
DAILY: Final = 14
WEEK: Final = 7
MONTH: Final = 30
"""Days before the first demo's last one of the day with which a month's change is told."""
FULL_WINDOW: Final = 30
"""Days at the beginning that are not computed: trailing windows would reach back before the first event."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The demo's keys of one tenant; their texts are kept nowhere else."""

    ingest: str
    query: str


@dataclass(frozen=True, slots=True)
class MissingHistory:
    """What a tenant lacks: activity from ``send_from`` on (None: nothing) and these computed days."""

    first_day: date
    last_day: date
    send_from: date | None
    days: tuple[date, ...]


def ensure_tenant(company: Company) -> TenantRef:
    """The company's tenant, made at the first run.

    Raises:
        NotOursError: somebody else made a tenant of this slug; simulated data has no place in it.
    """
    try:
        tenant = find_tenant(company.slug).ref
    except UnknownTenantError:
        return _make_tenant(company)
    if not any(key.source == SOURCE for key in list_keys(tenant)):
        raise NotOursError(
            f"The tenant {company.slug!r} was not made by the demo, which leaves it alone. "
            "Remedy: give the demo a database of its own, ENGAGE_DATABASE=demo."
        )
    return tenant


def _make_tenant(company: Company) -> TenantRef:
    prepare_schema()
    with shared_scope(), transaction.atomic():
        made = tenants.onboard(
            slug=company.slug,
            name=company.name,
            domain=f"{company.slug}.localhost",
            timezone=company.timezone,
            cadence=company.cadence,
        )
        fresh_keys(made.tenant)  # the mark by which a later run knows its own
    return made.tenant


def fresh_keys(tenant: TenantRef) -> Keys:
    """New keys for this run; those of earlier runs are revoked, since nobody can know their texts any more."""
    for key in list_keys(tenant):
        if key.source == SOURCE:
            keys.revoke_key(tenant, key.public_id)
    return Keys(
        ingest=keys.create_key(tenant, ApiKey.Kind.INGEST, source=SOURCE),
        query=keys.create_key(tenant, ApiKey.Kind.QUERY, source=SOURCE),
    )


def find_missing(tenant: TenantRef, *, now: datetime) -> MissingHistory:
    """What is missing up to yesterday in the tenant's zone.

    The history begins 180 days before the tenant was made and grows with every later run.
    """
    last_day = now.astimezone(tenant.zone).date() - timedelta(days=1)
    with shared_scope():
        created_at = Tenant.objects.get(pk=tenant.id).created_at
    first_day = created_at.astimezone(tenant.zone).date() - timedelta(days=DAYS)
    sent_until = _last_day_with_events(tenant)
    send_from = None
    if sent_until is None:
        send_from = first_day
    elif sent_until < last_day:
        send_from = max(first_day, sent_until - timedelta(days=RESENT_DAYS - 1))
    computed = _computed_days(tenant)
    days = tuple(
        day
        for day in days_to_compute(first_day, last_day)
        if day not in computed or (send_from is not None and day >= send_from)
    )
    return MissingHistory(first_day, last_day, send_from, days)


def days_to_compute(first: date, last: date) -> list[date]:
    """Every day of the last fortnight; before, each that lies whole weeks from the first demo's last day.

    That weekday stays the same for later demos, which find their earlier days computed.

    Args:
        first: of the history.
        last: the newest.
    """
    computable = last - first - timedelta(days=FULL_WINDOW)
    days = [last - timedelta(days=back) for back in range(computable.days, -1, -1)]
    month_ago = _anchor(first) - timedelta(days=MONTH)
    return [
        day
        for day in days
        if _is_weekly(day, first) or day == month_ago or last - day < timedelta(days=DAILY)
    ]


def weekly_days(missing: MissingHistory, *, weeks: int) -> list[date]:
    """One computed day of each of the last so many calendar weeks, the newest last."""
    last = missing.last_day
    first = last - timedelta(weeks=weeks, days=-1)
    days = [first + timedelta(days=n) for n in range((last - first).days)]
    this_week = last.isocalendar()[:2]
    earlier = [
        day for day in days if _is_weekly(day, missing.first_day) and day.isocalendar()[:2] != this_week
    ]
    return [*earlier, last]


def _anchor(first: date) -> date:
    """The last day of the first demo, by the first day of its history."""
    return first + timedelta(days=DAYS - 1)


def _is_weekly(day: date, first: date) -> bool:
    return (day - _anchor(first)).days % WEEK == 0


def _last_day_with_events(tenant: TenantRef) -> date | None:
    with tenant_scope(tenant):
        newest: datetime | None = Event.objects.filter(source__name=SOURCE).aggregate(
            newest=Max("occurred_at")
        )["newest"]
    return None if newest is None else newest.astimezone(tenant.zone).date()


def _computed_days(tenant: TenantRef) -> frozenset[date]:
    """Days for which every enabled plugin has a finished run."""
    with tenant_scope(tenant):
        plugins = active_ids()
    with shared_scope():
        runs = Run.objects.filter(tenant_id=tenant.id, state=Run.State.SUCCEEDED, plugin__in=plugins)
        finished = set(runs.values_list("day", "plugin"))
    days = {day for day, _ in finished}
    return frozenset(day for day in days if all((day, plugin) in finished for plugin in plugins))
