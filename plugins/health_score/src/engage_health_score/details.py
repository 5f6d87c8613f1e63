"""The figures that stand beside a health score and the quality of the portfolio."""

from dataclasses import dataclass
from typing import Annotated

from engage_health_score.config import Band


@dataclass(frozen=True, slots=True)
class RawValue:
    """A component's metric in its own unit; ``key`` is that of its contribution."""

    key: str
    raw: float | None


@dataclass(frozen=True, slots=True)
class GroupScore:
    """The middle level: the weighted score of a group."""

    group: str
    score: Annotated[float | None, "Null where nothing of it counts."]


@dataclass(frozen=True, slots=True)
class Health:
    """What a score is made of."""

    band: Annotated[Band, "UNKNOWN is not red: too little is known to tell."]
    rounded: Annotated[int | None, "The score as people see it."]
    before_caps: float | None
    coverage: Annotated[float, "Share of the configured weight that had values, 0 to 1."]
    model: str
    missing_mode: Annotated[str, "What became of missing components."]
    driver: Annotated[str | None, "Key of the contribution that costs most points; null where none does."]
    components: tuple[RawValue, ...]
    groups: tuple[GroupScore, ...]


@dataclass(frozen=True, slots=True)
class Portfolio:
    """Accounts by band."""

    green: int
    yellow: int
    red: int
    unknown: Annotated[int, "Too little is known of them; not in the mean."]
