"""Measurements from frames: the health of every account, and the quality of the portfolio."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from math import fsum

import polars as pl

from engage_health_score.components import Part, parts_by_account, without_value
from engage_health_score.config import Band, Component, HealthScoreConfig, Model
from engage_health_score.scoring import Score, scorer
from engage_server.sdk import TENANT, Contribution, Measurement, Status, absent, account

QUALITY = {Band.GREEN: 100, Band.YELLOW: 60, Band.RED: 40}
"""Totango's portfolio quality: what an account of each band is worth."""


def measurements(
    *, values: pl.DataFrame, accounts: pl.DataFrame, config: HealthScoreConfig, day: date
) -> Iterator[Measurement]:
    """One score per account of the configured stages, unknown ones included, then the portfolio's quality.

    Args:
        values: rows of MetricValues for the components' metrics.
        accounts: rows of Accounts. Those of another stage (who left, who is no customer yet) are absent.
        config: the tenant's configuration.
        day: the computed day.
    """
    scored = accounts.filter(pl.col("stage").is_in(config.stages))
    by_component = {
        component.key: parts_by_account(component, values=values, accounts=scored, day=day)
        for component in config.components
    }
    without = {component.key: without_value(component) for component in config.components}
    score_of = scorer(config)
    bands = dict.fromkeys(Band, 0)
    for subject in scored["account"]:
        parts = {key: found.get(subject, without[key]) for key, found in by_component.items()}
        score = score_of({key: part.score for key, part in parts.items()})
        bands[score.band] += 1
        yield score_measurement(subject, score=score, parts=parts, config=config)
    yield portfolio_measurement(bands)
    for subject in sorted(set(accounts["account"]) - set(scored["account"])):
        yield absent("score", account(subject))


def score_measurement(
    subject: int, *, score: Score, parts: Mapping[str, Part], config: HealthScoreConfig
) -> Measurement:
    """The measurement of one account: score, contributions that add up to it, and what drags it down."""
    contributions = [_contribution(c, score=score, part=parts[c.key]) for c in config.components]
    return Measurement(
        metric="score",
        subject=account(subject),
        value=score.value,
        n=sum(part.score is not None for part in parts.values()),
        status=Status.NO_DATA if score.value is None else Status.OK,
        contributions=(*contributions, *_cap_contribution(score, config)),
        details={
            "band": score.band,
            "rounded": None if score.value is None else round_half_up(score.value),
            "before_caps": score.before_caps,
            "coverage": score.coverage,
            "model": config.model,
            "missing_mode": config.missing,
            "driver": biggest_drag(score),
            "components": [{"key": key, "raw": part.raw} for key, part in parts.items()],
            "groups": _group_scores(score, config),
        },
    )


def portfolio_measurement(bands: Mapping[Band, int]) -> Measurement:
    """The mean worth of the accounts whose band is known: green 100, yellow 60, red 40."""
    known = sum(bands[band] for band in QUALITY)
    total = sum(QUALITY[band] * bands[band] for band in QUALITY)
    return Measurement(
        metric="portfolio_quality",
        subject=TENANT,
        value=total / known if known else None,
        n=known,
        status=Status.OK if known else Status.NO_DATA,
        contributions=tuple(
            Contribution(
                key=band.lower(),
                label=band.capitalize(),
                value=worth,
                weight=bands[band] / known if known else None,
                points=worth * bands[band] / known if known else None,
                n=bands[band],
            )
            for band, worth in QUALITY.items()
        ),
        details={band.lower(): bands[band] for band in Band},
    )


def round_half_up(score: float) -> int:
    """The score as people see it. Rounded once, here; nothing is computed from it."""
    return int(Decimal(repr(score)).quantize(Decimal(1), ROUND_HALF_UP))


def biggest_drag(score: Score) -> str | None:
    """Key of the component that costs most points, its cap included; null where none costs any."""
    losses = {key: weight * (100 - score.counted[key]) for key, weight in score.weights.items()}
    if score.cap is not None and score.value is not None and score.before_caps is not None:
        losses[score.cap.component] += score.before_caps - score.value
    costly = [key for key, loss in losses.items() if loss > 0]
    return max(sorted(costly), key=losses.__getitem__, default=None)


def _contribution(component: Component, *, score: Score, part: Part) -> Contribution:
    share = score.weights.get(component.key, 0.0)
    counted = score.counted.get(component.key, 0.0)
    filled = part.score is None and component.key in score.counted
    known = score.value is not None
    return Contribution(
        key=component.key,
        label=component.label,
        value=part.score,
        weight=share if known else None,
        points=share * counted if known else None,
        n=part.n,
        note=f"{part.note}; counts as {counted:g}" if filled else part.note,
    )


def _cap_contribution(score: Score, config: HealthScoreConfig) -> tuple[Contribution, ...]:
    cap = score.cap
    if cap is None or score.value is None or score.before_caps is None:
        return ()
    label = next(component.label for component in config.components if component.key == cap.component)
    return (
        Contribution(
            key=f"cap.{cap.component}",
            label=f"Cap: {label}",
            value=cap.at_most,
            points=score.value - score.before_caps,
            note=f"capped at {cap.at_most:g}: {label} scores below {cap.below:g}",
        ),
    )


def _group_scores(score: Score, config: HealthScoreConfig) -> list[dict[str, str | float | None]]:
    """The middle level: the weighted score of each group, null where nothing of it counts."""
    if config.model is not Model.WEIGHTED:
        return []
    members: dict[str, list[str]] = {}
    for component in config.components:
        members.setdefault(component.group, []).append(component.key)
    return [{"group": group, "score": _mean(score, keys)} for group, keys in members.items()]


def _mean(score: Score, keys: list[str]) -> float | None:
    counting = [key for key in keys if key in score.weights]
    if not counting:
        return None
    total = fsum(score.weights[key] * score.counted[key] for key in counting)
    return total / fsum(score.weights[key] for key in counting)
