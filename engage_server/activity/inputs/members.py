"""Answers who is provisioned in an account: its members, and whoever was active in it."""

from typing import Final

import polars as pl

from engage_server.activity.inputs.registration import resolves
from engage_server.customers.frames import query_frame
from engage_server.customers.input_resolvers import RESOLVERS
from engage_server.customers.inputs import COUNTED, WITH_CANONICAL
from engage_server.customers.slicers import slice_rows
from engage_server.sdk import ActivePersons, Members, Window

BELONGING: Final = f"""
    SELECT DISTINCT canonical.id, membership.account_id
    FROM customers_membership membership {WITH_CANONICAL.format(table="membership")}
    WHERE membership.starts_at < %(end)s AND (membership.ends_at IS NULL OR membership.ends_at >= %(end)s) AND {COUNTED}
"""


@resolves(Members)
def _members(spec: Members, window: Window) -> pl.DataFrame:
    active = RESOLVERS[ActivePersons](ActivePersons(days=spec.days), window)
    belonging = query_frame(spec, BELONGING, {"end": window.end})
    known = active.select("person", "account").drop_nulls()
    return pl.concat([known, belonging]).unique().sort("account", "person")


slice_rows(Members, account="account", person="person")
