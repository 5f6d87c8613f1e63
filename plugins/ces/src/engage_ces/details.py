"""The figures that stand beside an effort score."""

from dataclasses import dataclass
from typing import Annotated


@dataclass(frozen=True, slots=True)
class ScoreCount:
    """How many answered a score."""

    score: int
    count: int


@dataclass(frozen=True, slots=True)
class Instrument:
    """The answers of one instrument on one scale; ``key`` is that of its contribution."""

    key: str
    instrument: str
    scale_min: int
    scale_max: int
    scale_direction: Annotated[str, "UP where a high score means little effort, else DOWN."]
    n: int
    top_box_share: Annotated[float | None, "Share of the best answers, 0 to 1."]


@dataclass(frozen=True, slots=True)
class Effort:
    """The other variants of the score. Shares are 0 to 1."""

    variant: Annotated[str, "What value is: mean, top_box, net or normalised."]
    note: Annotated[str, "Why the value is withheld; empty otherwise."]
    scale_min: Annotated[int | None, "Null where the responses mix scales."]
    scale_max: int | None
    scale_direction: Annotated[str | None, "UP where a high score means little effort."]
    respondents: Annotated[int, "Known persons, and each answer without one."]
    dismissed: int
    invalid: int
    mean: float | None
    top_box_share: float | None
    net: Annotated[float | None, "-100 to 100; defined on 1-7 alone."]
    distribution: Annotated[
        tuple[ScoreCount, ...], "Ascending; scores nobody gave are left out; empty where scales are mixed."
    ]
    instruments: tuple[Instrument, ...]
