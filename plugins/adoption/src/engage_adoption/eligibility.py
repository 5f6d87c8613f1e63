"""Who could use a feature: everybody active, those whose plan has it, those active since its release."""

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from engage_adoption.config import AdoptionConfig
from engage_adoption.rows import Row, Rows
from engage_server.sdk import FeatureUse


@dataclass(frozen=True, slots=True)
class Eligibility:
    """How many persons could use a feature, and how deeply those of them who did use it."""

    feature: int
    depth: Row
    persons: int
    is_entitled: bool = False


def eligible_persons(rows: Rows) -> pl.DataFrame:
    """Who can adopt a feature that is everybody's: one column ``person``."""
    active = rows["active"].drop_nulls("person")
    if rows.config.eligible == "regular":
        days = active.group_by("person").agg(pl.col("day").n_unique())
        return days.filter(pl.col("day") >= rows.config.regular_days).select("person")
    return active.select("person").unique()


def narrower(rows: Rows, eligible: pl.DataFrame) -> Iterator[Eligibility]:
    """Of the features that not everybody could use in the whole window: that only some plans have, or of a recent release.

    Whoever was active only before the release is in neither part; who was active since counts with all uses of the
    window.
    """
    known = rows["features"].select("feature", "feature_name", "released_on")
    used = rows["uses"].select("feature", "feature_name", released_on=pl.lit(None, pl.Date))
    begin = FeatureUse(days=rows.config.window_days).first_day(rows.day)
    named = pl.concat([known, used]).unique("feature", keep="first", maintain_order=True)
    for id, name, released in named.iter_rows():
        plans = rows.config.entitlements.get(name)
        is_recent = released is not None and released > begin
        if plans is None and not is_recent:
            continue
        active, uses = rows["active"], rows["uses"].filter(pl.col("feature") == id)
        if plans is not None:
            of_plan = rows["plans"].filter(pl.col("plan").is_in(plans))
            active, uses = (frame.join(of_plan, on="account", how="semi") for frame in (active, uses))
        if is_recent:
            active = active.filter(pl.col("day") >= released)
        could = eligible.join(active, on="person", how="semi")
        found = depth_of(uses, could, rows.config).drop("feature").to_dicts()
        depth = found[0] if found else {"users": 0, "adopters": 0, "adopter_uses": 0}
        yield Eligibility(id, depth, could.height, is_entitled=plans is not None)


def depth_of(uses: pl.DataFrame, eligible: pl.DataFrame, config: AdoptionConfig) -> pl.DataFrame:
    """Per feature that they used: the eligible users, the adopters among them, and the adopters' uses."""
    of_persons = uses.join(eligible, on="person", how="semi").group_by("feature", "person")
    enough_uses = pl.col("uses") >= config.adopted_min_uses
    adopted = enough_uses & (pl.col("person_days") >= config.adopted_min_days)
    persons = of_persons.agg(pl.col("uses").sum(), pl.col("person_days").max()).group_by("feature")
    return persons.agg(
        users=pl.len(), adopters=adopted.sum(), adopter_uses=pl.col("uses").filter(adopted).sum()
    )
