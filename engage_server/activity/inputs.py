"""Answers the inputs that concern events, from the roll-ups: a statement or two each, as frames."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import polars as pl
from django.db import connection

from engage_server.activity import (
    bitmap_inputs,
    feature_inputs,
    first_inputs,
    group_inputs,
    person_inputs,
    session_inputs,
)
from engage_server.activity.rollups.freshness import require_current
from engage_server.customers.inputs import Resolver
from engage_server.sdk import InputSpec, Window

STATE: Final = "SELECT received_at FROM activity_rollupstate"


def watermark() -> datetime | None:
    """When the newest of the tenant's events was received; null where there is none. Inside ``current_rollups()``.

    What is asked afterwards in the same block is answered from these events at least.
    """
    require_current()
    with connection.cursor() as cursor:
        cursor.execute(STATE)
        row: tuple[datetime | None] | None = cursor.fetchone()
    return None if row is None else row[0]


def _in_current_rollups(resolver: Resolver) -> Resolver:
    def resolve(spec: Any, window: Window) -> pl.DataFrame:
        require_current()
        return resolver(spec, window)

    return resolve


RESOLVERS: Final[Mapping[type[InputSpec], Resolver]] = {
    spec: _in_current_rollups(resolver)
    for module in (bitmap_inputs, feature_inputs, first_inputs, group_inputs, person_inputs, session_inputs)
    for spec, resolver in module.RESOLVERS.items()
}
