"""What a tenant may choose about the completion of tasks."""

from datetime import timedelta
from typing import Self

from pydantic import Field, model_validator

from engage_server.sdk.cohorts import CohortConfig


class TaskCompletionConfig(CohortConfig):
    """Configuration of task completion."""

    start_event: str = Field("Task Started", min_length=1, description="Event with which an attempt begins.")
    completion_event: str = Field("Task Completed", min_length=1, description="Event that completes it.")
    attempt_property: str = Field(
        "",
        description="Property of both events that is the same for a task and its retries; empty: a person does one task at "
        "a time.",
    )
    within_hours: int = Field(24, ge=1, le=8_784, description="Hours after which an attempt is abandoned.")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.start_event == self.completion_event:
            raise ValueError(f"{self.start_event!r} starts and completes at once. Remedy: name two events.")
        return self

    @property
    def within(self) -> timedelta:
        """The time that an attempt has."""
        return timedelta(hours=self.within_hours)

    @property
    def property_column(self) -> str:
        """The column of the property that names an attempt."""
        return f"properties.{self.attempt_property}"
