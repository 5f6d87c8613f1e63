"""Engagement scores of the tenant and its accounts, the place among peers, and four measures in one score."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import fsum
from typing import Annotated, Any, Final

import polars as pl

from engage_engagement import card, four_measures
from engage_engagement.config import EngagementConfig
from engage_engagement.peers import compared, score_places
from engage_engagement.points import EventPoints, by_account, parts, together
from engage_server.sdk import (
    TENANT,
    Accounts,
    ActiveDays,
    ActiveMinutes,
    ActivePersons,
    Answer,
    Computation,
    InputSpec,
    Plugin,
    Seats,
    Subject,
    account,
    catalogues_beside,
)

plugin = Plugin(
    "engagement",
    sdk=">=2,<3",
    config=EngagementConfig,
    title={"en": "Engagement", "ko": "참여도"},
    starter=False,
    owner="Engage maintainers",
    licence="Apache-2.0",
    catalogues=catalogues_beside("engage_engagement"),
)
Rows = Computation[EngagementConfig]
Answers = Iterator[tuple[Subject, Answer]]
POINTS: Final = {"en": "points", "ko": "점"}
ALL_COUNTED: Final = "All events are counted; there is no sample."


@dataclass(frozen=True, slots=True)
class Score:
    """What a score is made of."""

    events: Annotated[int, "Events of the window, before caps."]
    counted_events: Annotated[float, "What is left of them after caps and ageing."]
    positive_points: Annotated[float, "Points of events that count above zero."]
    negative_points: Annotated[float, "Points of events that count below zero: 0 or less."]
    active_persons: Annotated[int, "Persons active in the window."]
    rank: Annotated[
        int | None, "Place among all accounts, 1 for the highest; equal scores share it; null for the tenant."
    ]
    decay: Annotated[str, "hard_window, half_life or per_period."]


@dataclass(frozen=True, slots=True)
class Place:
    """An account among its peers."""

    actions_per_day: Annotated[float, "Mean over the days observed."]
    points_per_day: Annotated[float, "Their points, likewise."]
    observed_days: Annotated[int, "The window, or the account's own age."]
    peers: Annotated[int, "Accounts of the group, itself among them."]
    peer_group: Annotated[str, "The stage (or plan) that they share; empty for none."]


@dataclass(frozen=True, slots=True)
class FourMeasures:
    """The four measures as they are, without ranks."""

    frequency: Annotated[float, "Active days among those observed, in per cent."]
    time: Annotated[float, "Active minutes a day per active person."]
    active_users: Annotated[float, "Active persons."]
    licenses: Annotated[
        float | None, "Active persons per seat in per cent, at most 100; null without a number of seats."
    ]
    coverage: Annotated[float, "Share of the weights whose measures are known, 0 to 1."]
    observed_days: Annotated[int, "The window, or the account's own age."]
    peer_group: Annotated[str, "The stage (or plan) of the accounts compared; empty for none."]


@plugin.metric(
    "score",
    title={"en": "Engagement score", "ko": "참여 점수"},
    unit=POINTS,
    card=card.SCORE,
    details=Score,
    inputs=lambda config: {
        "events": config.weighted_events(config.window_days),
        "persons": ActivePersons(days=config.window_days),
    },
    of_all=True,
    no_interval=ALL_COUNTED,
)
def scores(rows: Rows) -> Answers:
    """The sum of weight x events, of the tenant and of each account."""
    groups = dict(by_account(rows["events"], rows.config))
    known = rows["persons"].drop_nulls("person")
    persons = dict(known.drop_nulls().group_by("account").agg(pl.col("person").n_unique()).iter_rows())
    if groups:
        everybody = known["person"].n_unique()
        yield TENANT, _score(together(list(groups.values())), everybody, rows.config)
    ids = sorted(
        {*rows["accounts"]["account"].drop_nulls(), *(id for id in groups if id is not None), *persons}
    )
    totals = {id: fsum(one.points for one in groups.get(id, ())) for id in ids}
    ranks, places = _ranks(list(totals.values())), score_places(rows, totals)
    for id in ids:
        events, active = groups.get(id, []), persons.get(id, 0)
        yield (
            account(id),
            _score(events, active, rows.config, rank=ranks[totals[id]], place=places.get(id)),
        )


def _ranks(totals: Sequence[float]) -> dict[float, int]:
    """The rank of each score: one more than there are higher ones."""
    ranks: dict[float, int] = {}
    for place, total in enumerate(sorted(totals, reverse=True), 1):
        ranks.setdefault(total, place)
    return ranks


def _score(
    events: Sequence[EventPoints],
    persons: int,
    config: EngagementConfig,
    *,
    rank: int | None = None,
    place: float | None = None,
) -> Answer:
    points = [one.points for one in events]
    details = Score(
        events=sum(one.count for one in events),
        counted_events=fsum(one.counted for one in events),
        positive_points=fsum(one for one in points if one > 0),
        negative_points=fsum(one for one in points if one < 0),
        active_persons=persons,
        rank=rank,
        decay=config.decay,
    )
    found = parts(events, config.named_parts)
    return Answer(fsum(points), n=persons, details=details, parts=found, normalised=place)


def of_peers(config: EngagementConfig) -> dict[str, InputSpec]:
    """The accounts and their active days."""
    return {"active": ActiveDays(days=config.peer_days), "accounts": Accounts()}


@plugin.metric(
    "peer_percentile",
    title={"en": "Engagement among peers", "ko": "동종 그룹 내 참여도"},
    unit={"en": "percentile", "ko": "백분위"},
    subjects=("account",),
    card=card.PERCENTILE,
    details=Place,
    inputs=lambda config: {**of_peers(config), "actions": config.weighted_events(config.peer_days)},
    of_all=True,
    no_interval="All accounts are ranked; there is no sample.",
)
def peer_percentiles(rows: Rows) -> Answers:
    """The percentile of each account among those of its stage or plan."""
    for row in compared(rows).iter_rows(named=True):
        details = Place(row["actions"], row["points"], row["observed"], row["size"], row["peers"])
        value = row["percentile"]
        yield (
            account(row["account"]),
            Answer(value, n=row["persons"], details=details, normalised=value, window_days=row["observed"]),
        )


@plugin.metric(
    "four_measures",
    title={"en": "Score of four measures", "ko": "4대 지표 종합 점수"},
    unit=POINTS,
    subjects=("account",),
    card=card.FOUR,
    details=FourMeasures,
    inputs=lambda config: {
        **of_peers(config),
        "minutes": ActiveMinutes(days=config.peer_days),
        "seats": Seats(),
    },
    of_all=True,
    no_interval="All accounts are ranked; there is no sample.",
)
def four_measure_scores(rows: Rows) -> Answers:
    """Frequency, time, active users and licences as one comparable score."""
    for row in four_measures.measured(rows).iter_rows(named=True):
        value, coverage, found = four_measures.score(row, rows.config)
        yield (
            account(row["account"]),
            Answer(
                value,
                n=row["persons"],
                details=_four(row, coverage),
                parts=found,
                normalised=value,
                window_days=row["observed"],
            ),
        )


def _four(row: dict[str, Any], coverage: float) -> FourMeasures:
    own = {name: row[name] for name in four_measures.LABELS}
    return FourMeasures(**own, coverage=coverage, observed_days=row["observed"], peer_group=row["peers"])
