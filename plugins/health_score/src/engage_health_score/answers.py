"""A computed score, brought into the answer of its metric: contributions that add up, and what drags it down."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from math import fsum
from typing import Final

from engage_health_score.component import Component
from engage_health_score.components import Part
from engage_health_score.config import Band, Model, Scorecard
from engage_health_score.details import GroupScore, Health, ManualOverride, Portfolio, RawValue
from engage_health_score.scoring import Score
from engage_server.sdk import Answer, Contribution

QUALITY: Final = {Band.GREEN: 100, Band.YELLOW: 60, Band.RED: 40}
"""Totango's portfolio quality: what an account of each band is worth."""

Groups = Mapping[str, list[str]]


@dataclass(frozen=True, slots=True)
class Scored:
    """An account's score with all that explains it.

    ``value`` and ``band`` are those in force, the override's where it holds; ``score`` is what was computed.
    ``smallest_sample`` are the fewest observations behind one of its parts; null where none says how many.
    """

    score: Score
    parts: Mapping[str, Part]
    card: Scorecard
    profile: str = ""
    override: ManualOverride | None = None
    smallest_sample: int | None = None

    @property
    def value(self) -> float | None:
        """The score in force; null where it is unknown."""
        return self.override.value if self.override is not None and self.override.holds else self.score.value

    @property
    def band(self) -> Band:
        """The band of the score in force."""
        return self.card.bands.band(self.value)


def members_by_group(card: Scorecard) -> Groups:
    """The keys of each group's components; empty where the worst component decides."""
    members: dict[str, list[str]] = {}
    if card.model is Model.WEIGHTED:
        for component in card.components:
            members.setdefault(component.group, []).append(component.key)
    return members


def answer(scored: Scored, groups: Groups) -> Answer:
    """The score of one account; ``groups`` are those of its scorecard."""
    score, parts, card = scored.score, scored.parts, scored.card
    contributions = [_contribution(c, score=score, part=parts[c.key]) for c in card.components]
    return Answer(
        scored.value,
        n=len([part for part in parts.values() if part.score is not None]),
        parts=(*contributions, *_cap_contribution(score, card), *_override_contribution(scored)),
        details=Health(
            band=scored.band,
            rounded=None if scored.value is None else round_half_up(scored.value),
            before_caps=score.before_caps,
            computed=score.value,
            coverage=score.coverage,
            model=card.model,
            missing_mode=card.missing,
            profile=scored.profile,
            driver=biggest_drag(score),
            components=tuple(RawValue(key, part.raw) for key, part in parts.items()),
            groups=tuple(GroupScore(group, _mean(score, keys)) for group, keys in groups.items()),
            override=scored.override,
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


def _cap_contribution(score: Score, card: Scorecard) -> tuple[Contribution, ...]:
    cap = score.cap
    if cap is None or score.value is None or score.before_caps is None:
        return ()
    label = next(component.label for component in card.components if component.key == cap.component)
    note = f"capped at {cap.at_most:g}: {label} scores below {cap.below:g}"
    lost = score.value - score.before_caps
    return (Contribution(f"cap.{cap.component}", f"Cap: {label}", cap.at_most, points=lost, note=note),)


def _override_contribution(scored: Scored) -> tuple[Contribution, ...]:
    """What the override adds to the computed score; where nothing was computed, all of it."""
    override = scored.override
    if override is None or not override.holds:
        return ()
    added = override.value - (scored.score.value or 0.0)
    note = f"set to {override.value:g} until {override.ends_on}"
    return (Contribution("override.manual", "Manual override", override.value, points=added, note=note),)


def _mean(score: Score, keys: list[str]) -> float | None:
    weights, counted = score.weights, score.counted
    counting = [key for key in keys if key in weights]
    if not counting:
        return None
    total = fsum([weights[key] * counted[key] for key in counting])
    return total / fsum([weights[key] for key in counting])
