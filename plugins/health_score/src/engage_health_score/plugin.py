"""The health of every account from other metrics' values, and the quality of the portfolio."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from math import fsum
from typing import Annotated

import polars as pl

from engage_health_score import card
from engage_health_score.components import Part, parts_by_account, without_value
from engage_health_score.config import Band, Component, HealthScoreConfig, Model
from engage_health_score.scoring import Score, scorer
from engage_server.sdk import (
    TENANT,
    Accounts,
    Answer,
    Computation,
    Contribution,
    InputSpec,
    MetricValues,
    Plugin,
    Sample,
    Subject,
    account,
)

QUALITY = {Band.GREEN: 100, Band.YELLOW: 60, Band.RED: 40}
"""Totango's portfolio quality: what an account of each band is worth."""


def inputs(config: HealthScoreConfig) -> dict[str, InputSpec]:
    """The accounts, and the components' metrics of them."""
    metrics = tuple(sorted({component.metric for component in config.components}))
    oldest = max(component.max_age_days for component in config.components)
    return {"accounts": Accounts(), "values": MetricValues(metrics=metrics, max_age_days=oldest)}


TITLES = {"en": "Customer health score", "ko": "고객 건강 점수"}
POINTS = {"en": "points", "ko": "점"}
plugin = Plugin(
    "health_score",
    sdk=">=2,<3",
    config=HealthScoreConfig,
    title=TITLES,
    inputs=inputs,
    schedule="0 4 * * *",
    owner="Engage maintainers",
    licence="Apache-2.0",
)


@dataclass(frozen=True, slots=True)
class RawValue:
    """A component's metric in its own unit."""

    key: Annotated[str, "That of its contribution."]
    raw: Annotated[float | None, "Null where it is missing."]


@dataclass(frozen=True, slots=True)
class GroupScore:
    """The middle level: the weighted score of a group."""

    group: Annotated[str, "Its name in the configuration."]
    score: Annotated[float | None, "Null where nothing of it counts."]


@dataclass(frozen=True, slots=True)
class Health:
    """What a score is made of."""

    band: Annotated[Band, "UNKNOWN is not red: too little is known to tell."]
    rounded: Annotated[int | None, "The score as people see it."]
    before_caps: Annotated[float | None, "The score without what caps took."]
    coverage: Annotated[float, "Share of the configured weight that had values, 0 to 1."]
    model: Annotated[str, "weighted or worst_of."]
    missing_mode: Annotated[str, "What became of missing components."]
    driver: Annotated[str | None, "Key of the contribution that costs most points; null where none does."]
    components: Annotated[tuple[RawValue, ...], "The components' values."]
    groups: Annotated[tuple[GroupScore, ...], "The groups' scores; none where the worst component decides."]


@dataclass(frozen=True, slots=True)
class Portfolio:
    """Accounts by band."""

    green: Annotated[int, "In the green band."]
    yellow: Annotated[int, "In the yellow band."]
    red: Annotated[int, "In the red band."]
    unknown: Annotated[int, "Too little is known of them; not in the mean."]


@plugin.metric(
    "score",
    title=TITLES,
    unit=POINTS,
    subjects=("account",),
    card=card.SCORE,
    details=Health,
    of_all=True,
    category="health",
    definition_version=3,
    sample=Sample.PARTS,
    no_interval="Its parts have samples of their own; no distribution is assumed of the whole.",
)
def scores(rows: Computation[HealthScoreConfig]) -> Iterator[tuple[Subject, Answer]]:
    """One score per account of the configured stages, unknown ones included; others are absent."""
    groups = members_by_group(rows.config)
    for id, (score, parts) in rows.once(scored).items():
        yield account(id), answer(score, parts, rows.config, groups)


@plugin.metric(
    "portfolio_quality",
    title={"en": "Portfolio quality", "ko": "포트폴리오 품질"},
    unit=POINTS,
    subjects=("tenant",),
    card=card.PORTFOLIO_QUALITY,
    details=Portfolio,
    of_all=True,
    category="health",
    definition_version=2,
    sample=Sample.THINGS,
    no_interval="All accounts are counted; there is no sample.",
)
def portfolio_quality(rows: Computation[HealthScoreConfig]) -> Iterator[tuple[Subject, Answer]]:
    """The mean worth of the accounts whose band is known."""
    bands = dict.fromkeys(Band, 0)
    for score, _ in rows.once(scored).values():
        bands[score.band] += 1
    yield TENANT, portfolio(bands)


Groups = Mapping[str, list[str]]
Scored = Mapping[int, tuple[Score, Mapping[str, Part]]]


def scored(rows: Computation[HealthScoreConfig]) -> Scored:
    """The score of each account of the configured stages, with the components' parts."""
    config = rows.config
    accounts = rows["accounts"].filter(pl.col("stage").is_in(config.stages))
    found = {
        component.key: parts_by_account(component, values=rows["values"], accounts=accounts, day=rows.day)
        for component in config.components
    }
    without = {component.key: without_value(component) for component in config.components}
    score_of = scorer(config)
    made = {}
    for id in accounts["account"]:
        parts = {key: of_account.get(id, without[key]) for key, of_account in found.items()}
        made[id] = score_of({key: part.score for key, part in parts.items()}), parts
    return made


def members_by_group(config: HealthScoreConfig) -> Groups:
    """The keys of each group's components; empty where the worst component decides."""
    members: dict[str, list[str]] = {}
    if config.model is Model.WEIGHTED:
        for component in config.components:
            members.setdefault(component.group, []).append(component.key)
    return members


def answer(score: Score, parts: Mapping[str, Part], config: HealthScoreConfig, groups: Groups) -> Answer:
    """The score of one account, contributions that add up to it, and what drags it down."""
    contributions = [_contribution(c, score=score, part=parts[c.key]) for c in config.components]
    return Answer(
        score.value,
        n=len([part for part in parts.values() if part.score is not None]),
        parts=(*contributions, *_cap_contribution(score, config)),
        details=Health(
            band=score.band,
            rounded=None if score.value is None else round_half_up(score.value),
            before_caps=score.before_caps,
            coverage=score.coverage,
            model=config.model,
            missing_mode=config.missing,
            driver=biggest_drag(score),
            components=tuple(RawValue(key, part.raw) for key, part in parts.items()),
            groups=tuple(GroupScore(group, _mean(score, keys)) for group, keys in groups.items()),
        ),
    )


def portfolio(bands: Mapping[Band, int]) -> Answer:
    """The mean over accounts by band: green 100, yellow 60, red 40."""
    known = sum(bands[band] for band in QUALITY)
    return Answer(
        sum(worth * bands[band] for band, worth in QUALITY.items()) / known if known else None,
        n=known,
        parts=tuple(
            Contribution(
                band.lower(),
                band.capitalize(),
                worth,
                weight=bands[band] / known if known else None,
                points=worth * bands[band] / known if known else None,
                n=bands[band],
            )
            for band, worth in QUALITY.items()
        ),
        details=Portfolio(**{band.lower(): bands[band] for band in Band}),
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
        component.key,
        component.label,
        part.score,
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
    note = f"capped at {cap.at_most:g}: {label} scores below {cap.below:g}"
    lost = score.value - score.before_caps
    return (Contribution(f"cap.{cap.component}", f"Cap: {label}", cap.at_most, points=lost, note=note),)


def _mean(score: Score, keys: list[str]) -> float | None:
    weights, counted = score.weights, score.counted
    counting = [key for key in keys if key in weights]
    if not counting:
        return None
    total = fsum([weights[key] * counted[key] for key in counting])
    return total / fsum([weights[key] for key in counting])
