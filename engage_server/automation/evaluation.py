"""Judges a tenant's rules once a day is computed: a statement for each rule and day, however many accounts.

How far each rule came stands on the agenda, so that no day is left out and none judged twice. A new rule begins with the
newest computed day. Where the database's clock was ahead and came back, days are judged again that had not been.
"""

import logging
import threading
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import date, datetime, time, timedelta
from itertools import chain
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import BooleanField, ExpressionWrapper, Max, Q
from django.db.models.aggregates import Aggregate
from psycopg.types.json import Jsonb

from engage_server.activity.rollups.freshness import current_rollups
from engage_server.automation.announcements import announce
from engage_server.automation.journeys import begin
from engage_server.automation.models import Signal
from engage_server.automation.observations import Observation, needs_rollups, observe
from engage_server.automation.rules import Rule, SignalKind, rules, subject_kind
from engage_server.automation.standing import Judged, Standing, judge
from engage_server.automation.wrong_clocks import bring_back
from engage_server.engine import agenda
from engage_server.engine.background_tasks import BackgroundTask
from engage_server.engine.models import Run
from engage_server.segments.exceptions import SegmentsError
from engage_server.tenancy.clock import database_now
from engage_server.tenancy.scope import TenantRef, current_tenant, shared_scope, tenant_scope

NAME: Final = "evaluation of rules"
LOOK_EVERY: Final = timedelta(minutes=5)
AT_THE_LATEST: Final = time(6)
"""A day of which nothing was computed by then is judged as it is."""
MOST_DAYS: Final = 31
"""After so many days away the older ones are not made up for: their signals would be no news."""
TIMEOUT_MS: Final = 300_000
CLEAR: Final = """
    UPDATE automation_signal AS signal SET cleared_on = %(day)s
    FROM unnest(%(rules)s::int[], %(subjects)s::int[]) AS over (rule, subject)
    WHERE signal.rule = over.rule AND signal.subject = over.subject AND signal.cleared_on IS NULL
"""
STORE: Final = """
    INSERT INTO automation_signal (rule, rule_version, is_risk, subject_kind, subject, raised_on, evidence)
    SELECT * FROM unnest(%(rules)s::int[], %(versions)s::int[], %(risks)s::bool[], %(kinds)s::text[], %(subjects)s::int[],
        %(days)s::date[], %(evidence)s::jsonb[])
    RETURNING id, rule, subject
"""
log = logging.getLogger("engage.automation")


def evaluate(day: date, *, only: Sequence[Rule] | None = None) -> int:
    """Judge a day by all rules, or by these; return how many signals it raised. In the tenant's scope and a transaction."""
    asked = rules() if only is None else only
    standing = _standing(asked, day)
    raised: dict[int, list[Signal]] = {}
    over: list[tuple[int, int]] = []
    for rule in asked:
        try:
            judged = _judge_by(rule, day, standing[rule.number])
        except SegmentsError as error:
            log.warning("Rule %s cannot be judged. %s", rule.number, error, extra={"action": "rule_skipped"})
            continue
        raised[rule.number] = [_signal(rule, one) for one in judged.raised]
        over += [(rule.number, subject) for subject in judged.cleared]
    _clear(over, day)
    number = _store([*chain.from_iterable(raised.values())])
    for rule in asked:
        announce(rule, raised.get(rule.number, ()))
    begin(raised)
    return number


def evaluate_due(tenant: TenantRef, stop: threading.Event) -> None:
    """Judge the days that are computed and not judged, as far as it is the tenant's turn."""
    while not stop.is_set():
        with tenant_scope(tenant, timeout_ms=TIMEOUT_MS), transaction.atomic():
            progress = agenda.take_turn(NAME)
            if progress is None or not _advance(progress):
                return


def rollups_for(asked: Sequence[Rule]) -> AbstractContextManager[None]:
    """``current_rollups()`` where one of the rules needs it."""
    return current_rollups() if any(needs_rollups(rule.body) for rule in asked) else nullcontext()


def _advance(progress: Mapping[str, str]) -> bool:
    """Judge the next day of the rules that lie furthest back; return whether there may be more."""
    tenant = current_tenant()
    now = database_now()
    target = now.astimezone(tenant.zone).date() - timedelta(days=1)
    asked = rules()
    begin_after = (target - timedelta(days=1)).isoformat()
    noted = {rule.number: date.fromisoformat(progress.get(str(rule.number), begin_after)) for rule in asked}
    if any(day > target for day in noted.values()):
        bring_back(now)
    reached = {number: min(day, target) for number, day in noted.items()}
    behind = {number: day for number, day in reached.items() if day < target}
    if not behind:
        agenda.end_turn(NAME, _morning_after(target), _noted(reached))
        return False
    if not _is_computed(target, now):
        agenda.end_turn(NAME, now + LOOK_EVERY, _noted(reached))
        return False
    day = max(min(behind.values()) + timedelta(days=1), target - timedelta(days=MOST_DAYS - 1))
    turn = [rule for rule in asked if reached[rule.number] < day]
    with rollups_for(turn):
        evaluate(day, only=turn)
    agenda.end_turn(NAME, now, _noted({**reached, **{rule.number: day for rule in turn}}))
    return True


def _judge_by(rule: Rule, day: date, standing: Mapping[int, Standing]) -> Judged:
    opened = [subject for subject, known in standing.items() if known.is_open]
    observed = observe(rule.body, first=day, last=day, already_open=opened)
    return judge(observed, standing, day=day, cool_down_days=rule.body.cool_down_days)


def _clear(over: Sequence[tuple[int, int]], day: date) -> None:
    """End the open signals of these rules and subjects; one statement, of however many rules."""
    if not over:
        return
    numbers, subjects = zip(*over, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(CLEAR, {"day": day, "rules": list(numbers), "subjects": list(subjects)})


def _store(raised: Sequence[Signal]) -> int:
    """Write signals of a day and tell each its number; one statement, of however many. Return how many there are."""
    if not raised:
        return 0
    columns: dict[str, Any] = {
        "rules": [one.rule for one in raised],
        "versions": [one.rule_version for one in raised],
        "risks": [one.is_risk for one in raised],
        "kinds": [one.subject_kind for one in raised],
        "subjects": [one.subject for one in raised],
        "days": [one.raised_on for one in raised],
        "evidence": [Jsonb(one.evidence) for one in raised],
    }
    with connection.cursor() as cursor:
        cursor.execute(STORE, columns)
        numbers = {(rule, subject): number for number, rule, subject in cursor.fetchall()}
    for one in raised:
        one.pk = numbers[one.rule, one.subject]
    return len(raised)


def _signal(rule: Rule, one: Observation) -> Signal:
    return Signal(
        rule=rule.number,
        rule_version=rule.version,
        is_risk=rule.body.kind is SignalKind.RISK,
        subject_kind=subject_kind(rule.body),
        subject=one.subject,
        raised_on=one.day,
        evidence=dict(one.evidence),
    )


class _AnyOpen(Aggregate):
    """Whether one of the signals is open."""

    function = "BOOL_OR"
    output_field = BooleanField()


def _standing(asked: Sequence[Rule], day: date) -> dict[int, dict[int, Standing]]:
    """How everybody stands with each of these rules; one statement.

    Of signals that are over those alone count after which none may be raised yet: a history of years costs nothing.
    """
    longest = max((rule.body.cool_down_days for rule in asked), default=0)
    still_counts = Q(cleared_on=None) | Q(raised_on__gt=day - timedelta(days=max(longest, 1)))
    is_open = ExpressionWrapper(Q(cleared_on=None), output_field=BooleanField())
    rows = (
        Signal.objects.filter(still_counts, rule__in=[rule.number for rule in asked])
        .values("rule", "subject")
        .annotate(last=Max("raised_on"), is_open=_AnyOpen(is_open))
        .values_list("rule", "subject", "last", "is_open")
    )
    found: dict[int, dict[int, Standing]] = defaultdict(dict)
    for rule, subject, last, still in rows:
        found[rule][subject] = Standing(last, is_open=still)
    return found


def _is_computed(day: date, now: datetime) -> bool:
    tenant = current_tenant()
    with shared_scope():
        of_day = Run.objects.filter(tenant_id=tenant.id, day=day, priority__gte=Run.Priority.SCHEDULED)
        states = set(of_day.values_list("state", flat=True).distinct())
    if states & {Run.State.PENDING, Run.State.RUNNING}:
        is_late = False
    elif states:
        return True
    else:
        is_late = now.astimezone(tenant.zone).time() >= AT_THE_LATEST
    return is_late or now.astimezone(tenant.zone).date() > day + timedelta(days=1)


def _morning_after(target: date) -> datetime:
    """When the day after the target is over, in the tenant's calendar."""
    return datetime.combine(target + timedelta(days=2), time(), tzinfo=current_tenant().zone)


def _noted(reached: Mapping[int, date]) -> dict[str, str]:
    return {str(number): day.isoformat() for number, day in reached.items()}


TASK: Final = BackgroundTask(NAME, every_s=5.0, tenants=lambda: agenda.due_tenants(NAME), work=evaluate_due)
