"""Configuration of the early warning."""

from typing import Literal, Self

from pydantic import Field, model_validator

from engage_server.sdk import PluginConfig

Measure = Literal["person_days", "persons", "events"]
WEEK = 7


class EarlyWarningConfig(PluginConfig):
    """What counts as a fall, and how long an alarm has to come true."""

    measures: tuple[Measure, ...] = Field(
        ("person_days", "events"),
        min_length=1,
        max_length=3,
        description="Of a week: days x persons with activity, distinct persons, events. The one that fell most decides.",
    )
    baseline_weeks: int = Field(8, ge=4, le=26, description="Weeks whose median is an account's baseline.")
    alarm_weeks: int = Field(2, ge=1, le=8, description="Weeks in a row that must be low.")
    fall_percent: float = Field(50, ge=10, le=95, description="Low is so far below the baseline, in %.")
    minimum_baseline: float = Field(
        5, ge=1, le=10_000, description="Accounts with a baseline below this say too little."
    )
    history_weeks: int = Field(
        52, ge=12, le=104, description="Weeks over which alarms are held against churn."
    )
    horizon_days: int = Field(
        120, ge=14, le=366, description="An alarm is right where the account leaves within so many days."
    )

    @property
    def days(self) -> int:
        """The trailing days that are read."""
        return WEEK * self.history_weeks

    @model_validator(mode="after")
    def _history_is_longer_than_a_baseline(self) -> Self:
        if self.history_weeks < self.baseline_weeks + self.alarm_weeks:
            raise ValueError(
                "history_weeks is shorter than a baseline and an alarm. Remedy: at least baseline_weeks + alarm_weeks."
            )
        return self
