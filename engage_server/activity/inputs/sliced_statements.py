"""Runs the statements on person-days, restricted to the slice in force.

A restriction takes the place of a table: of the person-days those of its accounts are left, of the persons' states
those of its persons. So whatever is asked is answered as if nothing else had happened. What concerns the tenant as a
whole (when its events begin) reads the states under no alias and is not restricted.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

import polars as pl

from engage_server.customers.frames import query_frame
from engage_server.customers.slices import slice_in_force
from engage_server.sdk import InputSpec

DAYS: Final = re.compile(r"\bactivity_personday (?=day\b)")
STATES: Final = re.compile(r"\bactivity_personstate (?=state\b)")
DAYS_OF_ACCOUNTS: Final = "(SELECT * FROM activity_personday WHERE account = ANY(%(sliced_accounts)s)) "
STATES_OF_PERSONS: Final = "(SELECT * FROM activity_personstate WHERE root = ANY(%(sliced_persons)s)) "


def restricted(statement: str, params: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The statement with its parameters, for the slice in force alone."""
    part = slice_in_force()
    more: dict[str, Any] = {}
    if part.accounts is not None:
        statement = DAYS.sub(DAYS_OF_ACCOUNTS, statement)
        more["sliced_accounts"] = sorted(part.accounts)
    if part.persons is not None:
        statement = STATES.sub(STATES_OF_PERSONS, statement)
        more["sliced_persons"] = sorted(part.persons)
    return statement, {**params, **more}


def restricted_frame(spec: InputSpec, statement: str, params: Mapping[str, Any]) -> pl.DataFrame:
    """As ``query_frame``, for the slice in force alone."""
    return query_frame(spec, *restricted(statement, params))
