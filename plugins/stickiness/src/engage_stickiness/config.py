"""What a tenant may choose about stickiness."""

from collections.abc import Mapping
from typing import Final, Literal

from pydantic import Field

from engage_server.sdk import PluginConfig

Ratio = Literal["dau_mau", "dau_wau", "wau_mau", "mau_qau"]
WINDOWS: Final[Mapping[Ratio, tuple[int, int]]] = {
    "dau_mau": (1, 30),
    "dau_wau": (1, 7),
    "wau_mau": (7, 30),
    "mau_qau": (30, 90),
}
"""The trailing days of the two counts that a ratio divides."""
BY_CADENCE: Final[Mapping[str, Ratio]] = {"daily": "dau_mau", "weekly": "wau_mau", "monthly": "mau_qau"}


class StickinessConfig(PluginConfig):
    """Which ratio, over which days."""

    cadence: Literal["daily", "weekly", "monthly"] = Field(
        "daily",
        description="How often the product is needed by its nature: it chooses the ratio where that is auto.",
    )
    ratio: Literal["auto", "dau_mau", "dau_wau", "wau_mau", "mau_qau"] = Field(
        "auto",
        description="DAU/MAU, DAU/WAU, WAU/MAU or MAU over 90 days; auto: DAU/MAU for daily products, WAU/MAU for weekly, "
        "MAU over 90 days for monthly ones.",
    )
    method: Literal["mean_of_days", "point"] = Field(
        "mean_of_days",
        description="The mean of each day's ratio over the window, or the ratio of the last day.",
    )
    window_days: int = Field(
        30, ge=1, le=90, description="Days whose ratios make the mean; also of the active days."
    )
    weekends: bool = Field(
        True,
        description="Whether Saturdays and Sundays count. Without them they are no part of the mean nor active days, and "
        "a point is that of the last weekday.",
    )

    @property
    def chosen(self) -> Ratio:
        """The ratio that is measured."""
        return BY_CADENCE[self.cadence] if self.ratio == "auto" else self.ratio

    @property
    def history_days(self) -> int:
        """The days of activity that the window's ratios need; two more to reach the weekday before a weekend."""
        return self.window_days + WINDOWS[self.chosen][1] + 1
