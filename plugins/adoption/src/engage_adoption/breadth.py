"""How widely the features in use are used: the list of features, which for each segment is a row of a matrix."""

from dataclasses import dataclass
from typing import Annotated

import polars as pl

from engage_adoption.rows import Rows
from engage_server.sdk import Answer, Contribution
from engage_server.sdk.intervals import wilson


@dataclass(frozen=True, slots=True)
class FeatureShare:
    """One feature in use."""

    name: Annotated[str, "Of the feature."]
    users: Annotated[int, "Active persons who used it."]
    share: Annotated[float, "Users / active persons, 0 to 1."]
    low: Annotated[float, "Lower end of Wilson's interval of the share."]
    high: Annotated[float, "Upper end."]


@dataclass(frozen=True, slots=True)
class Breadth:
    """The features in use, the widest used first."""

    active_users: Annotated[int, "Active persons, whatever they used."]
    features_in_use: Annotated[int, "Features that anybody used."]
    features_per_user: Annotated[float, "Mean over the active persons."]
    features: Annotated[tuple[FeatureShare, ...], "As many as the configuration lists."]


def breadth(rows: Rows) -> Answer | None:
    """The mean share of the features in use that an active person used."""
    active = rows["active"].select("person").drop_nulls().unique()
    users = (
        rows["uses"]
        .join(active, on="person", how="semi")
        .group_by("feature")
        .agg(name=pl.col("feature_name").min(), users=pl.col("person").n_unique())
        .sort("users", "feature", descending=[True, False])
    )
    persons = active.height
    if not persons or users.is_empty():
        return None
    whole = persons * users.height
    listed = users.head(rows.config.listed_features)
    used = sum(users["users"].to_list())
    rest = used - sum(listed["users"].to_list())
    parts = [
        Contribution(f"feature_{id}", name, 100 * number / persons, points=100 * number / whole, n=number)
        for id, name, number in listed.iter_rows()
    ]
    if rest:
        parts.append(Contribution("others", "All others", rest, points=100 * rest / whole, n=rest))
    return Answer(
        100 * used / whole,
        n=persons,
        details=Breadth(
            persons,
            users.height,
            used / persons,
            tuple(_share(name, number, persons) for _, name, number in listed.iter_rows()),
        ),
        parts=tuple(parts),
    )


def _share(name: str, users: int, persons: int) -> FeatureShare:
    interval = wilson(users, persons, scale=1)
    low, high = (float(interval.low), float(interval.high)) if interval else (0.0, 1.0)
    return FeatureShare(name, users, users / persons, low, high)
