"""What a tenant may choose about its customer satisfaction."""

from typing import Final, Literal

from pydantic import Field

from engage_server.sdk import PluginConfig
from engage_server.sdk.surveys import TopBox

PUBLISHED: Final = {3: 1, 4: 2, 5: 2, 6: 2, 7: 2, 10: 3}
"""Scores of a scale from 1 to how many of the best are satisfied. Source: Formbricks, CSAT summary of ratings."""
DEFAULT: Final = (
    *(TopBox(scale_min=1, scale_max=length, boxes=boxes) for length, boxes in PUBLISHED.items()),
    TopBox(scale_min=0, scale_max=10, boxes=3),
)


class CsatConfig(PluginConfig):
    """Which responses count, and which of their scores are satisfied ones."""

    instrument: str = Field(
        "csat*",
        min_length=1,
        description="Survey instrument to read; a trailing star reads all whose name begins so (csat*).",
    )
    window_days: int = Field(90, ge=1, le=366, description="Length of the trailing window in calendar days.")
    per_person: Literal["latest_as_of_window_end", "all"] = Field(
        "all",
        description=(
            "Count every response (a satisfaction survey follows one contact, and a person has several), "
            "or each person's last one within the window, over all instruments of one scale and direction."
        ),
    )
    top_boxes: tuple[TopBox, ...] = Field(
        DEFAULT,
        description="Per scale, how many of the best scores are satisfied; answers on another scale do not count.",
    )
    pool_scales: bool = Field(
        False,
        description=(
            "Whether satisfied answers of different scales are added up; else a subject whose answers mix scales "
            "has a value per instrument alone."
        ),
    )
    confidence: float = Field(0.95, ge=0.5, lt=1, description="Confidence level of the interval.")
