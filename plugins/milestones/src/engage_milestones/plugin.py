"""Milestones of accounts: how near each is to a number of events since ever, and how many have passed it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil
from typing import Annotated, Final

from engage_milestones import card
from engage_milestones.config import MilestonesConfig
from engage_server.sdk import (
    Accounts,
    Answer,
    Computation,
    Contribution,
    EventTotals,
    InputSpec,
    Plugin,
    Sample,
    Subject,
    account,
    catalogues_beside,
)
from engage_server.sdk.cohorts import percent

plugin = Plugin(
    "milestones",
    sdk=">=2,<3",
    config=MilestonesConfig,
    title={"en": "Milestones", "ko": "마일스톤"},
    starter=False,
    owner="Engage maintainers",
    licence="Apache-2.0",
    catalogues=catalogues_beside("engage_milestones"),
)
Rows = Computation[MilestonesConfig]
ALL_COUNTED: Final = "Everything is counted; there is no sample."
FARTHEST: Final = timedelta(days=3660)
"""A pace that needs longer foretells nothing."""


@dataclass(frozen=True, slots=True)
class Level:
    """One of the numbers."""

    events: Annotated[int, "The number."]
    reached_on: Annotated[date | None, "Day on which the account passed it; null while it has not."]


@dataclass(frozen=True, slots=True)
class MilestoneProgress:
    """How near an account is."""

    events: Annotated[int, "Events since ever."]
    top_level: Annotated[int, "The last level, towards which progress is measured."]
    remaining: Annotated[int, "Events that are lacking."]
    next_level: Annotated[int | None, "The next level; null once all are passed."]
    reached_on: Annotated[date | None, "Day on which the last level was passed."]
    expected_on: Annotated[
        date | None, "Day on which the last level is passed if the account goes on as since its first event."
    ]
    levels: Annotated[tuple[Level, ...], "All levels, lowest first."]


@dataclass(frozen=True, slots=True)
class MilestoneReach:
    """How many accounts have passed it."""

    accounts: Annotated[int, "All accounts."]
    reached: Annotated[int, "Have passed the last level."]
    near: Annotated[int, "Have not, but are past four fifths of it."]
    reached_today: Annotated[int, "Passed it on this day."]


def inputs(config: MilestonesConfig) -> dict[str, InputSpec]:
    """The event's number per account since ever, and when each level was passed."""
    return {"totals": EventTotals(tuple((config.event, level) for level in config.levels))}


@plugin.metric(
    "progress",
    title={"en": "Progress to the milestone", "ko": "마일스톤 진행률"},
    unit="%",
    subjects=("account",),
    card=card.PROGRESS,
    details=MilestoneProgress,
    inputs=inputs,
    of_all=True,
    category="adoption",
    sample=Sample.THINGS,
    no_interval=ALL_COUNTED,
)
def progress(rows: Rows) -> Iterator[tuple[Subject, Answer]]:
    """Per account, whether it did anything or not: events since ever / the last level, at most 100."""
    for id, found in rows.once(follow).items():
        share = 100.0 if not found.remaining else percent(found.events, found.top_level)
        part = Contribution("events", "Events since ever", found.events, points=share, n=found.events)
        yield account(id), Answer(share, n=found.events, details=found, parts=(part,))


@plugin.metric(
    "reached",
    title={"en": "Accounts past the milestone", "ko": "마일스톤 달성 계정"},
    unit="%",
    subjects=("tenant",),
    card=card.REACHED,
    details=MilestoneReach,
    inputs=lambda config: {**inputs(config), "accounts": Accounts()},
    category="adoption",
    sample=Sample.THINGS,
    no_interval=ALL_COUNTED,
)
def reached(rows: Rows) -> Answer:
    """Accounts past the last level / all accounts."""
    found = list(rows.once(follow).values())
    passed = [one for one in found if not one.remaining]
    details = MilestoneReach(
        accounts=len(found),
        reached=len(passed),
        near=sum(1 for one in found if one.remaining and 5 * one.events > 4 * one.top_level),
        reached_today=sum(1 for one in passed if one.reached_on == rows.day),
    )
    value = percent(len(passed), len(found))
    labels = (("reached", "Past it", len(passed), value), ("below", "Not yet", len(found) - len(passed), 0))
    parts = tuple(
        Contribution(key, label, number, points=points, n=number) for key, label, number, points in labels
    )
    return Answer(value, n=len(found), details=details, parts=parts if found else ())


def follow(rows: Rows) -> dict[int, MilestoneProgress]:
    """How near each account is, by its id in order."""
    levels = rows.config.levels
    seen: dict[int, tuple[int, date | None, dict[int, date]]] = {}
    ordered = rows["totals"].drop_nulls("account").sort("account", "milestone")
    for id, place, count, first_on, reached_on in ordered.select(
        "account", "milestone", "count", "first_on", "reached_on"
    ).iter_rows():
        _, _, passed = seen.setdefault(id, (count or 0, first_on, {}))
        if reached_on is not None and 1 <= place <= len(levels):
            passed[levels[place - 1]] = reached_on
    ids = sorted({*seen, *rows["accounts"]["account"].drop_nulls().to_list()})
    return {id: _progress(*seen.get(id, (0, None, {})), levels, rows.day) for id in ids}


def _progress(
    events: int, first_on: date | None, passed: dict[int, date], levels: tuple[int, ...], day: date
) -> MilestoneProgress:
    top_level = levels[-1]
    remaining = max(0, top_level - events)
    return MilestoneProgress(
        events=events,
        top_level=top_level,
        remaining=remaining,
        next_level=next((level for level in levels if events < level), None),
        reached_on=passed.get(top_level),
        expected_on=_expected(events, remaining, first_on, day) if remaining else None,
        levels=tuple(Level(level, passed.get(level)) for level in levels),
    )


def _expected(events: int, remaining: int, first_on: date | None, day: date) -> date | None:
    """The day on which the rest is done at the pace since the first event; None where that says nothing."""
    if not events or first_on is None or first_on > day:
        return None
    days = ceil(remaining * ((day - first_on).days + 1) / events)
    return day + timedelta(days=days) if timedelta(days=days) <= FARTHEST else None
