"""Series of values in GraphQL."""

from collections.abc import Mapping
from datetime import date
from typing import Self

import strawberry

from engage_server import sdk
from engage_server.api.context import Info
from engage_server.api.exceptions import BadUserInputError
from engage_server.api.types.annotations import AnnotationNode
from engage_server.metrics import series as stored_series
from engage_server.metrics.exceptions import InvalidRangeError
from engage_server.metrics.series_details import PointDetails
from engage_server.sdk.graphql import expose_enum

expose_enum(stored_series.Grain, name="Grain", description="Weeks begin on Monday.")


@strawberry.type(description="One value of a series.")
class SeriesPoint:
    day: date = strawberry.field(description="The day that the value is of, which may be any of its period.")
    value: float | None = strawberry.field(description="Null where there is none, or it is withheld.")
    status: sdk.Status = strawberry.field(description="How far the value can be trusted.")
    n: int = strawberry.field(description="How many it rests on.")
    definition_version: int = strawberry.field(
        description="Values of different versions of the definition are no one curve."
    )


@strawberry.type(
    description="Values by day of the tenant's calendar, as columns of equal length and as points. Days without "
    "a value are left out. With grain WEEK or MONTH each period that overlaps the range has its last value "
    "in force, under that value's own day."
)
class Series:
    grain: stored_series.Grain = strawberry.field(description="Length of the periods.")
    metric: strawberry.Private[str]
    kept: strawberry.Private[list[stored_series.Point]]
    asked: strawberry.Private[tuple[date, date, sdk.Subject]]

    @strawberry.field(description="The day that each value is of.")
    def days(self) -> list[date]:
        return [point.day for point in self.kept]

    @strawberry.field(description="Null where a day has no value, or it is withheld.")
    def values(self) -> list[float | None]:
        return [point.value for point in self.kept]

    @strawberry.field(description="How far each value can be trusted.")
    def statuses(self) -> list[sdk.Status]:
        return [point.status for point in self.kept]

    @strawberry.field(description="Of each value: how many it rests on.")
    def ns(self) -> list[int]:
        return [point.n for point in self.kept]

    @strawberry.field(
        description="Of each value the lower bound of its interval; null where it has none, or is withheld."
    )
    def lows(self, info: Info) -> list[float | None]:
        return [None if one is None else float(one.low) for one in self._intervals(info)]

    @strawberry.field(
        description="Of each value the upper bound of its interval; null where it has none, or is withheld."
    )
    def highs(self, info: Info) -> list[float | None]:
        return [None if one is None else float(one.high) for one in self._intervals(info)]

    @strawberry.field(
        description="The days whose value is another one than was taken for it before; `restatements` of such a day's value "
        "says why."
    )
    def restated(self, info: Info) -> list[date]:
        found = self._details(info)
        return [point.day for point in self.kept if (one := found.get(point.day)) and one.is_restated]

    def _intervals(self, info: Info) -> list[sdk.Interval | None]:
        found = self._details(info)
        return [
            None if point.status is sdk.Status.SUPPRESSED or one is None else one.interval
            for point in self.kept
            for one in [found.get(point.day)]
        ]

    def _details(self, info: Info) -> Mapping[date, PointDetails]:
        _, _, subject = self.asked
        days = [point.day for point in self.kept]
        return info.context.metrics.series_details(self.metric, subject, days)

    @strawberry.field(description="Of each value; where they differ, the curve has a break.")
    def definition_versions(self) -> list[int]:
        return [point.definition_version for point in self.kept]

    @strawberry.field(
        description="Of each value, the version of the plugin's configuration that it was computed by; null of a day that "
        "was computed anew meanwhile. Where they differ, other settings hold from there."
    )
    def configuration_versions(self, info: Info) -> list[int | None]:
        found = self._details(info)
        return [
            None if one is None else one.configuration_version
            for point in self.kept
            for one in [found.get(point.day)]
        ]

    @strawberry.field(description="The same day by day.")
    def points(self) -> list[SeriesPoint]:
        return [
            SeriesPoint(
                day=point.day,
                value=point.value,
                status=point.status,
                n=point.n,
                definition_version=point.definition_version,
            )
            for point in self.kept
        ]

    @strawberry.field(
        description="What happened in the range that was asked for, by day; none for who sees one account alone."
    )
    def annotations(self, info: Info) -> list[AnnotationNode]:
        found = info.context.annotations.of_range(*self.asked)
        return [AnnotationNode.of(one, info.context) for one in found]

    @classmethod
    def of(
        cls,
        info: Info,
        metric: str,
        subject: sdk.Subject,
        *,
        first: date,
        last: date,
        grain: stored_series.Grain,
    ) -> Self:
        """The series of one metric and subject, as the principal may see it.

        Raises:
            BadUserInputError: the days are no range, or too long a one.
            NotPermittedError: the subject is not the principal's account.
        """
        try:
            kept = info.context.metrics.series(metric, subject, first=first, last=last, grain=grain)
        except InvalidRangeError as error:
            raise BadUserInputError(str(error)) from None
        return cls(grain=grain, metric=metric, kept=kept, asked=(first, last, subject))
