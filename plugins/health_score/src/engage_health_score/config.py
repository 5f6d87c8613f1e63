"""What a tenant may choose: components, weights, bands, caps, and what a missing component does."""

from collections import Counter
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, ValidationInfo, field_validator, model_validator

from engage_health_score.normalisation import Linear, Measured, Normalisation
from engage_server.sdk import PluginConfig

Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,49}$")]
MetricId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,49}\.[a-z][a-z0-9_]{0,49}$")]
Weight = Annotated[float, Field(gt=0, allow_inf_nan=False)]
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


class Component(PluginConfig):
    """One part of the score: a metric of another plugin, brought to 0..100."""

    key: Key = Field(description="Stable short name, unique within the score.")
    label: str = Field(min_length=1, max_length=80, description="Name for people.")
    metric: MetricId = Field(
        description="Full id of an account metric, e.g. license_utilization.utilization."
    )
    group: Key = Field(
        description="Its group: usage, advocacy, retention, expansion, customer_effort, "
        "vendor_effort or one of your own."
    )
    weight: Weight = Field(description="Weight among the components (of its group, if groups are weighted).")
    normalisation: Normalisation = Field(description="How the metric's values become 0..100.")
    max_age_days: int = Field(7, ge=0, le=366, description="An older value counts as missing.")

    @field_validator("metric")
    @classmethod
    def _is_not_health_itself(cls, metric: str) -> str:
        if metric.startswith("health_score."):
            raise ValueError(f"{metric} cannot be a component of the health score: that would be a circle.")
        return metric


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


DEFAULT_COMPONENTS = (
    Component(
        key="licenses",
        label="License utilization",
        metric="license_utilization.utilization",
        group="usage",
        weight=35,
        normalisation=Linear(low=0, high=85),
    ),
    Component(
        key="features",
        label="Features used",
        metric="adoption.features_used",
        group="usage",
        weight=30,
        normalisation=Linear(low=0, high=50),
    ),
    Component(
        key="effort",
        label="Customer effort",
        metric="ces.effort_score",
        group="customer_effort",
        weight=20,
        normalisation=Measured(),
    ),
    Component(
        key="nps",
        label="Net Promoter Score",
        metric="nps.score",
        group="advocacy",
        weight=15,
        normalisation=Linear(low=-100, high=100),
    ),
)


class HealthScoreConfig(PluginConfig):
    """The health score of one tenant: no formula fits every company, so all of it is a setting."""

    components: tuple[Component, ...] = Field(
        DEFAULT_COMPONENTS,
        max_length=50,
        description="The parts of the score.",
        json_schema_extra={"minItems": 1},
    )
    stages: tuple[Stage, ...] = Field(
        ("CUSTOMER",),
        max_length=4,
        description="Accounts of which stages have a score; the others are in no queue and in no portfolio.",
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

    @field_validator("stages")
    @classmethod
    def _score_somebody(cls, stages: tuple[Stage, ...]) -> tuple[Stage, ...]:
        if not stages:
            raise ValueError("Without a stage no account has a score. Remedy: name at least CUSTOMER.")
        return stages

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
                f"No component belongs to the group {', '.join(unknown)}; the groups are {sorted(groups)}."
            )
        return weights

    @field_validator("caps")
    @classmethod
    def _caps_watch_components(cls, caps: tuple[Cap, ...], info: ValidationInfo) -> tuple[Cap, ...]:
        keys = {component.key for component in info.data.get("components", ())}
        unknown = sorted({cap.component for cap in caps} - keys)
        if keys and unknown:
            raise ValueError(
                f"No component has the key {', '.join(unknown)}; the keys are {', '.join(sorted(keys))}."
            )
        return caps
