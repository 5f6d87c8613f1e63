"""Which accounts are scored, and by which scorecard: the first profile that fits, else the general one."""

from collections.abc import Iterator

import polars as pl

from engage_health_score.config import HealthScoreConfig, Profile, Scorecard
from engage_server.sdk import Computation

GENERAL = ""
"""The key of the scorecard that is no profile."""


def cards(config: HealthScoreConfig) -> list[tuple[str, Scorecard]]:
    """Every scorecard of the configuration with its key, in the order in which they are tried."""
    return [*((profile.key, profile) for profile in config.profiles), (GENERAL, config)]


def accounts_by_card(
    rows: Computation[HealthScoreConfig],
) -> Iterator[tuple[str, Scorecard, pl.DataFrame]]:
    """Each scorecard with the accounts that it scores; each account of the configured stages is in one frame."""
    left = rows["accounts"].filter(pl.col("stage").is_in(rows.config.stages))
    for key, card in cards(rows.config):
        if isinstance(card, Profile):
            ids = _of_profile(card, left, rows)["account"]
            yield key, card, left.filter(pl.col("account").is_in(ids.implode()))
            left = left.filter(~pl.col("account").is_in(ids.implode()))
        else:
            yield key, card, left


def _of_profile(
    profile: Profile, accounts: pl.DataFrame, rows: Computation[HealthScoreConfig]
) -> pl.DataFrame:
    fitting = accounts
    if profile.stages:
        fitting = fitting.filter(pl.col("stage").is_in(profile.stages))
    if profile.plans:
        fitting = fitting.filter(pl.col("plan").is_in(profile.plans))
    if profile.trait is not None:
        held = rows["history"].filter(
            pl.col("attribute") == f"traits.{profile.trait.name}",
            pl.col("value").is_in(profile.trait.any_of),
            pl.col("first").is_null() | (pl.col("first") <= rows.day),
            pl.col("until").is_null() | (pl.col("until") > rows.day),
        )
        fitting = fitting.join(held, on="account", how="semi")
    return fitting
