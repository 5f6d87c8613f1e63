"""The statement's part that reads a revision with all that explains it, and the value that its row makes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from engage_server.metrics.layouts import unpack
from engage_server.metrics.stored_details import as_said
from engage_server.sdk import Status, Subject
from engage_server.sdk.graphql import StoredValue

# Of ``series``, and of ``stored`` with what is joined to it.
COLUMNS: Final = """
    series.metric, series.subject_kind, stored.subject_id, stored.day, measured.value, measured.status, measured.n,
    computation.window_starts ->> measured.window_days::text, computation.window_end, computation.timezone,
    measured.definition_version, computation.configuration_version, stored.revision, computation.computed_at,
    computation.data_as_of, layout.body::text, measured.figures
"""
JOINED: Final = """
    JOIN metrics_measuredvalue AS measured ON measured.id = stored.measured_id
    JOIN metrics_wording AS layout ON layout.id = measured.layout_id
    JOIN metrics_computation AS computation ON computation.id = stored.computation_id
"""


def as_stored_value(row: Sequence[Any], *, label: str = "") -> StoredValue:
    """The value of a row that begins with ``COLUMNS``."""
    contributions, stored = unpack(row[15], row[16])
    said = as_said(stored)
    return StoredValue(
        metric=row[0],
        subject=Subject(row[1], row[2]),
        label=label,
        day=row[3],
        value=None if row[4] is None else float(row[4]),
        status=Status(row[5]),
        n=row[6],
        window_start=datetime.fromisoformat(row[7]),
        window_end=row[8],
        timezone=row[9],
        definition_version=row[10],
        configuration_version=row[11],
        revision=row[12],
        computed_at=row[13],
        data_as_of=row[14],
        contributions=contributions,
        details=said.details,
        unit=said.unit,
        direction=said.direction,
        interval=said.interval,
        normalised=said.normalised,
    )
