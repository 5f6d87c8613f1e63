"""What moved: the metrics whose newest days are unusual, how far, since when, and in which segments."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import groupby
from typing import Final

from engage_server.metrics.anomalies import HISTORY_DAYS, UNUSUAL, Anomaly, anomalies
from engage_server.metrics.baselines import WEEK
from engage_server.metrics.histories import Histories
from engage_server.sdk import TENANT, Subject
from engage_server.sdk.graphql import StoredValue

SEGMENT: Final = "segment"
KINDS: Final = (TENANT.kind, SEGMENT)


@dataclass(frozen=True, slots=True)
class Movement:
    """A metric of one subject with an unusual day: the day that is farthest out, and how long it has been so.

    ``since`` is the first day of the run that ``peak`` lies in. ``days`` are the judged days that are unusual on its side;
    ``is_ongoing``: the last judged day is one of them. ``segments`` are the segments that moved as well, for the tenant's
    own movement.
    """

    metric: str
    subject: Subject
    peak: Anomaly
    since: date
    days: int
    is_ongoing: bool
    segments: tuple["Movement", ...] = ()

    @property
    def before(self) -> date:
        """The last day of the peak's weekday before it all began, to compare with."""
        back = -(-((self.peak.day - self.since).days + 1) // WEEK) * WEEK
        return self.peak.day - timedelta(days=back)


@dataclass(frozen=True, slots=True)
class Mover:
    """An account whose own value moved; ``change`` is null where it had none before, or has none now."""

    account: int
    label: str
    before: float | None
    after: float | None

    @property
    def change(self) -> float | None:
        """After less before."""
        return None if self.before is None or self.after is None else self.after - self.before


def first_read(on: date, *, days: int) -> date:
    """The first day whose values are read to judge the ``days`` up to ``on``."""
    return on - timedelta(days=HISTORY_DAYS + days - 1)


def movements(found: Histories, on: date, *, days: int = WEEK) -> list[Movement]:
    """What moved in the ``days`` up to ``on``, the farthest out first; what never moved before it comes first of all.

    ``found`` are the histories of the tenant and of its tracked segments. A segment's movement stands beneath the tenant's
    of the same metric, and by itself where the tenant as a whole did not move.
    """
    moved = [
        one
        for (metric, subject), points in found.items()
        if (one := _movement(metric, subject, anomalies(points, on, judged=days), on)) is not None
    ]
    moved.sort(key=lambda one: one.metric)
    told: list[Movement] = []
    for _, of_metric in groupby(moved, key=lambda one: one.metric):
        together = list(of_metric)
        own = [one for one in together if one.subject == TENANT]
        segments = sorted((one for one in together if one.subject != TENANT), key=_place)
        told += [_with_segments(one, segments) for one in own] or segments
    return sorted(told, key=_place)


def movers(before: Collection[StoredValue], after: Collection[StoredValue]) -> list[Mover]:
    """The accounts of two days' values, the largest change first; who came or went lies behind by the value's size."""
    earlier: Mapping[int, StoredValue] = {one.subject.id: one for one in before}
    later: Mapping[int, StoredValue] = {one.subject.id: one for one in after}
    found = [
        Mover(
            id,
            (later.get(id) or earlier[id]).label,
            earlier[id].value if id in earlier else None,
            later[id].value if id in later else None,
        )
        for id in earlier.keys() | later.keys()
    ]
    moved = [one for one in found if one.before != one.after]
    return sorted(moved, key=lambda one: (one.change is None, -abs(_size(one)), one.label, one.account))


def _movement(metric: str, subject: Subject, judged: Sequence[Anomaly], on: date) -> Movement | None:
    out = [one for one in judged if one.state in UNUSUAL]
    if not out:
        return None
    peak = max(out, key=lambda one: (_distance(one), one.day))
    same = [one for one in out if one.state is peak.state]
    return Movement(
        metric=metric,
        subject=subject,
        peak=peak,
        since=peak.since or peak.day,
        days=len(same),
        is_ongoing=same[-1].day == on,
    )


def _with_segments(one: Movement, segments: Sequence[Movement]) -> Movement:
    return replace(one, segments=tuple(segments))


def _distance(one: Anomaly) -> float:
    return float("inf") if one.z is None else abs(one.z)


def _place(one: Movement) -> tuple[float, str, int]:
    return (-_distance(one.peak), one.metric, one.subject.id)


def _size(one: Mover) -> float:
    return one.change if one.change is not None else (one.after or one.before or 0.0)
