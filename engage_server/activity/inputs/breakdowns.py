"""Answers the input that adds activity up by account, plan, stage, trait of accounts, or feature."""

from collections.abc import Mapping
from typing import Final

import polars as pl

from engage_server.activity.inputs.person_activity import PERSON_DAYS, window_days
from engage_server.activity.inputs.registration import resolves
from engage_server.activity.inputs.sliced_statements import restricted_frame
from engage_server.customers.inputs import ACCOUNTS_ON_DAY
from engage_server.customers.slicers import slice_statements
from engage_server.sdk import ActivityBy, Window

# What of the account at the time of the events makes the group.
GROUPS: Final[Mapping[str, str]] = {
    "account": "account.id::text",
    "plan": "NULLIF(account.plan, '')",
    "stage": "account.stage",
    "trait": "account.traits ->> %(trait)s",
}
BY_ACCOUNT: Final = f"""
    SELECT {{group}}, count(DISTINCT day.person), count(DISTINCT account.id), sum(cardinality(day.names))::bigint
    FROM ({PERSON_DAYS}) day LEFT JOIN ({ACCOUNTS_ON_DAY}) account ON account.id = day.account
    GROUP BY 1
"""
BY_FEATURE: Final = f"""
    SELECT feature.name, count(DISTINCT day.person), count(DISTINCT NULLIF(day.account, 0)), count(*)
    FROM ({PERSON_DAYS}) day CROSS JOIN LATERAL unnest(day.names) AS event (name)
    JOIN activity_eventname name ON name.id = event.name
    LEFT JOIN activity_feature feature ON feature.id = name.feature_id
    GROUP BY 1
"""


@resolves(ActivityBy)
def _activity_by(spec: ActivityBy, window: Window) -> pl.DataFrame:
    if (spec.by != "feature" and spec.by not in GROUPS) or (spec.by == "trait") != bool(spec.trait):
        raise ValueError(
            f"ActivityBy(by={spec.by!r}, trait={spec.trait!r}) is no group. Remedy: by one of "
            f"{', '.join([*GROUPS, 'feature'])}, and `trait` with by='trait' alone."
        )
    statement = BY_FEATURE if spec.by == "feature" else BY_ACCOUNT.format(group=GROUPS[spec.by])
    return restricted_frame(
        spec, statement, {**window_days(spec, window), "end": window.end, "trait": spec.trait}
    )


slice_statements(ActivityBy)
