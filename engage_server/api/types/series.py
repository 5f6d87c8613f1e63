"""Series of values in GraphQL."""

from datetime import date
from typing import Self

import strawberry

from engage_server import sdk
from engage_server.api.context import Info
from engage_server.api.exceptions import BadUserInputError
from engage_server.api.types.annotations import AnnotationNode
from engage_server.metrics import series as stored_series
from engage_server.metrics.exceptions import InvalidRangeError
from engage_server.sdk.graphql import expose_enum

expose_enum(stored_series.Grain, name="Grain", description="Weeks begin on Monday.")


@strawberry.type
class SeriesPoint:
    day: date
    value: float | None
    status: sdk.Status
    n: int
    definition_version: int = strawberry.field(
        description="Values of different versions of the definition are no one curve."
    )


@strawberry.type(
    description="Values by day of the tenant's calendar, as columns of equal length and as points. Days without "
    "a value are left out. With grain WEEK or MONTH each period that overlaps the range has its last value "
    "in force, under that value's own day."
)
class Series:
    grain: stored_series.Grain
    kept: strawberry.Private[list[stored_series.Point]]
    asked: strawberry.Private[tuple[date, date, sdk.Subject]]

    @strawberry.field
    def days(self) -> list[date]:
        return [point.day for point in self.kept]

    @strawberry.field
    def values(self) -> list[float | None]:
        return [point.value for point in self.kept]

    @strawberry.field
    def statuses(self) -> list[sdk.Status]:
        return [point.status for point in self.kept]

    @strawberry.field(description="Of each value; where they differ, the curve has a break.")
    def definition_versions(self) -> list[int]:
        return [point.definition_version for point in self.kept]

    @strawberry.field
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
        return cls(grain=grain, kept=kept, asked=(first, last, subject))
