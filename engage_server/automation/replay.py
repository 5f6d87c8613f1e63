"""Says what a rule would have said in the past, before it is saved: how often, of whom, and how long before the outcome.

Works inside the tenant's scope. Writes nothing. It is judged by the same function as day by day, from what is stored now:
values restated since are the restated ones.
"""

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from statistics import median
from typing import Final

from engage_server.activity.rollups.freshness import current_rollups
from engage_server.automation.exceptions import ReplayTooLongError
from engage_server.automation.observations import Observation, needs_rollups, observe
from engage_server.automation.rules import RuleBody, SignalKind, subject_kind
from engage_server.automation.standing import Standing, judge
from engage_server.automation.triggers import Unusual
from engage_server.customers.models import Account
from engage_server.engine.outcomes import Outcome, outcome_days

MOST_DAYS: Final = 366
MOST_JUDGED: Final = 400_000
MOST_JUDGED_BY_HISTORY: Final = 4_000
"""Days of accounts; one that is judged by the weeks before it costs a hundred times as much."""
OUTCOMES: Final[Mapping[SignalKind, Outcome]] = {
    SignalKind.RISK: Outcome.CHURN,
    SignalKind.OPPORTUNITY: Outcome.UPGRADE,
}


@dataclass(frozen=True, slots=True)
class Warned:
    """What a rule about accounts would have been worth: RISK is held against churn, OPPORTUNITY against upgrades.

    Args:
        outcome: what is looked for.
        accounts: that had it in the range.
        warned: of them those of whom a signal was raised before.
        median_days: from that signal (the last before) to the outcome; None where nobody was warned of.
        in_vain: signals about accounts that did not have it in the rest of the range.
    """

    outcome: Outcome
    accounts: int
    warned: int
    median_days: float | None
    in_vain: int


@dataclass(frozen=True, slots=True)
class Replay:
    """The signals that a rule would have raised from ``first`` to ``last``, by day; ``open`` are those not cleared."""

    first: date
    last: date
    raised: tuple[Observation, ...]
    open: int
    warned: Warned | None

    @property
    def subjects(self) -> int:
        """About how many different subjects."""
        return len({one.subject for one in self.raised})


def replay(body: RuleBody, *, first: date, last: date) -> Replay:
    """Judge the past by a rule as if it had been made before the first day.

    Raises:
        ReplayTooLongError: the range is empty, or there is too much to judge in it.
        UnknownSegmentError: a segment of the rule is gone.
    """
    _require_few(body, first, last)
    with current_rollups() if needs_rollups(body) else nullcontext():
        observed = observe(body, first=first, last=last)
    standing: Mapping[int, Standing] = {}
    raised: list[Observation] = []
    for day, of_day in groupby(observed, key=lambda one: one.day):
        judged = judge(of_day, standing, day=day, cool_down_days=body.cool_down_days)
        raised += judged.raised
        standing = judged.standing
    still = sum(one.is_open for one in standing.values())
    warned = _warned(body.kind, raised, first, last) if subject_kind(body) == "account" else None
    return Replay(first, last, tuple(raised), still, warned)


def _warned(kind: SignalKind, raised: list[Observation], first: date, last: date) -> Warned:
    outcome = OUTCOMES[kind]
    days = outcome_days(outcome, first=first, last=last)
    leads: dict[int, int] = {}
    in_vain = 0
    for one in raised:
        came = days.get(one.subject)
        if came is None or came <= one.day:
            in_vain += came is None
            continue
        leads[one.subject] = (came - one.day).days
    return Warned(outcome, len(days), len(leads), median(leads.values()) if leads else None, in_vain)


def _require_few(body: RuleBody, first: date, last: date) -> None:
    days = (last - first).days + 1
    if not 1 <= days <= MOST_DAYS:
        raise ReplayTooLongError(
            f"The days from {first} to {last} are no range of 1 to {MOST_DAYS} days. Remedy: another range."
        )
    by_history = isinstance(body.trigger, Unusual)
    subjects = Account.objects.count() if subject_kind(body) == "account" else 1
    most = MOST_JUDGED_BY_HISTORY if by_history else MOST_JUDGED
    if days * subjects > most:
        fit = max(1, most // subjects)
        raise ReplayTooLongError(
            f"{days} days of {subjects} accounts are too much to judge at once. Remedy: ask for {fit} days."
        )


def usual_range(today: date, days: int) -> tuple[date, date]:
    """The last so many whole days."""
    last = today - timedelta(days=1)
    return last - timedelta(days=days - 1), last
