"""How sure an estimate is."""

from typing import Self

import strawberry

from engage_server import sdk


@strawberry.type(description="How far the true figure may lie from the measured one.")
class Interval:
    low: float
    high: float
    level: float = strawberry.field(description="Share of such intervals that contain the true figure.")
    method: str = strawberry.field(description="How it was reckoned, by the name that statistics gives it.")

    @classmethod
    def of(cls, kept: sdk.Interval | None) -> Self | None:
        """The GraphQL form of an interval; null where there is none."""
        if kept is None:
            return None
        return cls(low=float(kept.low), high=float(kept.high), level=float(kept.level), method=kept.method)
