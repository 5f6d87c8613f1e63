"""Which accounts are scored, and by which scorecard: the first profile that fits, else the general one."""

from collections.abc import Iterator

import polars as pl

from engage_health_score.config import HealthScoreConfig, Profile, Scorecard

GENERAL = ""
"""The key of the scorecard that is no profile."""


def cards(config: HealthScoreConfig) -> list[tuple[str, Scorecard]]:
    """Every scorecard of the configuration with its key, in the order in which they are tried."""
    return [*((profile.key, profile) for profile in config.profiles), (GENERAL, config)]


def accounts_by_card(
    config: HealthScoreConfig, accounts: pl.DataFrame, history: pl.DataFrame | None
) -> Iterator[tuple[str, Scorecard, pl.DataFrame]]:
    """Each scorecard with the accounts that it scores; each account of the configured stages is in one frame a day.

    Args:
        config: whose scorecards.
        accounts: rows of Accounts, those of each computed day with the day ``on``.
        history: rows of AccountHistory, likewise; needed where a profile goes by a trait.
    """
    left = accounts.filter(pl.col("stage").is_in(config.stages))
    for key, card in cards(config):
        if isinstance(card, Profile):
            fitting = _of_profile(card, left, history)
            yield key, card, fitting
            left = left.join(fitting, on=["on", "account"], how="anti")
        else:
            yield key, card, left


def _of_profile(profile: Profile, accounts: pl.DataFrame, history: pl.DataFrame | None) -> pl.DataFrame:
    fitting = accounts
    if profile.stages:
        fitting = fitting.filter(pl.col("stage").is_in(profile.stages))
    if profile.plans:
        fitting = fitting.filter(pl.col("plan").is_in(profile.plans))
    if profile.trait is not None and history is not None:
        held = history.filter(
            pl.col("attribute") == f"traits.{profile.trait.name}",
            pl.col("value").is_in(profile.trait.any_of),
            pl.col("first").is_null() | (pl.col("first") <= pl.col("on")),
            pl.col("until").is_null() | (pl.col("until") > pl.col("on")),
        )
        fitting = fitting.join(held, on=["on", "account"], how="semi")
    return fitting
