"""The further figures of each metric."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from engage_health_score.config import Band
from engage_health_score.hierarchy import Weighting
from engage_server.sdk import PERSONAL


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
class ManualOverride:
    """What somebody set in place of the computed score."""

    value: Annotated[float, "The score that was set."]
    only_lower: Annotated[bool, "Whether it holds only while the computed score is higher."]
    holds: Annotated[bool, "Whether it decides: one that may only lower does not raise."]
    reason: Annotated[str, "Why, as its author wrote.", PERSONAL]
    author: Annotated[str, "Who set it, as in the audit log.", PERSONAL]
    ends_on: Annotated[date, "The first day on which it does not hold any more."]


@dataclass(frozen=True, slots=True)
class Health:
    """What a score is made of."""

    band: Annotated[Band, "UNKNOWN is not red: too little is known to tell."]
    rounded: Annotated[int | None, "The score as people see it."]
    before_caps: Annotated[float | None, "The score without what caps took."]
    computed: Annotated[float | None, "The score without the override."]
    coverage: Annotated[float, "Share of the configured weight that had values, 0 to 1."]
    model: Annotated[str, "weighted or worst_of."]
    missing_mode: Annotated[str, "What became of missing components."]
    profile: Annotated[str, "The key of the profile that scored the account; empty: the general scorecard."]
    driver: Annotated[str | None, "Key of the contribution that costs most points; null where none does."]
    components: Annotated[tuple[RawValue, ...], "The components' values."]
    groups: Annotated[tuple[GroupScore, ...], "The groups' scores; none where the worst component decides."]
    override: Annotated[ManualOverride | None, "The override of the day, if there is one."]


@dataclass(frozen=True, slots=True)
class Portfolio:
    """Accounts by band."""

    green: Annotated[int, "In the green band."]
    yellow: Annotated[int, "In the yellow band."]
    red: Annotated[int, "In the red band."]
    unknown: Annotated[int, "Too little is known of them; not in the mean."]


@dataclass(frozen=True, slots=True)
class Trend:
    """What became of a score; null where one of the two days has none."""

    days_7: Annotated[float | None, "Points above the score of 7 days ago."]
    days_90: Annotated[float | None, "Points above the score of 90 days ago."]
    slope: Annotated[
        float | None, "Points a week: the least-squares line through the scores of today, 7 and 30 days ago."
    ]
    is_falling: Annotated[
        bool, "Whether it dropped and stayed down: now and a week ago, against 30 days ago."
    ]


@dataclass(frozen=True, slots=True)
class AmongPeers:
    """Who the peers are."""

    peers: Annotated[int, "Accounts with a score that it is compared with, itself among them."]
    group: Annotated[str, "The stage or plan that they share; empty where all accounts are compared."]


@dataclass(frozen=True, slots=True)
class Place:
    """Why an account has its place in the queue."""

    is_falling: Annotated[bool, "A score that dropped and stayed down comes before all that are low."]
    band: Annotated[Band, "RED or YELLOW, or GREEN of a score that is falling."]
    score: Annotated[float, "The account's score."]
    worth: Annotated[
        float | None, "What it is worth to you, in the unit of the configured metric; null where unknown."
    ]
    at_risk: Annotated[float | None, "worth x (100 - score) / 100."]


@dataclass(frozen=True, slots=True)
class Rolled:
    """What a parent's score is made of."""

    band: Annotated[Band, "By the general scorecard's edges."]
    weighting: Annotated[Weighting, "What the children weighed: what they are worth, or the same."]
    children: Annotated[int, "Children with a score; 0: it is the parent's own."]
    own: Annotated[float | None, "The parent's own score, which is left out where a child has one."]
