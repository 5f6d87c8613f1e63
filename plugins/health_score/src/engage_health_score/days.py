"""The scores of many days at once, for comparisons: values and bands alone, as columns."""

import polars as pl

from engage_health_score.components import rows_of
from engage_health_score.config import Band, Bands, HealthScoreConfig, Scorecard
from engage_health_score.profiles import accounts_by_card
from engage_health_score.scoring import scorer
from engage_server.sdk import Days

KEY = ["on", "account"]


def scores_of_days(rows: Days[HealthScoreConfig]) -> pl.DataFrame:
    """The score in force and its band of each account of the configured stages and day."""
    scored = [
        _in_force(_computed(card, accounts, rows["values"]), rows["overrides"], card.bands)
        for _, card, accounts in accounts_by_card(rows.config, rows["accounts"], rows.inputs.get("history"))
    ]
    return pl.concat(scored).select(
        "on", pl.lit("account").alias("kind"), pl.col("account").alias("subject"), "value", "band"
    )


def _computed(card: Scorecard, accounts: pl.DataFrame, values: pl.DataFrame) -> pl.DataFrame:
    """The accounts with what the card makes of their components: the column ``computed``."""
    known = accounts.select(KEY)
    keys = {component.key: f"score of {component.key}" for component in card.components}
    for component in card.components:
        rows = rows_of(component, values=values, accounts=accounts).unique(
            KEY, keep="last", maintain_order=True
        )
        known = known.join(rows.select(*KEY, pl.col("score").alias(keys[component.key])), on=KEY, how="left")
    # Who has the same parts has the same score, which is exact and so no expression: it is made once for all of them.
    alike = known.group_by(keys.values()).agg(KEY)
    score_of = scorer(card)
    scores = alike.select(keys.values()).iter_rows()
    computed = [score_of(dict(zip(keys, of_parts, strict=True))).value for of_parts in scores]
    return alike.select(pl.Series("computed", computed, pl.Float64), *KEY).explode(KEY)


def _in_force(computed: pl.DataFrame, overrides: pl.DataFrame, bands: Bands) -> pl.DataFrame:
    """The same with the overrides that hold, in ``value``, and the band of that."""
    own, set_to = pl.col("computed"), pl.col("value").clip(0.0, 100.0)
    holds = ~pl.col("only_lower") | (own.is_not_null() & (set_to < own))
    known = computed.join(overrides.select(*KEY, "value", "only_lower"), on=KEY, how="left")
    value = pl.when(pl.col("only_lower").is_not_null() & holds).then(set_to).otherwise(own)
    return known.with_columns(value=value).with_columns(band=_band(bands))


def _band(bands: Bands) -> pl.Expr:
    value = pl.col("value")
    known = (
        pl.when(value < bands.yellow_from)
        .then(pl.lit(Band.RED.name))
        .when(value < bands.green_from)
        .then(pl.lit(Band.YELLOW.name))
        .otherwise(pl.lit(Band.GREEN.name))
    )
    return pl.when(value.is_null()).then(pl.lit(Band.UNKNOWN.name)).otherwise(known)
