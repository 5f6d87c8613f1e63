"""From what a rule's trigger says of a day to signals raised and cleared: the same for evaluation and replay."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from engage_server.automation.observations import SPEAKS, Observation


@dataclass(frozen=True, slots=True)
class Standing:
    """How a subject stands with a rule: when a signal was raised last, and whether it is open."""

    raised_on: date
    is_open: bool


@dataclass(frozen=True, slots=True)
class Judged:
    """What follows of a day: whose signals are raised, whose are cleared, and how everybody stands then."""

    raised: tuple[Observation, ...]
    cleared: tuple[int, ...]
    standing: Mapping[int, Standing]


def judge(
    observed: Iterable[Observation], standing: Mapping[int, Standing], *, day: date, cool_down_days: int
) -> Judged:
    """What one rule's observations of one day come to.

    A signal that is open is not raised again, and after one was raised none is for ``cool_down_days``. Who is spoken of
    and over on the same day is over.
    """
    states = dict(standing)
    speaking: dict[int, Observation] = {}
    over: set[int] = set()
    for seen in observed:
        if seen.state == SPEAKS:
            speaking[seen.subject] = seen
        else:
            over.add(seen.subject)
    raised: list[Observation] = []
    for subject, one in speaking.items():
        known = states.get(subject)
        may = known is None or (
            not known.is_open
            and day >= known.raised_on + timedelta(days=cool_down_days)
            and day > known.raised_on
        )
        if may and subject not in over:
            raised.append(one)
            states[subject] = Standing(day, is_open=True)
    cleared = sorted(subject for subject in over if subject in states and states[subject].is_open)
    states.update({subject: Standing(states[subject].raised_on, is_open=False) for subject in cleared})
    return Judged(tuple(raised), tuple(cleared), states)
