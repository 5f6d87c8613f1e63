"""Stores computed values as revisions: what did not change is not written, what did supersedes the former.

What a day has in common with the day before is stored once: the row of the new day points at what was measured then.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, Final, NamedTuple

from django.db import connection, transaction

from engage_server.metrics.bulk_copy import COPY_DAYS, Lineage, Row, copy_values
from engage_server.metrics.exceptions import UnstorableValueError
from engage_server.metrics.layouts import pack, unpack
from engage_server.metrics.stored_details import as_stored
from engage_server.sdk import DetailsError, Measurement, Number
from engage_server.sdk.recent import Recent
from engage_server.tenancy import citus

PLACES: Final = Decimal("0.0000000001")
# Two runs of one plugin and day (a lease that ran out) take turns instead of colliding on the index. The second
# statement reads what is there once the first has its lock; both travel together.
IN_FORCE: Final = """
    SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || %s, 0));
    SELECT series.metric, series.subject_kind, stored.subject_id, series.id, stored.revision, stored.measured_id,
        encode(uuid_send(measured.digest), 'hex'), measured.status, measured.definition_version,
        computation.configuration_version,
        computation.timezone, computation.input_digest
    FROM metrics_wording AS series
    JOIN metrics_dayvalue AS stored ON stored.series_id = series.id
    JOIN metrics_measuredvalue AS measured ON measured.id = stored.measured_id
    JOIN metrics_computation AS computation ON computation.id = stored.computation_id
    WHERE series.metric = ANY(%s) AND stored.day = %s AND stored.superseded_at IS NULL
"""
# What a revision said in full: only where its digest is another one, or not known.
SAID: Final = """
    SELECT measured.id, measured.value, measured.status, measured.n, measured.definition_version,
        measured.window_days, layout.body::text, measured.figures
    FROM metrics_measuredvalue AS measured JOIN metrics_wording AS layout ON layout.id = measured.layout_id
    WHERE measured.id = ANY(%s)
"""
# Of each series the last day with values before this one and the first one after it, if they are not far: a backfill
# by several workers writes days in no order. The days are found first, once for each series: joined in one, they would
# be looked for again for each value of the series, of whatever day.
NEIGHBOURS: Final = """
    WITH near AS MATERIALIZED (
        SELECT series.id, series.metric, series.subject_kind, found.day
        FROM metrics_wording AS series
        CROSS JOIN LATERAL (
            (SELECT day FROM metrics_dayvalue
            WHERE series_id = series.id AND day < %(day)s AND day >= %(day)s - %(days)s AND superseded_at IS NULL
            ORDER BY day DESC LIMIT 1)
            UNION ALL
            (SELECT day FROM metrics_dayvalue
            WHERE series_id = series.id AND day > %(day)s AND day <= %(day)s + %(days)s AND superseded_at IS NULL
            ORDER BY day LIMIT 1)) AS found
        WHERE series.metric = ANY(%(metrics)s)
    )
    SELECT near.metric, near.subject_kind, stored.subject_id, stored.measured_id,
        encode(uuid_send(measured.digest), 'hex')
    FROM near
    JOIN metrics_dayvalue AS stored
        ON stored.series_id = near.id AND stored.day = near.day AND stored.superseded_at IS NULL
    JOIN metrics_measuredvalue AS measured ON measured.id = stored.measured_id
    WHERE measured.digest IS NOT NULL
"""
NEIGHBOUR_DAYS: Final = 31
SUPERSEDE: Final = """
    UPDATE metrics_dayvalue AS stored SET superseded_at = statement_timestamp()
    FROM unnest(%s::int[], %s::int[]) AS former (series, subject)
    WHERE stored.series_id = former.series AND stored.subject_id = former.subject AND stored.day = %s
      AND stored.superseded_at IS NULL
"""
FORMER_NUMBERS: Final = """
    SELECT series.metric, series.subject_kind, stored.subject_id, max(stored.revision)
    FROM metrics_wording AS series JOIN metrics_dayvalue AS stored ON stored.series_id = series.id
    WHERE stored.day = %s AND series.metric = ANY(%s) AND stored.superseded_at IS NOT NULL
    GROUP BY 1, 2, 3
"""


class NewValue(NamedTuple):
    """A measurement on its way into the table. ``metric`` is the full id."""

    metric: str
    measurement: Measurement
    definition_version: int
    window_start: datetime


@dataclass(frozen=True, slots=True)
class Written:
    """What writing came to: rows written, and how many values in force before are no longer."""

    rows: int
    superseded: int


Key = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class _Former:
    """What is asked of a revision in force when its successor is at hand."""

    series: int
    revision: int
    measured_id: int
    digest: str | None
    status: str
    definition_version: int
    configuration_version: int
    timezone: str
    input_digest: str


def write_values(
    values: Sequence[NewValue],
    lineage: Lineage,
    *,
    metrics: Sequence[str],
    reason: str = "",
    packed: Recent | None = None,
) -> Written:
    """Bring the day's values in force of ``metrics`` to what was computed.

    Runs inside the tenant's scope and the caller's transaction. Writing the same values twice writes nothing.
    A value that the plugin no longer gives is superseded without a successor. ``reason`` stands in the revisions;
    without one it is found by comparison. ``packed``, where days follow one another, holds what was packed for the day
    before, and then what is now.

    Raises:
        UnstorableValueError: a value or what explains it fits no column.
    """
    with transaction.atomic(savepoint=False):
        in_force = _in_force(metrics, lineage.day)
        rows = list(_rows(values, packed or Recent()))
        same = _same_as_stored(rows, in_force)
        fresh: list[Row] = []
        superseded: list[tuple[int, int]] = []
        for row in rows:
            former = in_force.pop(_key(row), None)
            if former is not None:
                if _key(row) in same and _is_of_same_lineage(former, lineage):
                    continue
                superseded.append((former.series, row.subject_id))
                row.revision = former.revision + 1
                row.reason = reason or _reason(former, row, lineage)
            fresh.append(row)
        superseded += [(former.series, subject) for (_, _, subject), former in in_force.items()]
        _number_again(fresh, lineage.day)
        if superseded:
            with connection.cursor() as cursor:
                cursor.execute(
                    SUPERSEDE, [[one for one, _ in superseded], [one for _, one in superseded], lineage.day]
                )
        _share(fresh, metrics=metrics, day=lineage.day)
        copy_values(fresh, lineage)
        if superseded and not fresh:
            citus.commit_together(COPY_DAYS)  # with the run's end; else the rows are copied
    return Written(rows=len(fresh), superseded=len(superseded))


def stored_number(value: Number | None) -> Decimal | None:
    """A number as the table keeps it: ten decimal places, half to even."""
    if value is None:
        return None
    return (value if isinstance(value, Decimal) else Decimal(str(value))).quantize(PLACES, ROUND_HALF_EVEN)


def as_row(value: NewValue) -> Row:
    """The row that storing the value makes.

    Raises:
        UnstorableValueError: the value has too many digits, or what explains it has no JSON form.
    """
    measurement = value.measurement
    try:
        explanation = pack(measurement.contributions, as_stored(measurement))
        return Row(
            metric=value.metric,
            subject_kind=measurement.subject.kind,
            subject_id=measurement.subject.id,
            value=stored_number(measurement.value),
            status=measurement.status.value,
            n=measurement.n,
            layout=explanation.layout,
            figures=explanation.figures,
            window_days=measurement.window_days,
            window_start=value.window_start,
            definition_version=value.definition_version,
        )
    except (ArithmeticError, DetailsError, TypeError, ValueError) as error:
        subject = measurement.subject
        raise UnstorableValueError(
            f"{value.metric} of {subject.kind} {subject.id} cannot be stored: {error or type(error).__name__}. "
            "Remedy: values below 10^18, and JSON scalars as details and in contributions."
        ) from error


def _rows(values: Sequence[NewValue], packed: Recent) -> Iterator[Row]:
    """The rows of the values; what is said of many subjects alike is packed once."""
    for value in values:
        details = value.measurement.details
        known = None if details is None else packed.get(id(details))
        if known is not None and _is_said_again(value, known[0]):
            yield known[1].of(value.measurement.subject.id, window_start=value.window_start)
            continue
        row = as_row(value)
        if details is not None:
            packed.keep(id(details), (value, row))
        yield row


def _is_said_again(value: NewValue, before: NewValue) -> bool:
    return (
        value.metric == before.metric
        and value.definition_version == before.definition_version
        and value.measurement.says_as(before.measurement)
    )


def _key(row: Row) -> Key:
    return (row.metric, row.subject_kind, row.subject_id)


def _in_force(metrics: Sequence[str], day: date) -> dict[Key, _Former]:
    """The day's values in force, locked against other runs of the same metrics and day."""
    with connection.cursor() as cursor:
        cursor.execute(IN_FORCE, [f"{day.isoformat()}:{','.join(sorted(metrics))}", list(metrics), day])
        cursor.nextset()
        return {(row[0], row[1], row[2]): _Former(*row[3:]) for row in cursor.fetchall()}


def _same_as_stored(rows: Sequence[Row], in_force: Mapping[Key, _Former]) -> set[Key]:
    """Which rows say what the revision in force says, to the figure."""
    same: set[Key] = set()
    unsure: dict[Key, tuple[Row, int]] = {}
    for row in rows:
        former = in_force.get(_key(row))
        if former is None:
            continue
        if former.digest == row.digest:
            same.add(_key(row))
        elif former.definition_version == row.definition_version:
            unsure[_key(row)] = (row, former.measured_id)
    said = _said({number for _, number in unsure.values()})
    for key, (row, number) in unsure.items():
        mine = (row.value, row.status, row.n, row.definition_version, row.window_days, row.explained)
        if said[number] == mine:
            row.measured_id = number
            same.add(key)
    return same


def _said(numbers: Collection[int]) -> dict[int, tuple[Any, ...]]:
    if not numbers:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(SAID, [list(numbers)])
        return {
            number: (*said, unpack(layout, figures)) for number, *said, layout, figures in cursor.fetchall()
        }


def _is_of_same_lineage(former: _Former, lineage: Lineage) -> bool:
    return (
        former.configuration_version == lineage.configuration_version and former.timezone == lineage.timezone
    )


def _reason(former: _Former, row: Row, lineage: Lineage) -> str:
    if former.configuration_version != lineage.configuration_version:
        return f"configuration version {lineage.configuration_version}"
    if former.definition_version != row.definition_version:
        return f"definition version {row.definition_version}"
    if former.status == "PARTIAL" and row.status != "PARTIAL":
        return "the period ended"
    if former.input_digest != lineage.input_digest:
        return "data changed"
    return "recomputed"


def _number_again(fresh: Sequence[Row], day: date) -> None:
    """Continue the numbering where an earlier revision was superseded without a successor."""
    first = [row for row in fresh if row.revision == 1]
    if not first:
        return
    with connection.cursor() as cursor:
        cursor.execute(FORMER_NUMBERS, [day, sorted({row.metric for row in first})])
        former: Mapping[Key, int] = {
            (m, kind, subject): number for m, kind, subject, number in cursor.fetchall()
        }
    for row in first:
        row.revision += former.get(_key(row), 0)


def _share(fresh: Sequence[Row], *, metrics: Sequence[str], day: date) -> None:
    """Have the rows point at what was measured on the days next to theirs, where it is the same."""
    if not fresh:
        return
    with connection.cursor() as cursor:
        cursor.execute(NEIGHBOURS, {"metrics": list(metrics), "day": day, "days": NEIGHBOUR_DAYS})
        measured: dict[tuple[str, str, int, str], int] = {
            (metric, kind, subject, digest): number
            for metric, kind, subject, number, digest in cursor.fetchall()
        }
    for row in fresh:
        if row.measured_id is None:
            row.measured_id = measured.get((*_key(row), row.digest))
