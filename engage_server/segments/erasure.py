"""Removes erased persons from segments. Inside the tenant's scope."""

from collections.abc import Sequence

from django.db import connection

from engage_server.definitions.models import Definition
from engage_server.segments.body import SEGMENT


def remove_from_segments(persons: Sequence[int]) -> int:
    """Delete the persons' memberships, of retired segments too; return how many rows."""
    bodies = Definition.objects.filter(kind=SEGMENT).values_list("number", "body")
    numbers = sorted({number for number, body in bodies if body.get("subject") == "person"})
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM segments_segmentmember WHERE segment = ANY(%s) AND subject = ANY(%s)",
            [numbers, list(persons)],
        )
        return int(cursor.rowcount)
