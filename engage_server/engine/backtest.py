"""Holds a metric's past values against what became of the accounts: does it predict? Writes nothing.

Works inside the tenant's scope. Scores of days that lie a horizon apart are read, each with whether the account had the
outcome within the horizon that follows: what an account left behind when it churned is its score before that day, as it is
stored.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from statistics import median
from typing import Final

from engage_server.engine.exceptions import NoDirectionError, TooManyDaysError, UnknownMetricError
from engage_server.engine.outcomes import Outcome, outcome_days, snapshot_days
from engage_server.metrics.bands import Banded, banded
from engage_server.metrics.discrimination import Discrimination, discrimination
from engage_server.plugin_host.registry import registry
from engage_server.sdk import Direction, Interval
from engage_server.sdk.intervals import wilson

MOST_DAYS: Final = 1_100
MOST_SNAPSHOTS: Final = 40
"""Days whose values are read, each with a statement: what a question costs has a bound."""
LEAST: Final = 10
"""Fewer accounts with, or without, the outcome say nothing."""
WORST_SHARES: Final = (0.1, 0.2, 0.3)
"""Where a metric has no bands, the accounts with the highest risk so far make alarms."""
PREDICTED_BY: Final[Mapping[Outcome, Direction]] = {
    Outcome.CHURN: Direction.DOWN,
    Outcome.UPGRADE: Direction.UP,
}
"""Which way a metric for which high is good points when the outcome comes."""


class Verdict(StrEnum):
    """What the interval of the area under the curve says."""

    PREDICTS = "PREDICTS"
    DOES_NOT_PREDICT = "DOES_NOT_PREDICT"
    PREDICTS_THE_CONTRARY = "PREDICTS_THE_CONTRARY"
    TOO_FEW = "TOO_FEW"


SENTENCES: Final[Mapping[Verdict, str]] = {
    Verdict.PREDICTS: "predicts: the interval lies above 0.5",
    Verdict.DOES_NOT_PREDICT: "does not predict: the interval includes 0.5",
    Verdict.PREDICTS_THE_CONTRARY: "predicts the contrary: the interval lies below 0.5",
    Verdict.TOO_FEW: f"too few: at least {LEAST} accounts with and {LEAST} without the outcome are needed",
}


@dataclass(frozen=True, slots=True)
class Observation:
    """What an account's value said on a day, and whether the outcome came within the horizon.

    ``risk`` is the value, turned so that high means that the outcome is near.
    """

    account: int
    day: date
    risk: float
    band: str | None
    had_outcome: bool


@dataclass(frozen=True, slots=True)
class Alarm:
    """How good it would have been to act on a band and those that are worse.

    Args:
        name: the band, or the share of the accounts with the highest risk.
        flagged: values in them; an account counts on each of the days.
        hits: of them those that the outcome followed.
        false_alarms: of them those that it did not.
        precision: hits / flagged, with its interval; null where nothing was flagged.
        recall: hits / values that the outcome followed; null where there were none.
        false_alarm_share: false alarms / values that it did not follow; null where there were none.
    """

    name: str
    flagged: int
    hits: int
    false_alarms: int
    precision: float | None
    precision_interval: Interval | None
    recall: float | None
    recall_interval: Interval | None
    false_alarm_share: float | None


@dataclass(frozen=True, slots=True)
class LeadTime:
    """How early the first alarm came, of accounts with the outcome: days from the begin of its last uninterrupted stay.

    ``median_days`` is null where nobody was warned of.
    """

    alarm: str
    median_days: float | None
    warned: int
    not_warned: int


@dataclass(frozen=True, slots=True)
class Backtest:
    """What the past says of a metric."""

    metric: str
    outcome: Outcome
    horizon_days: int
    first: date
    last: date
    days: tuple[date, ...]
    observations: int
    outcomes: int
    discrimination: Discrimination | None
    verdict: Verdict
    alarms: tuple[Alarm, ...]
    lead_time: LeadTime | None


def backtest(metric: str, outcome: Outcome, *, horizon_days: int, first: date, last: date) -> Backtest:
    """Hold the metric's values of accounts from ``first`` to ``last`` against the outcome.

    Args:
        metric: full id, of a metric of accounts that says which way is good.
        outcome: what is to be predicted.
        horizon_days: how far ahead.
        first, last: the days in question; of outcomes after the last one nothing is taken.

    Raises:
        UnknownMetricError: it is none of an installed plugin's, or is not measured for accounts.
        NoDirectionError: it does not say which way is good.
        TooManyDaysError: the range is shorter than the horizon, too long, or holds too many horizons.
    """
    sign = risk_sign(metric, outcome)
    days = require_days(first=first, last=last, horizon_days=horizon_days)
    outcomes = outcome_days(outcome, first=min(days), last=last)
    found = [
        Observation(account, day, sign * value.value, value.band, had)
        for account, day, value, had in observed(metric, outcomes, days=days, horizon_days=horizon_days)
        if value.value is not None
    ]
    measured, verdict = judge(found)
    alarms, reach = _alarms(found)
    lead = _lead_time(metric, outcomes, reach, sign=sign, first=first, last=last) if reach else None
    return Backtest(
        metric=metric,
        outcome=outcome,
        horizon_days=horizon_days,
        first=first,
        last=last,
        days=tuple(days),
        observations=len(found),
        outcomes=sum(one.had_outcome for one in found),
        discrimination=measured,
        verdict=verdict,
        alarms=tuple(alarms),
        lead_time=lead,
    )


def risk_sign(metric: str, outcome: Outcome) -> int:
    """1 where high values of the metric mean that the outcome is near, -1 where low ones do.

    Raises:
        UnknownMetricError, NoDirectionError
    """
    plugin, _, wanted = metric.partition(".")
    known = registry().plugins.get(plugin)
    declared = next((one for one in known.manifest.metrics if one.id == wanted), None) if known else None
    if declared is None or "account" not in declared.subjects:
        raise UnknownMetricError(
            f"There is no metric {metric!r} of accounts. Remedy: `metrics {{ id subjects }}` lists those there are."
        )
    if declared.direction not in (Direction.UP, Direction.DOWN):
        raise NoDirectionError(
            f"{metric} does not say whether high or low is good, so nothing can be said of what it predicts. "
            "Remedy: a metric whose direction is UP or DOWN."
        )
    return 1 if declared.direction == PREDICTED_BY[outcome] else -1


def require_days(*, first: date, last: date, horizon_days: int) -> list[date]:
    """The days whose values are held against what followed; at least one.

    Raises:
        TooManyDaysError
    """
    length = (last - first).days + 1
    if not 1 <= horizon_days <= length <= MOST_DAYS:
        raise TooManyDaysError(
            f"From {first} to {last} are {length} days, and a horizon of {horizon_days} needs more than that many and "
            f"at most {MOST_DAYS}. Remedy: an earlier first day, or a shorter horizon."
        )
    days = snapshot_days(first=first, last=last, horizon=horizon_days)
    if len(days) > MOST_SNAPSHOTS:
        raise TooManyDaysError(
            f"From {first} to {last} are {len(days)} days that lie {horizon_days} apart, of which at most "
            f"{MOST_SNAPSHOTS} are read. Remedy: a longer horizon, or a shorter range."
        )
    return days


def observed(
    metric: str, outcomes: Mapping[int, date], *, days: Iterable[date], horizon_days: int
) -> Iterable[tuple[int, date, Banded, bool]]:
    """The accounts' values of the days, each with whether the outcome came within the horizon that follows.

    Whoever had the outcome already is left out.
    """
    for day in days:
        for (_, kind, account, _), value in banded([metric], first=day, last=day).items():
            happened = outcomes.get(account)
            if kind == "account" and (happened is None or happened > day):
                had = happened is not None and (happened - day).days <= horizon_days
                yield account, day, value, had


def last_of_each(found: Iterable[Observation]) -> list[Observation]:
    """One observation of each account: of who had the outcome that before it, else the newest. So none counts twice."""
    newest: dict[int, Observation] = {}
    for one in sorted(found, key=lambda one: one.day):
        newest[one.account] = one
    return list(newest.values())


def judge(observations: Iterable[Observation]) -> tuple[Discrimination | None, Verdict]:
    """How well the risks tell who had the outcome, each account counted once, and what that means."""
    newest = last_of_each(observations)
    cases = [one.risk for one in newest if one.had_outcome]
    controls = [one.risk for one in newest if not one.had_outcome]
    found = discrimination(cases, controls)
    return found, _verdict(found)


def _verdict(found: Discrimination | None) -> Verdict:
    if found is None or min(found.cases, found.controls) < LEAST:
        return Verdict.TOO_FEW
    if found.interval.low > 0.5:
        return Verdict.PREDICTS
    return Verdict.PREDICTS_THE_CONTRARY if found.interval.high < 0.5 else Verdict.DOES_NOT_PREDICT


@dataclass(frozen=True, slots=True)
class _Reach:
    """Which values set off the first alarm: those of one band, or those with at least this risk."""

    name: str
    band: str | None
    risk: float

    def holds(self, value: Banded, sign: int) -> bool:
        if value.value is None:
            return False
        return value.band == self.band if self.band is not None else sign * value.value >= self.risk


def _alarms(found: Sequence[Observation]) -> tuple[list[Alarm], _Reach | None]:
    """The alarms from the narrowest to the widest, and what sets off the narrowest."""
    if not found:
        return [], None
    if any(one.band is not None for one in found):
        return _alarms_of_bands(found)
    ordered = sorted((one.risk for one in found), reverse=True)
    edges = {f"{share:.0%}": ordered[max(1, round(share * len(ordered))) - 1] for share in WORST_SHARES}
    alarms = [_alarm(name, [one for one in found if one.risk >= edge], found) for name, edge in edges.items()]
    name, edge = next(iter(edges.items()))
    return alarms, _Reach(name, None, edge)


def _alarms_of_bands(found: Sequence[Observation]) -> tuple[list[Alarm], _Reach | None]:
    risks: dict[str, list[float]] = {}
    for one in found:
        if one.band is not None:
            risks.setdefault(one.band, []).append(one.risk)
    ordered = sorted(risks, key=lambda band: sum(risks[band]) / len(risks[band]), reverse=True)
    reached: set[str | None] = set()
    alarms = []
    for band in ordered:
        reached.add(band)
        alarms.append(_alarm(band, [one for one in found if one.band in reached], found))
    return alarms, _Reach(ordered[0], ordered[0], 0.0)


def _alarm(name: str, flagged: Sequence[Observation], found: Sequence[Observation]) -> Alarm:
    hits = sum(one.had_outcome for one in flagged)
    all_hits = sum(one.had_outcome for one in found)
    others = len(found) - all_hits
    false = len(flagged) - hits
    return Alarm(
        name=name,
        flagged=len(flagged),
        hits=hits,
        false_alarms=false,
        precision=hits / len(flagged) if flagged else None,
        precision_interval=wilson(hits, len(flagged), scale=1),
        recall=hits / all_hits if all_hits else None,
        recall_interval=wilson(hits, all_hits, scale=1),
        false_alarm_share=false / others if others else None,
    )


def _lead_time(
    metric: str, outcomes: Mapping[int, date], reach: _Reach, *, sign: int, first: date, last: date
) -> LeadTime:
    """How long the narrowest alarm had been on when the outcome came; each account's values day by day."""
    history: dict[int, list[tuple[date, bool]]] = {}
    values = banded([metric], first=first, last=last, accounts=list(outcomes))
    for (_, _, account, day), value in sorted(values.items(), key=lambda item: item[0][3]):
        if day < outcomes[account]:
            history.setdefault(account, []).append((day, reach.holds(value, sign)))
    leads = [days for account, past in history.items() if (days := _days_on(past, outcomes[account]))]
    return LeadTime(
        alarm=reach.name,
        median_days=float(median(leads)) if leads else None,
        warned=len(leads),
        not_warned=len(history) - len(leads),
    )


def _days_on(past: Sequence[tuple[date, bool]], happened: date) -> int:
    """For how many days before it happened the alarm had been on without a break; 0 where it was off."""
    begin = None
    for day, is_on in reversed(past):
        if not is_on:
            break
        begin = day
    return 0 if begin is None else (happened - begin).days
