"""What a tenant may choose about its customer effort score."""

from typing import Literal

from pydantic import Field

from engage_server.sdk import PluginConfig
from engage_server.sdk.surveys import TopBox

Variant = Literal["mean", "top_box", "net", "normalised"]


class CesConfig(PluginConfig):
    """Which responses count, and which of the effort figures is the value."""

    instrument: str = Field(
        "ces*",
        min_length=1,
        description="Survey instrument to read; a trailing star reads all whose name begins so (ces*).",
    )
    window_days: int = Field(90, ge=1, le=366, description="Length of the trailing window in calendar days.")
    per_person: Literal["latest_as_of_window_end", "all"] = Field(
        "all",
        description=(
            "Count every response (an effort survey follows one interaction, and a person has several), "
            "or each person's last one within the window, over all instruments of one scale and direction."
        ),
    )
    variant: Variant = Field(
        "mean",
        description=(
            "The value: mean in scale points; top_box, % of positive scores; net, % of 6-7 less % of 1-3 "
            "on a 1-7 scale; normalised, 0-100 where 100 is no effort and scales may differ."
        ),
    )
    top_boxes: tuple[TopBox, ...] = Field(
        (
            TopBox(scale_min=1, scale_max=5, boxes=2),
            TopBox(scale_min=1, scale_max=7, boxes=3),
            TopBox(scale_min=1, scale_max=10, boxes=3),
        ),
        description="Per scale, how many of the best scores count as positive.",
    )
    confidence: float = Field(
        0.95, ge=0.5, lt=1, description="Confidence level of the interval that top_box and net have."
    )
