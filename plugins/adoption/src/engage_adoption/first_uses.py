"""How long new persons take to the first use of a feature, those who have not used it included."""

from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Annotated

import polars as pl

from engage_adoption.config import AdoptionConfig
from engage_adoption.rows import Answers, Rows
from engage_server.sdk import Answer, Contribution, FirstUses, InputSpec, Interval, feature
from engage_server.sdk.survival import Survival, kaplan_meier


@dataclass(frozen=True, slots=True)
class Waiting:
    """Who used the feature, and who still waits."""

    persons: Annotated[int, "New persons who could use it."]
    users: Annotated[int, "Of them, those who have used it."]
    waiting: Annotated[int, "Those who have not: censored, and counted for as long as they were seen."]
    share_reached: Annotated[float, "Users / persons, 0 to 1."]
    p90_days: Annotated[float | None, "Days by which 90 % have used it; null: not reached."]
    reached_in_7_days: Annotated[float, "Estimated share, 0 to 1."]
    reached_in_30_days: Annotated[float, "Estimated share, 0 to 1."]


def inputs(config: AdoptionConfig) -> dict[str, InputSpec] | None:
    """First uses by new persons; off where none are asked about."""
    return {"first_uses": FirstUses(days=config.new_users_days)} if config.new_users_days else None


def time_to_adopt(rows: Rows) -> Answers:
    """Per feature: the median days from when a new person could use it to the first use, by Kaplan-Meier."""
    summed = rows["first_uses"].group_by("feature", "days", "used").agg(pl.col("persons").sum())
    ordered = (
        summed.filter(pl.col("persons") > 0)
        .sort("feature", "days")
        .select("feature", "days", "used", "persons")
    )
    for id, counts in groupby(ordered.iter_rows(), key=itemgetter(0)):
        reached: dict[float, int] = {}
        censored: dict[float, int] = {}
        for _, days, used, number in counts:
            (reached if used else censored)[float(days)] = number
        users, waiting = sum(reached.values()), sum(censored.values())
        if not users + waiting:
            continue
        curve = kaplan_meier(reached, censored)
        median = curve.time_of(0.5)
        details = Waiting(
            users + waiting,
            users,
            waiting,
            users / (users + waiting),
            curve.time_of(0.9),
            curve.reached_by(7),
            curve.reached_by(30),
        )
        parts = (
            Contribution("users", "Have used it", users, points=median, n=users),
            Contribution("waiting", "Have not used it yet", waiting, points=0, n=waiting),
        )
        answer = Answer(
            median,
            n=users + waiting,
            details=details,
            parts=parts if median is not None else (),
            interval=_interval(curve),
        )
        yield feature(id), answer


def _interval(curve: Survival) -> Interval | None:
    """Of the median; None where it has no upper end."""
    bounds = curve.bounds_of(0.5)
    if bounds is None or bounds[1] is None or curve.time_of(0.5) is None:
        return None
    return Interval(bounds[0], bounds[1], 0.95, "Brookmeyer-Crowley")
