"""Whether a value is unusual and where its series goes, in GraphQL."""

from datetime import date
from typing import Self

import strawberry

from engage_server.api.context import Info
from engage_server.metrics import anomalies, trends
from engage_server.metrics.anomalies import AnomalyState
from engage_server.metrics.trends import TrendState
from engage_server.sdk.graphql import StoredValue, expose_enum

expose_enum(
    AnomalyState,
    name="AnomalyState",
    description="Whether a value is unusual, or why that is not known. "
    + " ".join(f"{state.value}: {text}" for state, text in anomalies.DESCRIPTIONS.items()),
)
expose_enum(
    TrendState,
    name="TrendState",
    description="Which way a series goes. "
    + " ".join(f"{state.value}: {text}" for state, text in trends.DESCRIPTIONS.items()),
)


@strawberry.type(
    description="How a value lies to what was usual. The seven days up to it are judged by the eight weeks before them: the "
    "median of the weekday, with the slope of these weeks, and the median distance from it."
)
class Anomaly:
    state: AnomalyState
    expected: float | None = strawberry.field(description="The usual value of such a day.")
    low: float | None = strawberry.field(description="Values below are unusual.")
    high: float | None = strawberry.field(description="Values above are unusual.")
    size: float | None = strawberry.field(description="The value less the expected one.")
    z: float | None = strawberry.field(
        description="The size in robust standard deviations; null where nothing ever moved in the history."
    )
    since: date | None = strawberry.field(
        description="First day of the unbroken run of unusual values on this side; null where the value is none."
    )
    days: int = strawberry.field(description="Days of history that the judgement rests on.")

    @classmethod
    def of(cls, info: Info, value: StoredValue) -> Self:
        """The judgement of a value, as the principal may see it."""
        points = info.context.metrics.history(value.metric, value.subject, value.day)
        return cls.judged(anomalies.anomaly_on(points, value.day))

    @classmethod
    def judged(cls, one: anomalies.Anomaly) -> Self:
        """The GraphQL form of a judgement."""
        return cls(
            state=one.state,
            expected=one.expected,
            low=one.low,
            high=one.high,
            size=one.size,
            z=one.z,
            since=one.since,
            days=one.days,
        )


@strawberry.type(
    description="Where a series goes: the seasonal Sen slope, with the Mann-Kendall test that allows for weekdays and for "
    "neighbouring days being alike."
)
class Trend:
    state: TrendState
    first: date = strawberry.field(description="First of the eight weeks' days.")
    days: int = strawberry.field(description="Days with a value.")
    per_week: float | None = strawberry.field(description="The median change in seven days.")
    p: float | None = strawberry.field(
        description="How often chance alone gives a trend as clear; below 0.05 it is called one."
    )

    @classmethod
    def of(cls, info: Info, value: StoredValue) -> Self:
        """The trend up to a value's day, as the principal may see it."""
        one = trends.trend_on(info.context.metrics.history(value.metric, value.subject, value.day), value.day)
        return cls(state=one.state, first=one.first, days=one.days, per_week=one.per_week, p=one.p)
