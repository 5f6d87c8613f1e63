"""The score of every account of the configured stages, by its profile and with its override; and what it is worth."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import polars as pl

from engage_health_score.answers import Scored
from engage_health_score.components import Part, parts_by_account, without_value
from engage_health_score.config import HealthScoreConfig, Scorecard
from engage_health_score.details import ManualOverride
from engage_health_score.profiles import accounts_by_card
from engage_health_score.scoring import scorer
from engage_server.sdk import Computation

Rows = Computation[HealthScoreConfig]


def scored_accounts(rows: Rows) -> Mapping[int, Scored]:
    """The score of each account of the configured stages; others are absent."""
    overrides = {row["account"]: row for row in rows["overrides"].iter_rows(named=True)}
    on = pl.lit(rows.day).alias("on")
    history = rows["history"].with_columns(on) if "history" in rows.inputs else None
    values = rows["values"].with_columns(on)
    return {
        id: one if id not in overrides else replace(one, override=_override(overrides[id], one.score.value))
        for profile, card, accounts in accounts_by_card(
            rows.config, rows["accounts"].with_columns(on), history
        )
        for id, one in _scored(rows, profile, card, accounts, values)
    }


def worth_by_account(rows: Rows) -> dict[int, float]:
    """What each account is worth, by the configured metric's newest value; who has none is not there."""
    of_metric = rows["values"].filter(
        pl.col("metric") == rows.config.value_metric, pl.col("value").is_not_null()
    )
    return {id: max(0.0, value) for id, value in of_metric.select("subject", "value").iter_rows()}


def _scored(
    rows: Rows, profile: str, card: Scorecard, accounts: pl.DataFrame, values: pl.DataFrame
) -> Iterator[tuple[int, Scored]]:
    """Each account's score without its override; accounts of the same parts have the same one."""
    found = {
        component.key: parts_by_account(component, values=values, accounts=accounts, day=rows.day)
        for component in card.components
    }
    without = {component.key: without_value(component) for component in card.components}
    score_of = scorer(card)

    def score(parts: Mapping[str, Part]) -> Scored:
        return Scored(
            score_of({key: part.score for key, part in parts.items()}),
            parts,
            card,
            profile,
            smallest_sample=min(
                (part.n for part in parts.values() if part.score is not None and part.n), default=None
            ),
        )

    for id in accounts["account"]:
        parts = {key: of_account.get(id, without[key]) for key, of_account in found.items()}
        yield id, rows.alike(("scored", profile, *parts.values()), partial(score, parts))


def _override(row: Mapping[str, Any], computed: float | None) -> ManualOverride:
    value, only_lower = min(100.0, max(0.0, row["value"])), row["only_lower"]
    return ManualOverride(
        value=value,
        only_lower=only_lower,
        # What may only lower says nothing of a score that is not known.
        holds=not only_lower or (computed is not None and value < computed),
        reason=row["reason"],
        author=row["author"],
        ends_on=row["ends_on"],
    )
