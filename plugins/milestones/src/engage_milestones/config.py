"""What a tenant may choose about milestones."""

from typing import Self

from pydantic import Field, model_validator

from engage_server.sdk import ANY_VALUE, PluginConfig


class MilestonesConfig(PluginConfig):
    """Configuration of milestones: an event, and the numbers of it that an account passes."""

    event: str = Field(ANY_VALUE, min_length=1, description="Event that is counted; * is any of class VALUE.")
    levels: tuple[int, ...] = Field(
        (2000,),
        min_length=1,
        max_length=10,
        description="Numbers of the event since ever, lowest first; progress is towards the last.",
    )

    @model_validator(mode="after")
    def _rising(self) -> Self:
        if self.levels[0] < 1 or list(self.levels) != sorted(set(self.levels)):
            raise ValueError(
                f"The levels {', '.join(map(str, self.levels))} do not rise from 1 on. "
                "Remedy: list them lowest first, each once."
            )
        return self

    @property
    def top_level(self) -> int:
        """The last level."""
        return self.levels[-1]
