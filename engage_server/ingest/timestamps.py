"""Reads clients' timestamps and corrects them for their clocks."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.conf import settings

from engage_server.ingest.exceptions import ItemError

NO_TIME_AGO: Final = timedelta(0)
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def parse_time(text: Any) -> datetime | None:
    """The time in an ISO 8601 text, UTC where it names no zone; None where it says none."""
    if not isinstance(text, str):
        return None
    try:
        time = datetime.fromisoformat(text)
        if time.tzinfo is UTC:
            return time
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def event_time(*, timestamp: Any, sent_at: Any, received_at: datetime) -> datetime:
    """received_at - (sent_at - timestamp): Segment's correction of a wrong client clock, and never after its arrival.

    What a client tells as later than its sending, since its clock was set back, happened when it was received.
    Without ``sent_at`` the timestamp stands as it is; without a timestamp it happened when it was received.

    Raises:
        ItemError: the timestamp is malformed, before 1970 or too far in the future.
    """
    if timestamp is None:
        return received_at
    return correct_time(timestamp, sent=parse_time(sent_at), received_at=received_at)


def correct_time(timestamp: Any, *, sent: datetime | None, received_at: datetime) -> datetime:
    """As ``event_time``, where the time of sending is read already."""
    reported = parse_time(timestamp)
    if reported is None:
        raise ItemError(
            "invalid_timestamp",
            f"The timestamp {str(timestamp)[:60]!r} is not ISO 8601, e.g. 2026-01-31T12:00:00Z.",
        )
    try:
        time = reported if sent is None else received_at - max(sent - reported, NO_TIME_AGO)
    except OverflowError:
        time = reported
    if time < EPOCH:
        raise ItemError(
            "timestamp_too_old", f"The event would have happened at {time.isoformat()}, before 1970."
        )
    if time > received_at and time > received_at + timedelta(seconds=settings.ENGAGE_FUTURE_TOLERANCE_S):
        raise ItemError(
            "timestamp_in_future",
            f"The event would happen at {time.isoformat()}. Remedy: check the client's clock, or send sentAt.",
        )
    return time


def correct_times(
    timestamps: Sequence[str], *, sent: datetime | None, received_at: datetime
) -> list[datetime]:
    """As ``correct_time`` for each, at half the cost where all are in UTC and in the past."""
    try:
        reported = list(map(datetime.fromisoformat, timestamps))
        if {time.tzinfo for time in reported} == {UTC}:
            times = reported if sent is None else [received_at - (sent - time) for time in reported]
            if min(times) >= EPOCH and max(times) <= received_at:
                return times
    except (ValueError, OverflowError):
        pass  # one of them is another matter, and ``correct_time`` says which
    return [correct_time(text, sent=sent, received_at=received_at) for text in timestamps]
