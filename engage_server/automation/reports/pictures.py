"""What reports draw: the way of an account's figures, and figures beside each other. Inside the tenant's scope."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from engage_server.automation import evidence
from engage_server.automation.evidence import Told
from engage_server.automation.figures import Figure
from engage_server.automation.reports.document import Bars, Curve
from engage_server.metrics.series import Point, series
from engage_server.sdk import Status, Subject
from engage_server.tenancy.scope import current_tenant

MOST_CURVES: Final = 6
"""More of them would make a page too long for a message."""
MOST_BARS: Final = 15
SHORTEST: Final = timedelta(days=90)
"""So far back a curve goes at least: at the beginning of a quarter, there would be nothing to see."""


def curves(shown: Sequence[Figure], subject: Subject, *, since: date, day: date) -> tuple[Curve, ...]:
    """The way of each figure from a day to another; none of those that have no two values. Figures of few are withheld."""
    first = min(since, day - SHORTEST)
    found = (_curve(one, subject, first, day) for one in shown[:MOST_CURVES])
    return tuple(curve for curve in found if sum(value is not None for _, value in curve.points) > 1)


def bars(title: str, unit: str, values: Sequence[tuple[str, float]]) -> tuple[Bars, ...]:
    """The first of these figures beside each other; nothing where there are no two."""
    return (Bars(title, unit, tuple(values[:MOST_BARS])),) if len(values) > 1 else ()


def _curve(one: Figure, subject: Subject, first: date, last: date) -> Curve:
    points = series(one.metric, subject, first=first, last=last)
    told = [
        Told(
            subject.kind, subject.id, point.day,
            {"metric": one.metric, "value": _value(point), "n": point.n},
        )
        for point in points
    ]  # fmt: skip
    seen = evidence.shown(told, minimum=current_tenant().minimum_persons)
    return Curve(
        one.title,
        one.unit,
        tuple((point.day, figures["value"]) for point, figures in zip(points, seen, strict=True)),
    )


def _value(point: Point) -> float | None:
    return point.value if point.status is Status.OK else None
