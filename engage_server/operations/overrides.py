"""Sets and ends overrides of accounts' values, on record, and has the days that they cover computed again.

Works inside the tenant's scope.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from engage_server.audit.log import record
from engage_server.customers.models import Account
from engage_server.definitions.kinds import read_body
from engage_server.engine.models import AffectedDay
from engage_server.engine.restatement import note_changes
from engage_server.metrics import overrides as catalogue
from engage_server.metrics.overrides import Override, OverrideBody
from engage_server.operations.exceptions import NotOverridableError
from engage_server.plugin_host import guard
from engage_server.plugin_host.activation import active_plugins
from engage_server.sdk import Overrides
from engage_server.tenancy.scope import current_tenant


def set_override(
    metric: str,
    account: str,
    value: float,
    *,
    reason: str,
    ends_on: date,
    starts_on: date | None = None,
    only_lower: bool = False,
) -> Override:
    """Set a value in place of what a metric computes for an account; one of the same first day is replaced.

    Args:
        metric: full id of a metric that takes overrides.
        account: external id.
        value: in the metric's unit.
        reason: why, for those who look at the value later.
        ends_on: the first day on which it does not hold any more.
        starts_on: the first day on which it holds; default: today in the tenant's calendar. Past days are computed again.
        only_lower: it lowers what is computed, and never raises it.

    Raises:
        NotOverridableError: the metric takes none, or the tenant has no such account.
        InvalidDefinitionError: it has no reason, or does not end after it begins.
    """
    first = starts_on or _today()
    given = {"metric": metric, "account": account, "value": value, "only_lower": only_lower, "reason": reason}
    body = read_body(OverrideBody, {**given, "starts_on": first, "ends_on": ends_on})
    _require_overridable(metric)
    if not Account.objects.filter(external_id=account).exists():
        raise NotOverridableError(
            f"There is no account {account[:200]!r}. Remedy: use its external id as it was sent."
        )
    with transaction.atomic():
        made, former = catalogue.make(body)
        record("override.set", subject=f"override {made.number}", details=_details(made))
        _restate([body] if former is None else [body, former])
    return made


def end_override(number: int, on: date | None = None) -> Override:
    """Let an override hold no longer from a day on (default: today); before its first day: as if it had never been.

    Raises:
        UnknownDefinitionError: there is none of this number.
    """
    with transaction.atomic():
        day = on or _today()
        ended, former = catalogue.end(number, day)
        record(
            "override.ended", subject=f"override {number}", details={**_details(ended), "on": day.isoformat()}
        )
        _restate([former], first=day)
    return ended


def _require_overridable(metric: str) -> None:
    taking = sorted(
        spec.metric
        for active in active_plugins().values()
        for spec in guard.inputs(active.plugin, active.config).values()
        if isinstance(spec, Overrides) and spec.metric.partition(".")[0] == active.plugin.id
    )
    if metric not in taking:
        known = ", ".join(taking) or "none of the enabled plugins has one"
        raise NotOverridableError(f"{metric!r} takes no overrides. Remedy: name one that does: {known}.")


def _restate(bodies: list[OverrideBody], *, first: date = date.min) -> None:
    plugin = bodies[0].metric.partition(".")[0]
    days = {day for body in bodies for day in _days(body) if day >= first}
    note_changes(current_tenant(), AffectedDay.Cause.OVERRIDES, days, plugin=plugin)


def _days(body: OverrideBody) -> Iterator[date]:
    for number in range((body.ends_on - body.starts_on).days):
        yield body.starts_on + timedelta(days=number)


def _details(made: Override) -> dict[str, Any]:
    """What the audit log keeps. The reason is the definition's, in all its versions: it may name persons."""
    body = made.body
    return {
        "metric": body.metric,
        "account": body.account,
        "value": body.value,
        "only_lower": body.only_lower,
        "from": body.starts_on.isoformat(),
        "until": body.ends_on.isoformat(),
    }


def _today() -> date:
    return datetime.now(current_tenant().zone).date()
