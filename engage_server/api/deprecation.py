"""Says of a field, an argument or an enum value until when it is kept: `@deprecated(reason: "… until 2027-06-30.")`."""

import re
from datetime import date
from typing import Final

REASON: Final = re.compile(r"^(?P<instead>.+) Kept until (?P<day>\d{4}-\d{2}-\d{2})\.$", re.DOTALL)


def kept_until(day: date, instead: str) -> str:
    """The reason of a deprecation, for ``deprecation_reason``.

    Args:
        day: the last on which it is there.
        instead: what to use in its place, as a sentence.

    Raises:
        ValueError: it says nothing of what to use.
    """
    if not instead.strip().endswith("."):
        raise ValueError(
            f"{instead!r} is no sentence. Remedy: say what to use in its place, with a full stop."
        )
    return f"{instead.strip()} Kept until {day.isoformat()}."


def last_day(reason: str) -> date | None:
    """The day that a reason names; None where it was not made here."""
    match = REASON.match(reason)
    return None if match is None else date.fromisoformat(match["day"])
