"""Sends many values to their table at once, by COPY: a tenth of what the same rows cost as an INSERT."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from django.db import connection


@dataclass(slots=True)
class Row:
    """A row of ``MetricValue`` on its way into the table, by column; the database numbers and dates it.

    It is no model instance: making one takes longer than storing it.
    """

    metric: str
    subject_kind: str
    subject_id: int
    day: date
    value: Decimal | None
    status: str
    n: int
    contributions: list[dict[str, Any]]
    details: dict[str, Any]
    window_start: datetime
    window_end: datetime
    timezone: str
    definition_version: int
    plugin_version: str
    configuration_version: int
    input_digest: str
    data_as_of: datetime | None
    run_id: int
    revision: int = 1
    reason: str = ""


COPY: Final = f"COPY metrics_metricvalue ({', '.join(Row.__slots__)}) FROM STDIN"


def copy_values(rows: Sequence[Row]) -> None:
    """Store new rows, in the caller's transaction."""
    if not rows:
        return
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(COPY) as copy:
        for row in rows:
            copy.write_row(
                (
                    row.metric, row.subject_kind, row.subject_id, row.day, row.value, row.status, row.n,
                    json.dumps(row.contributions), json.dumps(row.details), row.window_start, row.window_end,
                    row.timezone, row.definition_version, row.plugin_version, row.configuration_version,
                    row.input_digest, row.data_as_of, row.run_id, row.revision, row.reason,
                )
            )  # fmt: skip
