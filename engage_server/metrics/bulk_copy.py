"""Sends many values to their tables at once, as lines of COPY: a tenth of what the same rows cost as an INSERT."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from django.db import connection

from engage_server.metrics.layouts import Parts, as_json, unpack
from engage_server.metrics.wordings import numbers_of_series, numbers_of_texts

COPY_MEASURED: Final = (
    "COPY metrics_measuredvalue (id, n, layout_id, definition_version, window_days, digest, value, status, figures)"
    " FROM STDIN"
)
COPY_DAYS: Final = (
    "COPY metrics_dayvalue (measured_id, series_id, day, subject_id, computation_id, reason_id, revision)"
    " FROM STDIN"
)
COMPUTATION: Final = """
    INSERT INTO metrics_computation (run_id, configuration_version, window_end, data_as_of, computed_at, timezone,
        plugin_version, input_digest, window_starts)
    VALUES (%s, %s, %s, %s, statement_timestamp(), %s, %s, %s, %s) RETURNING id
"""
# The sequence is looked up once, and not for each number.
NEXT_NUMBERS: Final = """
    SELECT array_agg(nextval(numbers.sequence))
    FROM (SELECT pg_get_serial_sequence('metrics_measuredvalue', 'id')::regclass AS sequence OFFSET 0) AS numbers,
        generate_series(1, %s)
"""
NULL: Final = "\\N"


@dataclass(frozen=True, slots=True)
class Lineage:
    """Where a run's values come from; the same for all values of one run."""

    run_id: int
    day: date
    timezone: str
    window_end: datetime
    plugin_version: str
    configuration_version: int
    input_digest: str
    data_as_of: datetime | None


@dataclass(slots=True)
class Row:
    """A value on its way into the tables; its run's lineage makes it whole.

    ``measured_id`` is that of a measurement that is stored already and says the same; ``digest`` is hexadecimal. It is no
    model instance: making one takes longer than storing it.
    """

    metric: str
    subject_kind: str
    subject_id: int
    value: Decimal | None
    status: str
    n: int
    layout: bytes
    figures: bytes
    window_days: int
    window_start: datetime
    definition_version: int
    revision: int = 1
    reason: str = ""
    measured_id: int | None = None
    digest: str = ""

    def __post_init__(self) -> None:
        if self.digest:
            return
        said = (
            f"{self.value}|{self.status}|{self.n}|{self.window_days}|{self.definition_version}|".encode()
            + self.layout
            + self.figures
        )
        self.digest = hashlib.md5(said, usedforsecurity=False).hexdigest()

    def of(self, subject_id: int, *, window_start: datetime) -> "Row":
        """The row of another subject or day of which the same is said, before anything is known of its revisions."""
        return Row(
            self.metric, self.subject_kind, subject_id, self.value, self.status, self.n, self.layout, self.figures,
            self.window_days, window_start, self.definition_version, digest=self.digest,
        )  # fmt: skip

    @property
    def explained(self) -> tuple[Parts, dict[str, Any]]:
        """Contributions and details, as a reader finds them."""
        return unpack(self.layout.decode(), self.figures.decode())


def copy_values(rows: Sequence[Row], lineage: Lineage) -> None:
    """Store new rows, in the caller's transaction."""
    if not rows:
        return
    series = numbers_of_series({(row.metric, row.subject_kind) for row in rows})
    reasons = {row.reason: as_json(row.reason) for row in rows if row.reason}
    texts = numbers_of_texts({row.layout for row in rows if row.measured_id is None} | set(reasons.values()))
    computation = _computation(rows, lineage)
    _copy_measured([row for row in rows if row.measured_id is None], texts)
    numbers = {reason: str(texts[body]) for reason, body in reasons.items()}
    day = lineage.day.isoformat()
    # In the order of the index, of which neighbours then share their pages.
    placed = sorted(
        (series[row.metric, row.subject_kind], row.subject_id, place) for place, row in enumerate(rows)
    )
    lines = [
        f"{rows[place].measured_id}\t{number}\t{day}\t{subject}\t{computation}"
        f"\t{numbers.get(rows[place].reason, NULL)}\t{rows[place].revision}\n"
        for number, subject, place in placed
    ]
    _copy(COPY_DAYS, lines)


def _computation(rows: Sequence[Row], lineage: Lineage) -> int:
    starts = {str(row.window_days): row.window_start.isoformat() for row in rows}
    with connection.cursor() as cursor:
        cursor.execute(
            COMPUTATION,
            [
                lineage.run_id, lineage.configuration_version, lineage.window_end, lineage.data_as_of,
                lineage.timezone, lineage.plugin_version, lineage.input_digest, as_json(starts).decode(),
            ],
        )  # fmt: skip
        return int(cursor.fetchone()[0])


def _copy_measured(rows: Sequence[Row], layouts: Mapping[bytes, int]) -> None:
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(NEXT_NUMBERS, [len(rows)])
        for row, number in zip(rows, cursor.fetchone()[0], strict=True):
            row.measured_id = number
    _copy(COPY_MEASURED, [_measured(row, layouts[row.layout]) for row in rows])


def _measured(row: Row, layout: int) -> str:
    value = NULL if row.value is None else row.value
    figures = row.figures.decode()
    # JSON escapes control characters itself, which leaves its backslashes; hardly any text holds one.
    if "\\" in figures:
        figures = figures.replace("\\", "\\\\")
    return (
        f"{row.measured_id}\t{row.n}\t{layout}\t{row.definition_version}\t{row.window_days}\t{row.digest}\t{value}"
        f"\t{row.status}\t{figures}\n"
    )


def _copy(statement: str, lines: Sequence[str]) -> None:
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(statement) as copy:
        copy.write("".join(lines))
