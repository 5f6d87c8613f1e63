"""Values of accounts day by day, rules about them, and what was raised."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from django.db import transaction

from engage_server.automation.evaluation import evaluate, rollups_for
from engage_server.automation.models import Signal
from engage_server.automation.rules import RULE, Rule, RuleBody, rule
from engage_server.definitions import store as definitions
from engage_server.definitions.kinds import read_body
from tests.metrics.values import store

FIRST = date(2026, 3, 1)
METRIC = "mood.score"


def day(number: int) -> date:
    """The day so many days after the first."""
    return FIRST + timedelta(days=number)


def body(trigger: dict[str, Any], **fields: Any) -> RuleBody:
    return read_body(RuleBody, {"kind": "RISK", "trigger": trigger, "cool_down_days": 0, **fields})


def make(trigger: dict[str, Any], **fields: Any) -> Rule:
    """A rule, saved behind the operation's back."""
    made = body(trigger, **fields)
    return rule(definitions.define(RULE, f"rule {made.model_dump_json()}"[:100], made))


def values(subject: int, series: Iterable[float | None], **changes: Any) -> None:
    """A value of the account on each of the days; None: it has none."""
    for number, value in enumerate(series):
        if value is not None:
            store(METRIC, value, kind="account", subject=subject, day=day(number), **changes)


def judge_days(days: Sequence[int]) -> None:
    """Evaluate day by day, as workers do."""
    from engage_server.automation.rules import rules

    for number in days:
        with transaction.atomic(), rollups_for(rules()):
            evaluate(day(number))


def story(subject: int | None = None) -> list[tuple[int, int | None]]:
    """Of each signal on which day it was raised and on which cleared."""
    found = Signal.objects.order_by("raised_on", "id")
    if subject is not None:
        found = found.filter(subject=subject)
    return [
        ((one.raised_on - FIRST).days, None if one.cleared_on is None else (one.cleared_on - FIRST).days)
        for one in found
    ]
