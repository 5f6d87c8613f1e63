"""The figures that stand beside adoption rates."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated


class Hint(StrEnum):
    """What a low feature adoption suggests to look at."""

    CHECK_VISIBILITY = "CHECK_VISIBILITY"
    CONSIDER_REMOVAL = "CONSIDER_REMOVAL"
    TOO_YOUNG = "TOO_YOUNG"


@dataclass(frozen=True, slots=True)
class Depth:
    """How deeply a feature is used."""

    users: Annotated[int, "Active persons who used it."]
    active_users: Annotated[int, "Active persons, whatever they used."]
    adopters: Annotated[int, "Users who came back to it often enough."]
    trial_users: Annotated[int, "Users who did not."]
    adopted_share: Annotated[float | None, "Adopters among the users, in per cent."]
    uses_per_adopter: float | None
    feature_age_days: Annotated[int | None, "Days since its release, or since it was first known."]
    hint: Annotated[Hint | None, "CONSIDER_REMOVAL marks the candidates for removal."]


@dataclass(frozen=True, slots=True)
class Breadth:
    """How many of the features in use an account uses."""

    used_features: int
    unused_features: Annotated[int, "The widest used of them stand among the contributions."]
    active_users: int


@dataclass(frozen=True, slots=True)
class Cohort:
    """What became of a cohort of sign-ups."""

    signups: int
    activated: int
    open: Annotated[int, "Not activated yet, but still in time."]
