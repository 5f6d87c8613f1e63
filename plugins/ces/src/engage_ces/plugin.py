"""Customer effort scores from tallied responses; the instruments are the contributions."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Annotated, Final

from engage_ces.card import CARD
from engage_ces.config import CesConfig, Variant
from engage_ces.distribution import figure_total, interval_of
from engage_server.sdk import (
    TENANT,
    Answer,
    Computation,
    Contribution,
    Direction,
    Interval,
    Plugin,
    Status,
    Subject,
    SurveyResponses,
    account,
    catalogues_beside,
)
from engage_server.sdk.surveys import Group, Scale, Tally, tallies

PLACES: Final = 10
"""Decimals of published figures: few enough that their written digits add up exactly."""
TITLES: Final = {"en": "Customer Effort Score", "ko": "고객 노력 점수"}
plugin = Plugin(
    "ces",
    sdk=">=2,<3",
    config=CesConfig,
    title=TITLES,
    owner="Engage maintainers",
    licence="Apache-2.0",
    catalogues=catalogues_beside("engage_ces"),
)


@dataclass(frozen=True, slots=True)
class ScoreCount:
    """How many answered a score."""

    score: Annotated[int, "As it was given."]
    count: Annotated[int, "Answers of this score."]


@dataclass(frozen=True, slots=True)
class Instrument:
    """The answers of one instrument on one scale."""

    key: Annotated[str, "That of its contribution."]
    instrument: Annotated[str, "Its name."]
    scale_min: Annotated[int, "Lowest score."]
    scale_max: Annotated[int, "Highest score."]
    scale_direction: Annotated[str, "UP where a high score means little effort, else DOWN."]
    n: Annotated[int, "Valid answers."]
    top_box_share: Annotated[float | None, "Share of the best answers, 0 to 1."]


@dataclass(frozen=True, slots=True)
class Effort:
    """The other variants of the score. Shares are 0 to 1."""

    variant: Annotated[str, "What value is: mean, top_box, net or normalised."]
    note: Annotated[str, "Why the value is withheld; empty otherwise."]
    respondents: Annotated[int, "Known persons, and each answer without one."]
    dismissed: Annotated[int, "Surveys shown but not answered; no part of n."]
    invalid: Annotated[int, "Scores that are no whole number of their scale; no part of n."]
    instruments: Annotated[tuple[Instrument, ...], "By instrument and scale."]
    distribution: Annotated[
        tuple[ScoreCount, ...], "Ascending; scores nobody gave are left out; empty where scales are mixed."
    ] = ()
    scale_min: Annotated[int | None, "Null where the responses mix scales."] = None
    scale_max: Annotated[int | None, "Null where the responses mix scales."] = None
    scale_direction: Annotated[str | None, "UP where a high score means little effort."] = None
    mean: Annotated[float | None, "In points of the scale."] = None
    top_box_share: Annotated[float | None, "Share of the best answers."] = None
    net: Annotated[float | None, "-100 to 100; defined on 1-7 alone."] = None


@plugin.metric(
    "effort_score",
    title=TITLES,
    unit={"en": "points", "ko": "점"},
    direction="VARIES",
    card=CARD,
    details=Effort,
    inputs=lambda config: {
        "responses": SurveyResponses(config.instrument, days=config.window_days, per_person=config.per_person)
    },
    of_all=True,
    category="satisfaction",
    definition_version=3,
    no_interval="A mean of ordinal scores has none; the variants top_box and net do. Read the distribution.",
)
def effort_scores(rows: Computation[CesConfig]) -> Iterator[tuple[Subject, Answer]]:
    """The tenant's effort score, then one per account with a response, by account id."""
    tenant, by_account = tallies(rows["responses"])
    yield TENANT, _answer(tenant, rows.config)
    # Accounts with a few answers each often have the same ones.
    for id, tally in by_account.items():
        yield account(id), rows.alike(("effort_score", tally.key), partial(_answer, tally, rows.config))


def _answer(tally: Tally, config: CesConfig) -> Answer:
    totals = {
        group: figure_total(config.variant, scale=group.scale, counts=counts, config=config)
        for group, counts in sorted(tally.groups.items())
    }
    note = _why_withheld(config.variant, scales=tally.scales, totals=totals)
    has_value = bool(tally.n and not note)
    known = [total for total in totals.values() if total is not None]
    scale = tally.scales[0] if len(tally.scales) == 1 else None
    return Answer(
        _published(_exact_sum(known), tally.n) if has_value else None,
        n=tally.n,
        details=_details(tally, scale=scale, config=config, note=note),
        parts=tuple(_contributions(tally, totals=totals, withheld=bool(note))),
        interval=_interval(tally, scale=scale, config=config) if has_value else None,
        status=Status.SUPPRESSED if note else None,
        unit=_unit(config.variant, scale=scale) if has_value else None,
        direction=_direction(config.variant, scale=scale) if has_value else None,
        normalised=_normalised(tally, config),
    )


def _interval(tally: Tally, *, scale: Scale | None, config: CesConfig) -> Interval | None:
    if scale is None:
        return None
    return interval_of(config.variant, scale=scale, counts=tally.merged(), config=config)


def _why_withheld(
    variant: Variant, *, scales: list[Scale], totals: Mapping[Group, Fraction | int | None]
) -> str:
    """Why the subject has no value of this variant; empty where it has one."""
    if len(scales) > 1 and variant != "normalised":
        named = "; ".join(map(str, scales))
        return f"Scales differ ({named}). Read the contributions, or choose the variant normalised."
    if None in totals.values():
        return f"The variant {variant} is not defined on the scale {scales[0]}. Choose another variant."
    return ""


def _contributions(
    tally: Tally, *, totals: Mapping[Group, Fraction | int | None], withheld: bool
) -> Iterator[Contribution]:
    """One part per group; points are n-weighted, and none where the value is withheld."""
    n, reached = tally.n, 0.0
    running: Fraction | int = 0
    for group, total in totals.items():
        count = tally.groups[group].total()
        points = None
        if total is not None and not withheld:
            # The rounded running total is cut into points, so that they add up to the rounded value.
            running += total
            points = round(_published(running, n) - reached, PLACES)
            reached = _published(running, n)
        yield Contribution(
            group.key,
            f"{group.instrument} ({group.scale})",
            None if total is None else _published(total, count),
            weight=None if withheld else count / n,
            points=points,
            n=count,
            note="The variant is not defined on this scale." if total is None else "",
        )


def _details(tally: Tally, *, scale: Scale | None, config: CesConfig, note: str) -> Effort:
    whole = (config.variant, note, tally.respondents, tally.dismissed, tally.invalid)
    instruments = tuple(
        Instrument(
            group.key, group.instrument, group.scale.low, group.scale.high, group.scale.direction,
            sum(counts.values()), _top_box_share(group.scale, counts=counts, config=config),
        )
        for group, counts in sorted(tally.groups.items())
    )  # fmt: skip
    if scale is None:
        return Effort(*whole, instruments)
    scores = tally.merged()
    figures: dict[Variant, float | None] = {
        variant: None if total is None else _published(total, tally.n)
        for variant in ("mean", "net")
        for total in (figure_total(variant, scale=scale, counts=scores, config=config),)
    }
    return Effort(
        *whole,
        instruments,
        distribution=tuple(ScoreCount(*counted) for counted in sorted(scores.items())),
        scale_min=scale.low,
        scale_max=scale.high,
        scale_direction=scale.direction,
        mean=figures["mean"],
        top_box_share=_top_box_share(scale, counts=scores, config=config),
        net=figures["net"],
    )


def _unit(variant: Variant, *, scale: Scale | None) -> str:
    if variant == "mean":
        return "points" if scale is None else f"points of {scale.low}-{scale.high}"
    return {"top_box": "%", "net": "points of -100 to 100", "normalised": "points of 0-100"}[variant]


def _direction(variant: Variant, *, scale: Scale | None) -> Direction:
    """Only a mean is as it was asked: the other variants count the good answers, whichever end they are at."""
    return Direction(scale.direction) if variant == "mean" and scale is not None else Direction.UP


def _normalised(tally: Tally, config: CesConfig) -> float | None:
    totals = (
        figure_total("normalised", scale=group.scale, counts=counts, config=config)
        for group, counts in tally.groups.items()
    )
    known = [total for total in totals if total is not None]
    return _published(_exact_sum(known), tally.n) if known else None


def _top_box_share(scale: Scale, *, counts: Mapping[int, int], config: CesConfig) -> float | None:
    total = figure_total("top_box", scale=scale, counts=counts, config=config)
    return None if total is None else total.numerator / (100 * total.denominator * sum(counts.values()))


def _exact_sum(totals: Sequence[Fraction | int]) -> Fraction | int:
    # Without the zero that sum() begins with: adding a fraction to it costs as much as all the rest.
    return sum(totals[1:], totals[0])


def _published(total: Fraction | int, n: int) -> float:
    """The quotient, divided once: int / int is the nearest float."""
    return round(total.numerator / (total.denominator * n), PLACES)
