"""The three components, each 0 to 100, of the tenant (key None) and of accounts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import polars as pl

from engage_pes.config import PesConfig, Variant
from engage_server.sdk import Computation
from engage_server.sdk.rolling import rolling_ratios

Rows = Computation[PesConfig]
Values = Mapping[int | None, float]
MONTH: Final = 30


@dataclass(frozen=True, slots=True)
class Movement:
    """Who was active in both windows, only in this one, or only in the one before."""

    stayed: int = 0
    gained: int = 0
    dropped: int = 0


def adoption(rows: Rows) -> tuple[Values, int]:
    """The mean share of the core features that an active person used, and how many are core."""
    uses = rows["uses"].drop_nulls(["person", "feature_name"])
    core = rows.config.core_features
    used = uses.filter(pl.col("feature_name").is_in(core)) if core else uses
    number = len(set(core)) if core else used["feature_name"].n_unique()
    active = _window(rows).select("person", "account").drop_nulls("person").unique()
    if not number:
        return {}, 0
    values: dict[int | None, float] = {}
    of_person = used.select("person", "feature_name").unique().group_by("person").agg(used=pl.len())
    whole = active.select("person").unique().join(of_person, on="person", how="left")
    if whole.height:
        values[None] = 100 * int(whole["used"].sum()) / (whole.height * number)
    keys = ["account", "person"]
    of_both = used.select(*keys, "feature_name").drop_nulls().unique().group_by(keys).agg(used=pl.len())
    shares = active.drop_nulls().join(of_both, on=keys, how="left").group_by("account")
    sums = shares.agg(used=pl.col("used").sum(), persons=pl.len())
    return values | {id: 100 * total / (persons * number) for id, total, persons in sums.iter_rows()}, number


def stickiness(rows: Rows) -> Values:
    """The mean of the days' DAU / MAU over the window; days without anybody in their month have none."""
    first = rows.day - timedelta(days=rows.config.window_days - 1)
    values: dict[int | None, float] = {}
    for by in ((), ("account",)):
        ratios = rolling_ratios(rows["active"], first=first, last=rows.day, short=1, long=MONTH, by=by)
        keyed = ratios if by else ratios.with_columns(account=pl.lit(None, pl.Int64))
        means = keyed.group_by("account", maintain_order=True).agg(
            (pl.col("numerator") / pl.col("denominator")).mean()
        )
        values |= {id: 100 * mean for id, mean in means.iter_rows()}
    return values


def movements(rows: Rows) -> Mapping[int | None, Movement]:
    """Who stayed, was gained (new or recovered) and dropped against the window before."""
    start = rows.day - timedelta(days=rows.config.window_days - 1)
    before = start - timedelta(days=rows.config.window_days)
    inside = rows["active"].filter(pl.col("day") >= before)
    whole = "account" if rows.config.growth_of == "accounts" else "person"
    of_tenant = inside.select(one=whole, account=pl.lit(None, pl.Int64), day="day").drop_nulls("one")
    of_accounts = inside.select(one="person", account="account", day="day").drop_nulls()
    now = pl.col("day") >= start
    ones = (
        pl.concat([of_tenant, of_accounts]).group_by("account", "one").agg(now=now.any(), before=(~now).any())
    )
    table = ones.group_by("account").agg(
        stayed=(pl.col("now") & pl.col("before")).sum(),
        gained=(pl.col("now") & ~pl.col("before")).sum(),
        dropped=(~pl.col("now")).sum(),
    )
    return {id: Movement(*counts) for id, *counts in table.iter_rows()}


def growth(found: Movement, variant: Variant) -> float | None:
    """The third component; null where its denominator is 0."""
    part, whole = {
        "share": (found.gained, found.gained + found.dropped),
        "ratio": (found.gained, found.dropped),
        "retention_2019": (found.stayed, found.stayed + found.dropped),
    }[variant]
    return min(100.0, 100 * part / whole) if whole else None


def persons(rows: Rows) -> Mapping[int | None, int]:
    """Active persons of the window."""
    active = _window(rows).drop_nulls("person")
    by_account = active.drop_nulls().group_by("account").agg(pl.col("person").n_unique())
    counts: dict[int | None, int] = dict(by_account.iter_rows())
    return counts | {None: active["person"].n_unique()}


def _window(rows: Rows) -> pl.DataFrame:
    return rows["active"].filter(pl.col("day") > rows.day - timedelta(days=rows.config.window_days))
