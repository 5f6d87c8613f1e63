"""Answers the inputs that concern events, from the roll-ups: one statement each, as frames."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import polars as pl
from django.db import connection

from engage_server.activity import bitmap_inputs, first_inputs, group_inputs, person_inputs, session_inputs
from engage_server.activity.rollups.compaction import settle
from engage_server.customers.inputs import Resolver
from engage_server.sdk import InputSpec, Window


def watermark() -> datetime | None:
    """When the newest of the tenant's events was received; null where there is none."""
    settle()
    with connection.cursor() as cursor:
        cursor.execute("SELECT received_at FROM activity_rollupstate")
        newest: datetime | None = cursor.fetchone()[0]
    return newest


def _after_settling(resolver: Resolver) -> Resolver:
    """Events that were stored before the question belong into the answer, compacted or not."""

    def resolve(spec: Any, window: Window) -> pl.DataFrame:
        settle()
        return resolver(spec, window)

    return resolve


RESOLVERS: Final[Mapping[type[InputSpec], Resolver]] = {
    spec: _after_settling(resolver)
    for module in (bitmap_inputs, first_inputs, group_inputs, person_inputs, session_inputs)
    for spec, resolver in module.RESOLVERS.items()
}
