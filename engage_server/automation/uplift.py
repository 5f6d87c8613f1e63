"""Whether a playbook helps: how many signals were over in time, or how a metric moved, with it and of those held out.

Inside the tenant's scope.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.db import connection
from django.db.models import Count, Exists, F, OuterRef, QuerySet

from engage_server.automation.models import Journey, Signal
from engage_server.sdk import Interval
from engage_server.sdk.intervals import difference_of_means, difference_of_shares
from engage_server.tenancy.clock import database_now

USUAL_DAYS: Final = 14
# From the day of the signal to so many days later; of who has a whole value on both days, under one definition.
CHANGES: Final = """
    SELECT journey.state = 'HELD_OUT', count(*), count(later.value), avg(later.value - before.value)::float8,
           COALESCE(var_samp(later.value - before.value), 0)::float8
    FROM automation_journey AS journey
    JOIN automation_signal AS signal ON signal.id = journey.signal
    JOIN metrics_wording AS series ON series.metric = %(metric)s AND series.subject_kind = journey.subject_kind
    LEFT JOIN metrics_dayvalue AS first ON first.series_id = series.id AND first.superseded_at IS NULL
        AND first.subject_id = journey.subject AND first.day = signal.raised_on
    LEFT JOIN metrics_measuredvalue AS before ON before.id = first.measured_id
        AND before.status = 'OK' AND (before.n = 0 OR before.n >= %(minimum_n)s)
    LEFT JOIN metrics_dayvalue AS last ON last.series_id = series.id AND last.superseded_at IS NULL
        AND last.subject_id = journey.subject AND last.day = signal.raised_on + %(days)s::int
    LEFT JOIN metrics_measuredvalue AS later ON later.id = last.measured_id AND before.value IS NOT NULL
        AND later.status = 'OK' AND (later.n = 0 OR later.n >= %(minimum_n)s)
        AND later.definition_version = before.definition_version
    WHERE journey.playbook = %(playbook)s GROUP BY 1
"""


@dataclass(frozen=True, slots=True)
class Group:
    """Subjects that were due to be judged, and of them those whose signal was over in time."""

    subjects: int
    over: int


@dataclass(frozen=True, slots=True)
class Uplift:
    """``difference`` is the share of ``treated`` less that of ``held_out``, in points; None where one is empty."""

    days: int
    treated: Group
    held_out: Group
    difference: float | None
    interval: Interval | None


def uplift(playbook: int, *, days: int = USUAL_DAYS) -> Uplift:
    """Compare by the first so many days of each journey; those that began later are not judged yet.

    Who stopped early counts as treated: it was meant to be. Interval: Newcombe's of a difference between two shares.
    """
    begun = Journey.objects.filter(playbook=playbook, begun_at__lte=database_now() - timedelta(days=days))
    treated, held_out = (
        _group(begun.exclude(state=Journey.State.HELD_OUT), days),
        _group(begun.filter(state=Journey.State.HELD_OUT), days),
    )
    if not (treated.subjects and held_out.subjects):
        return Uplift(days, treated, held_out, None, None)
    difference = 100 * (treated.over / treated.subjects - held_out.over / held_out.subjects)
    interval = difference_of_shares(treated.over, treated.subjects, held_out.over, held_out.subjects)
    return Uplift(days, treated, held_out, difference, interval)


@dataclass(frozen=True, slots=True)
class Change:
    """How far a metric moved on average; ``left_out`` had no value on one of the two days. ``mean`` None: of nobody."""

    subjects: int
    left_out: int
    mean: float | None


@dataclass(frozen=True, slots=True)
class MetricUplift:
    """``difference`` is the change of the ``treated`` less that of the ``held_out``, in the metric's unit."""

    metric: str
    days: int
    treated: Change
    held_out: Change
    difference: float | None
    interval: Interval | None


def metric_uplift(
    playbook: int, metric: str, *, days: int = USUAL_DAYS, minimum_n: int = 0, minimum_subjects: int = 1
) -> MetricUplift:
    """Compare how a metric moved within so many days of the signal. One statement. Interval: Welch's.

    Args:
        playbook: its number.
        metric: full id, of one that the playbook's subjects have.
        days: from the signal's day on.
        minimum_n: values that rest on fewer are left out, for who may not see those.
        minimum_subjects: nothing is told of groups that are smaller.
    """
    asked: dict[str, Any] = {"playbook": playbook, "metric": metric, "days": days, "minimum_n": minimum_n}
    with connection.cursor() as cursor:
        cursor.execute(CHANGES, asked)
        found = {is_held_out: row for is_held_out, *row in cursor.fetchall()}
    treated, of_treated = _moved(found.get(False), minimum_subjects)
    held_out, of_held_out = _moved(found.get(True), minimum_subjects)
    if of_treated is None or of_held_out is None:
        return MetricUplift(metric, days, treated, held_out, None, None)
    interval = difference_of_means(of_treated, of_held_out)
    return MetricUplift(metric, days, treated, held_out, of_treated[0] - of_held_out[0], interval)


def _moved(
    row: Sequence[Any] | None, minimum_subjects: int
) -> tuple[Change, tuple[float, float, int] | None]:
    """How a group moved, and its mean, variance and size where they may be told."""
    if row is None:
        return Change(0, 0, None), None
    whole, counted, mean, variance = row
    if mean is None or counted < minimum_subjects:
        return Change(counted, whole - counted, None), None
    return Change(counted, whole - counted, mean), (mean, variance, counted)


def _group(journeys: QuerySet[Journey], days: int) -> Group:
    """Of these; one statement, and no row leaves the database. A signal that is gone was not over in time."""
    in_time = Signal.objects.filter(
        pk=OuterRef("signal"), cleared_on__isnull=False, cleared_on__lte=F("raised_on") + timedelta(days=days)
    )
    counted = journeys.aggregate(subjects=Count("id"), over=Count("id", filter=Exists(in_time)))
    return Group(counted["subjects"], counted["over"])
