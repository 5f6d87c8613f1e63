"""Refuses measurements of accounts, persons and features that the tenant in scope does not have."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

import polars as pl
from django.db import connection

from engage_server.plugin_host.exceptions import PluginFailedError
from engage_server.sdk import Measurement

TABLES: Final[Mapping[str, str]] = {
    "account": "customers_account",
    "person": "customers_person",
    "feature": "activity_feature",
}
MISSING: Final = """
    SELECT asked.id FROM unnest(%s::bigint[]) AS asked (id)
    WHERE NOT EXISTS (SELECT FROM {table} known WHERE known.id = asked.id) ORDER BY asked.id LIMIT 1
"""


def refuse(plugin_id: str, measurements: Sequence[Measurement], frames: Mapping[str, pl.DataFrame]) -> None:
    """Go on only if every subject is one of the tenant's; those that the inputs named are, and cost no question.

    Raises:
        PluginFailedError: one is not; says which.
    """
    subjects = [one.subject for one in measurements]
    for kind, table in TABLES.items():
        unknown = {subject.id for subject in subjects if subject.kind == kind}
        # The short frames that list a kind come first: mostly nobody is left for the long ones.
        for frame in sorted(frames.values(), key=len):
            if unknown and kind in frame.columns:
                unknown.difference_update(frame[kind].unique().to_list())
        stranger = _first_missing(unknown, table) if unknown else None
        if stranger is not None:
            raise PluginFailedError(
                f"The plugin {plugin_id!r} measured the {kind} {stranger}, which there is not. "
                "Remedy: measure ids that its inputs gave it."
            )


def _first_missing(ids: Collection[int], table: str) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute(MISSING.format(table=table), [sorted(ids)])
        row = cursor.fetchone()
    return None if row is None else row[0]
