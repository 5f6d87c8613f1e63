"""What a tenant may choose: components, weights, bands, caps, and what a missing component does."""

from collections import Counter
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from engage_health_score.component import Component, Key, MetricId, Weight
from engage_health_score.templates import STANDARD, TEMPLATES, Cadence
from engage_server.sdk import PluginConfig

Points = Annotated[float, Field(ge=0, le=100)]
Stage = Literal["LEAD", "TRIAL", "CUSTOMER", "CHURNED"]


class Band(StrEnum):
    """Where a score lies. UNKNOWN is not red: it says that too little is known to tell."""

    RED = "RED"
    YELLOW = "YELLOW"
    GREEN = "GREEN"
    UNKNOWN = "UNKNOWN"


class Model(StrEnum):
    """How components become one score."""

    WEIGHTED = "weighted"
    WORST_OF = "worst_of"


class MissingMode(StrEnum):
    """What a component without a value does to the score."""

    EXCLUDE_REWEIGHT = "EXCLUDE_REWEIGHT"
    ZERO = "ZERO"
    NEUTRAL = "NEUTRAL"
    BLOCK = "BLOCK"


class Bands(PluginConfig):
    """Two edges make three half-open bands that leave no gap: red [0, y), yellow [y, g), green [g, 100]."""

    yellow_from: float = Field(50, gt=0, lt=100, description="Below this score an account is red.")
    green_from: float = Field(75, gt=0, le=100, description="From this score on an account is green.")

    @model_validator(mode="after")
    def _rise(self) -> Self:
        if self.yellow_from >= self.green_from:
            raise ValueError(
                f"yellow_from ({self.yellow_from:g}) must be below green_from ({self.green_from:g}), "
                "or no score would be yellow."
            )
        return self

    def band(self, score: float | None) -> Band:
        """The band of an unrounded score; UNKNOWN for null."""
        if score is None:
            return Band.UNKNOWN
        if score < self.yellow_from:
            return Band.RED
        return Band.YELLOW if score < self.green_from else Band.GREEN


class Cap(PluginConfig):
    """A rule that keeps the total down while one component is low."""

    component: Key = Field(description="Key of the component that is watched.")
    below: float = Field(
        gt=0, le=100, description="The cap holds while the component's score (0..100) is below this."
    )
    at_most: Points = Field(description="The total is no higher than this while the cap holds.")


class Scorecard(PluginConfig):
    """How one score is made: its components and their weights, what a missing one does, bands and caps."""

    cadence: Cadence | None = Field(
        None,
        description="How often the product is meant to be used: without components of your own it chooses a template "
        "of them.",
    )
    components: tuple[Component, ...] = Field(
        STANDARD,
        max_length=50,
        description="The parts of the score; none named: those of the cadence's template.",
        json_schema_extra={"minItems": 1},
    )
    group_weights: dict[Key, Weight] = Field(
        default_factory=dict, description="Weight of each group, for a score in two levels; empty: one level."
    )
    model: Model = Field(
        Model.WEIGHTED, description="weighted: mean by weight. worst_of: the lowest component decides."
    )
    missing: MissingMode = Field(
        MissingMode.EXCLUDE_REWEIGHT,
        description="A missing component is left out (EXCLUDE_REWEIGHT), counts 0 (ZERO) or 50 (NEUTRAL), "
        "or makes the score unknown (BLOCK).",
    )
    min_coverage: float = Field(
        0.5,
        ge=0,
        le=1,
        description="Share of the weight that must have values; below it the score is unknown.",
    )
    bands: Bands = Field(Bands(), description="Edges between red, yellow and green.")
    caps: tuple[Cap, ...] = Field((), max_length=50, description="Rules that keep the total down.")

    @model_validator(mode="before")
    @classmethod
    def _begin_with_the_template(cls, given: Any) -> Any:
        if isinstance(given, Mapping) and "components" not in given and given.get("cadence") in list(Cadence):
            return {**given, "components": TEMPLATES[Cadence(given["cadence"])]}
        return given

    @field_validator("components")
    @classmethod
    def _exist_and_have_unique_keys(cls, components: tuple[Component, ...]) -> tuple[Component, ...]:
        # Not min_length: with it, a mistake inside a component is reported a second time as an empty list.
        if not components:
            raise ValueError("A score needs at least one component.")
        twice = sorted(key for key, count in Counter(c.key for c in components).items() if count > 1)
        if twice:
            raise ValueError(
                f"Two components have the key {', '.join(twice)}. Remedy: give each a key of its own."
            )
        return components

    @field_validator("group_weights")
    @classmethod
    def _groups_match(cls, weights: dict[str, float], info: ValidationInfo) -> dict[str, float]:
        if not weights or "components" not in info.data:
            return weights
        groups = {component.group for component in info.data["components"]}
        if missing := sorted(groups - set(weights)):
            raise ValueError(
                f"No weight is given for the group {', '.join(missing)}. Remedy: weigh all groups or none."
            )
        if unknown := sorted(set(weights) - groups):
            raise ValueError(
                f"No component belongs to the group {', '.join(unknown)}. The groups are {sorted(groups)}."
            )
        return weights

    @field_validator("caps")
    @classmethod
    def _caps_watch_components(cls, caps: tuple[Cap, ...], info: ValidationInfo) -> tuple[Cap, ...]:
        keys = {component.key for component in info.data.get("components", ())}
        unknown = sorted({cap.component for cap in caps} - keys)
        if keys and unknown:
            raise ValueError(
                f"No component has the key {', '.join(unknown)}. The keys are {', '.join(sorted(keys))}."
            )
        return caps


class Trait(PluginConfig):
    """Accounts by a trait of theirs that the tenant tracks."""

    name: str = Field(
        min_length=1, max_length=100, description="The trait: industry, use_case or another one."
    )
    any_of: tuple[str, ...] = Field(
        min_length=1, max_length=200, description="The accounts whose trait has one of these values."
    )


class Profile(Scorecard):
    """A scorecard for accounts of one kind, in place of the general one: all that it names has to hold of them."""

    key: Key = Field(description="Stable short name; shown with each score.")
    stages: tuple[Stage, ...] = Field(
        (), max_length=4, description="Accounts of these stages; empty: of all."
    )
    plans: tuple[str, ...] = Field((), max_length=200, description="Accounts on these plans; empty: on all.")
    trait: Trait | None = Field(None, description="Accounts with this trait; none: all.")

    @model_validator(mode="after")
    def _choose(self) -> Self:
        if not (self.stages or self.plans or self.trait):
            raise ValueError(
                f"The profile {self.key} is for every account. Remedy: name stages, plans or a trait, or make it the "
                "general scorecard."
            )
        return self


class Peers(StrEnum):
    """With whom an account is compared."""

    STAGE = "stage"
    PLAN = "plan"
    ALL = "all"


class RollUp(StrEnum):
    """What a child weighs in its parent's score."""

    VALUE = "value"
    COUNT = "count"


class HealthScoreConfig(Scorecard):
    """The health score of one tenant: no formula fits every company, so all of it is a setting."""

    stages: tuple[Stage, ...] = Field(
        ("CUSTOMER",),
        max_length=4,
        description="Accounts of which stages have a score; the others are in no queue and in no portfolio.",
        json_schema_extra={"minItems": 1},
    )
    profiles: tuple[Profile, ...] = Field(
        (),
        max_length=20,
        description="Scorecards for accounts of one stage, plan or trait; the first that fits decides.",
    )
    peers: Peers = Field(
        Peers.STAGE,
        description="Among which accounts a score's percentile is: of its stage, its plan, or all.",
    )
    min_peers: int = Field(10, ge=2, le=10_000, description="Among fewer accounts a score has no percentile.")
    value_metric: MetricId = Field(
        "revenue.mrr",
        description="What an account is worth to you: the money of the queue and of the roll-up.",
    )
    roll_up: RollUp = Field(
        RollUp.VALUE,
        description="What a child account weighs in its parent's score: what it is worth (value) or the same (count).",
    )
    falling_points: float = Field(
        10,
        gt=0,
        le=100,
        description="Points that a score has to lie lower, now and a week ago, than 30 days ago to be a sustained drop.",
    )

    @field_validator("stages")
    @classmethod
    def _score_somebody(cls, stages: tuple[Stage, ...]) -> tuple[Stage, ...]:
        if not stages:
            raise ValueError("Without a stage no account has a score. Remedy: name at least CUSTOMER.")
        return stages

    @field_validator("profiles")
    @classmethod
    def _have_unique_keys(cls, profiles: tuple[Profile, ...]) -> tuple[Profile, ...]:
        twice = sorted(
            key for key, count in Counter(profile.key for profile in profiles).items() if count > 1
        )
        if twice:
            raise ValueError(
                f"Two profiles have the key {', '.join(twice)}. Remedy: give each a key of its own."
            )
        return profiles
