"""What a rule's trigger says of every subject on each day of a range: one statement, however many subjects and days.

Works inside the tenant's scope and, where events decide, ``current_rollups()``.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any, Final, assert_never

from django.db import connection

from engage_server.activity.rollups.freshness import require_current
from engage_server.automation import observation_statements as sql
from engage_server.automation.rules import RuleBody, subject_kind
from engage_server.automation.triggers import Change, Done, Moved, NotDone, Renewal, Unusual, Value
from engage_server.engine.outcomes import NOT_PAID
from engage_server.metrics.anomalies import UNUSUAL, WHOLE, AnomalyState, anomaly_on
from engage_server.metrics.series import Point
from engage_server.sdk import Status
from engage_server.segments import catalogue
from engage_server.tenancy.scope import current_tenant

SPEAKS: Final = 1
IS_OVER: Final = -1
CALM: Final = AnomalyState.NORMAL


@dataclass(frozen=True, slots=True)
class Observation:
    """What is so of a subject on a day: the trigger ``SPEAKS`` or it ``IS_OVER``; with the figures that say so."""

    day: date
    subject: int
    state: int
    evidence: Mapping[str, Any]


def observe(
    body: RuleBody, *, first: date, last: date, already_open: Collection[int] = ()
) -> list[Observation]:
    """What the trigger says from ``first`` to ``last``, both included, by day; of a day first who is spoken of.

    Args:
        body: the rule.
        first: first day.
        last: last day.
        already_open: subjects with an open signal before ``first``. That it is over is told of them, and of those who
            are spoken of in the range, alone.

    Raises:
        UnknownSegmentError: a segment of the rule is gone.
    """
    if needs_rollups(body):
        require_current()
    trigger = body.trigger
    kind = subject_kind(body)
    params: dict[str, Any] = {
        "first": first, "last": last, "kind": kind, "open": sorted(already_open), "only": body.segment,
        "minimum_n": body.minimum_n,
    }  # fmt: skip
    if isinstance(trigger, Unusual):
        return list(_unusual(trigger, params, frozenset(already_open)))
    statement, own = _statement(trigger)
    speaking = (sql.COUNTED if kind == "person" else "") + (sql.IN_SEGMENT if body.segment else "")
    rows = _rows(sql.TELLING.format(statement=statement, speaking=speaking), {**params, **own})
    said = _said(trigger)
    return [
        Observation(day, subject, state, {**said, **_figures(value, n, former)})
        for day, subject, state, value, n, former in rows
    ]


def needs_rollups(body: RuleBody) -> bool:
    """Whether events decide what the rule says."""
    return isinstance(body.trigger, Done | NotDone)


def _statement(trigger: Value | Change | Moved | Done | NotDone | Renewal) -> tuple[str, dict[str, Any]]:
    match trigger:
        case Value():
            clears = trigger.edge if trigger.clears_at is None else trigger.clears_at
            own = {"metric": trigger.metric, "sign": trigger.sign, "edge": trigger.edge, "clears_at": clears}
            return sql.VALUE, own
        case Change():
            own = {"metric": trigger.metric, "sign": trigger.sign, "size": trigger.size, "days": trigger.days}
            return sql.CHANGE, {**own, "relative": trigger.relative}
        case Moved():
            is_static = catalogue.segment(trigger.segment).body.is_static
            statement = sql.ENTERED if trigger.moved == "entered" else sql.LEFT
            zone = current_tenant().timezone
            return statement, {"segment": trigger.segment, "is_static": is_static, "zone": zone}
        case Done():
            own = {"event": trigger.event, "times": trigger.times, "days": trigger.days}
            return sql.done(trigger.subject), own
        case NotDone():
            own = {"after": trigger.after, "event": trigger.event, "within": trigger.within_days}
            own["again"] = int(trigger.after == trigger.event)
            return sql.not_done(trigger.subject), own
        case Renewal():
            return sql.RENEWAL, {"ahead": trigger.days_ahead, "unpaid": sorted(NOT_PAID)}
        case _:
            assert_never(trigger)


def _said(trigger: Value | Change | Moved | Done | NotDone | Renewal) -> dict[str, Any]:
    """What the trigger asked for, so that a signal can be read by itself, whatever the rule is by then."""
    match trigger:
        case Value():
            return {"metric": trigger.metric, "edge": trigger.edge}
        case Change():
            return {"metric": trigger.metric, "days": trigger.days}
        case Done():
            return {"event": trigger.event, "days": trigger.days}
        case NotDone():
            return {"after": trigger.after, "event": trigger.event, "days": trigger.within_days}
        case Moved():
            return {"segment": trigger.segment, "moved": trigger.moved}
        case Renewal():
            return {"days_ahead": trigger.days_ahead}


def _figures(value: float | None, n: int | None, former: float | None) -> dict[str, Any]:
    figures = {"value": value, "n": n, "former": former}
    return {name: figure for name, figure in figures.items() if figure is not None}


def _unusual(
    trigger: Unusual, params: Mapping[str, Any], already_open: frozenset[int]
) -> Iterator[Observation]:
    first, last = params["first"], params["last"]
    history = {"metric": trigger.metric, "first": first - timedelta(days=WHOLE - 1)}
    rows = _rows(sql.HISTORIES, {**params, **history})
    found: list[Observation] = []
    for subject, of_subject in groupby(rows, key=lambda row: row[0]):
        points = [
            Point(day, value, Status(status), n, version) for _, day, value, status, n, version in of_subject
        ]
        speaks = subject in already_open
        for one in _judged(trigger, points, subject, first=first, last=last, minimum_n=params["minimum_n"]):
            if one.state == SPEAKS or speaks:
                found.append(one)
            speaks = one.state == SPEAKS
    yield from sorted(found, key=lambda one: (one.day, one.subject))


def _judged(
    trigger: Unusual, points: list[Point], subject: int, *, first: date, last: date, minimum_n: int
) -> Iterator[Observation]:
    days = {point.day: point.n for point in points if first <= point.day <= last}
    for day in sorted(days):
        reach = day - timedelta(days=WHOLE)
        judged = anomaly_on([point for point in points if reach < point.day <= day], day)
        if days[day] < minimum_n or judged.state not in {*UNUSUAL, CALM}:
            continue
        speaks = judged.state in UNUSUAL and trigger.side in {"BOTH", judged.state.value}
        figures = {"value": judged.value, "expected": judged.expected, "low": judged.low, "high": judged.high}
        evidence = {"metric": trigger.metric, "n": days[day], **figures}
        yield Observation(day, subject, SPEAKS if speaks else IS_OVER, evidence)


def _rows(statement: str, params: Mapping[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        rows: list[Any] = cursor.fetchall()
        return rows
