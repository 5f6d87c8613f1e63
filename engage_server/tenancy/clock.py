"""The database's clock: the one that all processes share, however wrong their own."""

from datetime import datetime, timedelta

from django.db import connection
from django.db.models import DateTimeField, ExpressionWrapper, Func
from django.db.models.expressions import Combinable


class ClockTimestamp(Func):
    """``clock_timestamp()`` in a query: the time now, also inside a long transaction."""

    function = "clock_timestamp"
    output_field = DateTimeField()


def in_seconds(seconds: float) -> Combinable:
    """The database's time this many seconds from now, for filters and updates."""
    return ExpressionWrapper(ClockTimestamp() + timedelta(seconds=seconds), output_field=DateTimeField())


def database_now() -> datetime:
    """The database's time now; needs a scope, any."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
    return now
