"""Counts what hangs on persons: what a merge, or its undoing, moves."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from django.db import connection

from engage_server.activity.rollups.freshness import require_current


@dataclass(frozen=True, slots=True)
class MergeImpact:
    """Numbers of what is stored under some persons; ``days`` are those with an event, ``accounts`` distinct."""

    persons: int
    events: int
    days: int
    answers: int
    memberships: int
    accounts: int


COUNT: Final = """
    WITH used AS (SELECT day, account, cardinality(times) AS events FROM activity_personday WHERE person = ANY(%(ids)s)),
    answer AS (SELECT account_id FROM customers_surveyresponse WHERE person_id = ANY(%(ids)s)),
    membership AS (SELECT account_id FROM customers_membership WHERE person_id = ANY(%(ids)s))
    SELECT (SELECT COALESCE(sum(events), 0) FROM used), (SELECT count(DISTINCT day) FROM used),
           (SELECT count(*) FROM answer), (SELECT count(*) FROM membership),
           (SELECT count(DISTINCT account) FROM (
               SELECT NULLIF(account, 0) AS account FROM used
               UNION ALL SELECT account_id FROM answer UNION ALL SELECT account_id FROM membership) named)
"""


def count_impact(persons: Collection[int]) -> MergeImpact:
    """What is stored under these persons of the tenant in scope; inside ``current_rollups()``."""
    require_current()
    with connection.cursor() as cursor:
        cursor.execute(COUNT, {"ids": list(persons)})
        return MergeImpact(len(persons), *cursor.fetchone())
