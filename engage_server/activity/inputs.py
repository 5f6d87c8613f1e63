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
from engage_server.activity.rollups.compaction import ensure_current
from engage_server.customers.inputs import Resolver
from engage_server.sdk import InputSpec, Window
from engage_server.tenancy.scope import current_tenant

STATE: Final = "SELECT received_at, zone, (SELECT max(id) FROM activity_eventdelta) FROM activity_rollupstate"


def watermark() -> datetime | None:
    """When the newest of the tenant's events was received; null where there is none.

    What is asked afterwards is answered from these events at least.
    """
    state = _state()
    if state is None or state[1:] != (current_tenant().timezone, None):
        ensure_current()
        state = _state()
    newest: datetime | None = None if state is None else state[0]
    return newest


def _state() -> tuple[datetime | None, str, int | None] | None:
    """Newest receipt in the roll-ups, their calendar's zone and the newest batch that waits for them."""
    with connection.cursor() as cursor:
        cursor.execute(STATE)
        row: tuple[datetime | None, str, int | None] | None = cursor.fetchone()
    return row


def _after_settling(resolver: Resolver) -> Resolver:
    """Events that were stored before the question belong into the answer, compacted or not."""

    def resolve(spec: Any, window: Window) -> pl.DataFrame:
        ensure_current()
        return resolver(spec, window)

    return resolve


RESOLVERS: Final[Mapping[type[InputSpec], Resolver]] = {
    spec: _after_settling(resolver)
    for module in (bitmap_inputs, feature_inputs, first_inputs, group_inputs, person_inputs, session_inputs)
    for spec, resolver in module.RESOLVERS.items()
}
