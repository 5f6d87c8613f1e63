"""One part of a score: whose metric it is, to which group it belongs, what it weighs and how it becomes 0 to 100."""

from typing import Annotated

from pydantic import Field, StringConstraints, field_validator

from engage_health_score.normalisation import Normalisation
from engage_server.sdk import PluginConfig

Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,49}$")]
MetricId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,49}\.[a-z][a-z0-9_]{0,49}$")]
Weight = Annotated[float, Field(gt=0, allow_inf_nan=False)]


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
