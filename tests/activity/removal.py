"""Removes single events, as an erasure does with all of a person."""

from collections.abc import Sequence
from typing import Final

from django.db import connection

from engage_server.activity.rollups.deltas import LOG_DELETED

REMOVE: Final = f"""
    WITH gone AS (
        DELETE FROM activity_event event USING activity_source source
        WHERE source.id = event.source_id AND source.name = 'web' AND event.message_id = ANY(%s)
        RETURNING event.person_id, event.account_id, event.name_id, event.occurred_at
    )
    {LOG_DELETED}
"""  # noqa: S608  # LOG_DELETED is a constant


def remove_events(message_ids: Sequence[str]) -> None:
    """Those of the source ``web``; ids that are not stored are passed over."""
    with connection.cursor() as cursor:
        cursor.execute(REMOVE, [list(message_ids)])
