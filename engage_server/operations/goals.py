"""Makes and changes a tenant's goals, on record. Works inside the tenant's scope."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction

from engage_server.audit.log import record
from engage_server.customers.models import Account
from engage_server.definitions import store
from engage_server.definitions.exceptions import InvalidDefinitionError
from engage_server.definitions.kinds import read_body
from engage_server.metrics.goals import GOAL, Goal, GoalBody, goal
from engage_server.metrics.reader import StoredMetricReader
from engage_server.operations.writes import require_version
from engage_server.plugin_host.registry import registry
from engage_server.sdk import TENANT, Subject
from engage_server.sdk.graphql import StoredValue
from engage_server.segments import catalogue
from engage_server.tenancy.scope import current_tenant

MOVES_BASELINE: Final = frozenset({"metric", "account", "segment", "start"})


def create_goal(name: str, body: Mapping[str, Any]) -> Goal:
    """Make a goal.

    Args:
        name: for people; no two goals have one name.
        body: fields of a ``GoalBody``. Without ``start`` it begins today; without ``baseline`` progress counts from the
            subject's value of that day, as it is known now.

    Raises:
        DefinitionsError, SegmentsError, UnknownPluginError: says what is wrong with it; nothing was made.
    """
    with transaction.atomic():
        checked = _checked({"start": _today(), **body})
        made = goal(store.define(GOAL, name, checked))
        record("goal.created", subject=f"goal {made.number}", details=_details(made))
    return made


def change_goal(
    number: int, *, name: str | None = None, changes: Mapping[str, Any], expected_version: int | None = None
) -> Goal:
    """Change a goal's name or fields of its body; what is left out stays, its baseline too where it may.

    Raises:
        ConflictError: it has another version by now than the client has seen.
        DefinitionsError, SegmentsError, UnknownPluginError: says what is wrong; nothing was changed.
    """
    with transaction.atomic():
        store.lock_definitions()
        former = goal(number)
        require_version(expected_version, former.version, of=f"The goal {former.name!r}")
        kept = former.body.model_dump(exclude_unset=True)
        if not MOVES_BASELINE.isdisjoint(changes):
            kept.pop("baseline", None)
        if not (MOVES_BASELINE | {"baseline"}).isdisjoint(changes):
            kept.pop("baseline_day", None)
        body = _checked({**kept, **changes}) if changes else None
        if store.redefine(GOAL, number, name=name, body=body):
            record("goal.changed", subject=f"goal {number}", details=_details(goal(number)))
    return goal(number)


def retire_goal(number: int) -> Goal:
    """End a goal; its versions stay as history.

    Raises:
        UnknownDefinitionError
    """
    with transaction.atomic():
        former = goal(number)
        store.retire(GOAL, number)
        record("goal.retired", subject=f"goal {number}", details=_details(former))
    return former


def _checked(given: Mapping[str, Any]) -> GoalBody:
    body = read_body(GoalBody, given)
    _, metric = registry().metric(body.metric)
    # A segment is measured as a tenant of its own would be.
    kind = "account" if body.account else "tenant"
    if kind not in metric.subjects:
        raise InvalidDefinitionError(
            f"The metric {body.metric!r} is not measured for {kind}s, but for: {', '.join(metric.subjects)}. "
            "Remedy: another metric, or a goal for one of these."
        )
    subject = _subject(body)
    if body.baseline is not None:
        return body
    found = _value_at(body.metric, subject, body.start)
    if found is None or found.value is None:
        return body
    return body.model_copy(update={"baseline": found.value, "baseline_day": found.day})


def _subject(body: GoalBody) -> Subject:
    if body.segment is not None:
        segment = catalogue.segment(body.segment)
        if not segment.body.tracked:
            raise InvalidDefinitionError(
                f"Nothing is computed for the segment {segment.name!r} by schedule. Remedy: track it first."
            )
        return Subject("segment", body.segment)
    if not body.account:
        return TENANT
    pk = Account.objects.filter(external_id=body.account).values_list("pk", flat=True).first()
    if pk is None:
        raise InvalidDefinitionError(
            f"There is no account {body.account!r}. Remedy: use an external id as it was sent."
        )
    return Subject("account", pk)


def _value_at(metric: str, subject: Subject, day: date) -> StoredValue | None:
    """The value of a day, or the newest one where that is older."""
    reader = StoredMetricReader()
    newest = reader.latest(metric, subject)
    return newest if newest is not None and newest.day <= day else reader.latest(metric, subject, day)


def _today() -> date:
    return datetime.now(current_tenant().zone).date()


def _details(made: Goal) -> dict[str, Any]:
    body = made.body
    return {
        "version": made.version,
        "metric": body.metric,
        "subject": body.subject_kind,
        "target": body.target,
        "due": body.due.isoformat(),
    }
