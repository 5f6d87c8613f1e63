"""Stores computed values as revisions: what did not change is not written, what did supersedes the former."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

import msgspec
from django.db import connection, transaction

from engage_server.metrics.bulk_copy import Lineage, Row, as_json, copy_values
from engage_server.metrics.exceptions import UnstorableValueError
from engage_server.metrics.stored_details import as_stored
from engage_server.sdk import DetailsError, Measurement, Number

PLACES: Final = Decimal("0.0000000001")
# Two runs of one plugin and day (a lease that ran out) take turns instead of colliding on the index. The second
# statement reads what is there once the first has its lock; both travel together.
IN_FORCE: Final = """
    SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || %s, 0));
    SELECT metric, subject_kind, subject_id, id, revision, value, status, n, contributions, details,
        definition_version, configuration_version, timezone, input_digest
    FROM metrics_metricvalue WHERE metric = ANY(%s) AND day = %s AND superseded_at IS NULL
"""
SUPERSEDE: Final = "UPDATE metrics_metricvalue SET superseded_at = clock_timestamp() WHERE id = ANY(%s)"


@dataclass(frozen=True, slots=True)
class NewValue:
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
    """What is asked of a revision in force when its successor is at hand; JSON is parsed when it is compared."""

    id: int
    revision: int
    value: Decimal | None
    status: str
    n: int
    contributions: str
    details: str
    definition_version: int
    configuration_version: int
    timezone: str
    input_digest: str


def write_values(
    values: Sequence[NewValue], lineage: Lineage, *, metrics: Sequence[str], reason: str = ""
) -> Written:
    """Bring the day's values in force of ``metrics`` to what was computed.

    Runs inside the tenant's scope and the caller's transaction. Writing the same values twice writes nothing.
    A value that the plugin no longer gives is superseded without a successor. ``reason`` stands in the revisions;
    without one it is found by comparison.

    Raises:
        UnstorableValueError: a value or what explains it fits no column.
    """
    with transaction.atomic(savepoint=False):
        in_force = _in_force(metrics, lineage.day)
        fresh: list[Row] = []
        superseded: list[int] = []
        for value in values:
            row = as_row(value)
            former = in_force.pop((row.metric, row.subject_kind, row.subject_id), None)
            if former is not None and _same(former, row, lineage):
                continue
            if former is not None:
                superseded.append(former.id)
                row.revision = former.revision + 1
                row.reason = reason or _reason(former, row, lineage)
            fresh.append(row)
        superseded += [former.id for former in in_force.values()]
        _number_again(fresh, lineage.day)
        if superseded:
            with connection.cursor() as cursor:
                cursor.execute(SUPERSEDE, [superseded])
        copy_values(fresh, lineage)
    return Written(rows=len(fresh), superseded=len(superseded))


def stored_number(value: Number | None) -> Decimal | None:
    """A number as the table keeps it: ten decimal places, half to even."""
    if value is None:
        return None
    return (value if isinstance(value, Decimal) else Decimal(str(value))).quantize(PLACES, ROUND_HALF_EVEN)


def _in_force(metrics: Sequence[str], day: date) -> dict[Key, _Former]:
    """The day's values in force, locked against other runs of the same metrics and day."""
    with connection.cursor() as cursor:
        cursor.execute(IN_FORCE, [f"{day.isoformat()}:{','.join(sorted(metrics))}", list(metrics), day])
        cursor.nextset()
        return {(row[0], row[1], row[2]): _Former(*row[3:]) for row in cursor.fetchall()}


def as_row(value: NewValue) -> Row:
    """The row that storing the value makes.

    Raises:
        UnstorableValueError: the value has too many digits, or what explains it has no JSON form.
    """
    measurement = value.measurement
    try:
        return Row(
            metric=value.metric,
            subject_kind=measurement.subject.kind,
            subject_id=measurement.subject.id,
            value=stored_number(measurement.value),
            status=measurement.status.value,
            n=measurement.n,
            contributions=as_json(measurement.contributions),
            details=as_json(as_stored(measurement)),
            window_start=value.window_start,
            definition_version=value.definition_version,
        )
    except (ArithmeticError, DetailsError, TypeError, ValueError) as error:
        subject = measurement.subject
        raise UnstorableValueError(
            f"{value.metric} of {subject.kind} {subject.id} cannot be stored: {error or type(error).__name__}. "
            "Remedy: values below 10^18, and JSON scalars as details and in contributions."
        ) from error


def _same(former: _Former, row: Row, lineage: Lineage) -> bool:
    return (
        former.value == row.value
        and former.status == row.status
        and former.n == row.n
        and former.definition_version == row.definition_version
        and former.configuration_version == lineage.configuration_version
        and former.timezone == lineage.timezone
        and _read(former.details) == _read(row.details)
        and _read(former.contributions) == _read(row.contributions)
    )


_read: Final = msgspec.json.Decoder().decode


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
        cursor.execute(
            "SELECT metric, subject_kind, subject_id, max(revision) FROM metrics_metricvalue"
            " WHERE day = %s AND metric = ANY(%s) AND superseded_at IS NOT NULL GROUP BY 1, 2, 3",
            [day, sorted({row.metric for row in first})],
        )
        former: Mapping[Key, int] = {
            (m, kind, subject): number for m, kind, subject, number in cursor.fetchall()
        }
    for row in first:
        row.revision += former.get((row.metric, row.subject_kind, row.subject_id), 0)
