"""From tallied responses to effort scores, whose contributions are the instruments."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import polars as pl

from engage_ces.config import CesConfig, Variant
from engage_ces.distribution import Group, Scale, figure_total
from engage_ces.tally import Tally, tallies
from engage_server.sdk import (
    TENANT,
    Contribution,
    Direction,
    Measurement,
    Status,
    Subject,
    absent,
    account,
)

PLACES = 10
"""Decimals of published figures: few enough that their written digits add up exactly."""

Details = dict[str, Any]


def effort_scores(
    responses: pl.DataFrame, *, accounts: pl.DataFrame, config: CesConfig
) -> Iterator[Measurement]:
    """The tenant's effort score, then one per account with a response, by account id; then who has none.

    Args:
        responses: columns of ``SurveyResponses``.
        accounts: columns of ``Accounts``; one without a response is absent.
        config: window, variant and boxes; the person rule is already applied to ``responses``.
    """
    tenant, by_account = tallies(responses)
    yield _measurement(TENANT, tally=tenant, config=config)
    # Accounts with a few answers each often have the same ones.
    alike: dict[Hashable, Measurement] = {}
    for id, tally in by_account.items():
        key = tally.key
        if key not in alike:
            alike[key] = _measurement(account(id), tally=tally, config=config)
        yield replace(alike[key], subject=account(id))
    for id in sorted(set(accounts["account"]) - set(by_account)):
        yield absent("effort_score", account(id))


def _measurement(subject: Subject, *, tally: Tally, config: CesConfig) -> Measurement:
    totals = {
        group: figure_total(config.variant, scale=group.scale, counts=counts, config=config)
        for group, counts in sorted(tally.groups.items())
    }
    note = _why_withheld(config.variant, scales=tally.scales, totals=totals)
    value = None
    if tally.n and not note:
        value = _published(_exact_sum([total for total in totals.values() if total is not None]), tally.n)
    one_scale = tally.scales[0] if len(tally.scales) == 1 else None
    status = Status.SUPPRESSED if note else Status.OK if tally.n else Status.NO_DATA
    return Measurement(
        metric="effort_score",
        subject=subject,
        value=value,
        n=tally.n,
        status=status,
        window_days=config.window_days,
        contributions=tuple(_contributions(tally, totals=totals, withheld=bool(note))),
        details=_details(tally, config=config, note=note),
        unit=None if value is None else _unit(config.variant, scale=one_scale),
        direction=None if value is None else _direction(config.variant, scale=one_scale),
        normalised=_normalised(tally, config),
    )


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
            key=group.key,
            label=f"{group.instrument} ({group.scale})",
            value=None if total is None else _published(total, count),
            weight=None if withheld else count / n,
            points=points,
            n=count,
            note="The variant is not defined on this scale." if total is None else "",
        )


def _details(tally: Tally, *, config: CesConfig, note: str) -> Details:
    one_scale = tally.scales[0] if len(tally.scales) == 1 else None
    details: Details = {
        "variant": config.variant,
        "note": note,
        "scale_min": None,
        "scale_max": None,
        "scale_direction": None,
        "respondents": tally.respondents,
        "dismissed": tally.dismissed,
        "invalid": tally.invalid,
        "mean": None,
        "top_box_share": None,
        "net": None,
        "distribution": [],
        "instruments": [
            _instrument(group, counts, config=config) for group, counts in sorted(tally.groups.items())
        ],
    }
    if one_scale:
        scores = tally.merged()
        for variant in ("mean", "net"):
            total = figure_total(variant, scale=one_scale, counts=scores, config=config)
            details[variant] = None if total is None else _published(total, tally.n)
        details["top_box_share"] = _top_box_share(one_scale, counts=scores, config=config)
        details |= {
            "scale_min": one_scale.low,
            "scale_max": one_scale.high,
            "scale_direction": one_scale.direction,
        }
        details["distribution"] = [
            {"score": score, "count": count} for score, count in sorted(scores.items())
        ]
    return details


def _instrument(group: Group, counts: Mapping[int, int], *, config: CesConfig) -> Details:
    scale = group.scale
    return {
        "key": group.key,
        "instrument": group.instrument,
        "scale_min": scale.low,
        "scale_max": scale.high,
        "scale_direction": scale.direction,
        "n": sum(counts.values()),
        "top_box_share": _top_box_share(scale, counts=counts, config=config),
    }


def _unit(variant: Variant, *, scale: Scale | None) -> str:
    match variant:
        case "mean":
            return "points" if scale is None else f"points of {scale.low}-{scale.high}"
        case "top_box":
            return "%"
        case "net":
            return "points of -100 to 100"
        case "normalised":
            return "points of 0-100"


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
