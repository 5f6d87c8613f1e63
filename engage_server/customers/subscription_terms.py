"""The history of a subscription's terms: which held from which day on. What was believed of the past stays.

The terms of a day are those of the newest entry up to it; before the first entry, those of the first. Entries with
a date may come in any order. When the subscription starts and ends is no part of the terms: these are days
already, the latest word on them stands, for the past too.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

EVER: Final = date.min
PLACES: Final = Decimal("0.0001")  # of an amount, as it is stored


@dataclass(frozen=True, slots=True)
class Terms:
    """What an account has under a subscription.

    ``account`` is an id, ``seats`` None = unlimited, ``status`` a word of ``customers.statuses``; ``channel`` is where it
    was sold, ``cancel_reason`` why it was given notice of.
    """

    account: int
    plan: str
    seats: int | None
    amount: Decimal
    currency: str
    interval_months: int
    is_trial: bool
    status: str
    channel: str = ""
    cancel_reason: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "amount", self.amount.quantize(PLACES, ROUND_HALF_UP))


@dataclass(slots=True)
class TermsHistory:
    """Terms by the day from which they hold (EVER: since it started), and the period in which they count.

    Starts out with nothing known.
    """

    starts_on: date | None = None
    ends_on: date | None = None
    entries: dict[date, Terms] = field(default_factory=dict)

    def at(self, day: date) -> Terms | None:
        """The terms of a day; None where nothing is known at all."""
        reached = [since for since in self.entries if since <= day]
        if reached:
            return self.entries[max(reached)]
        return self.entries[min(self.entries)] if self.entries else None

    def move(self, starts_on: date, ends_on: date | None) -> date | None:
        """Set the period; the first day that counts or ceases to by this, None where nothing changes."""
        former, present = (self.starts_on, self.ends_on), (starts_on, ends_on)
        self.starts_on, self.ends_on = present
        if former[0] is None:
            return starts_on
        days = [day for pair in zip(former, present, strict=True) if pair[0] != pair[1] for day in pair]
        return min((day for day in days if day is not None), default=None)

    def enter(self, terms: Terms, *, on: date) -> date | None:
        """Let the terms hold from this day until the next entry; the first day whose terms change, if any."""
        former = self.at(on)
        is_first = not any(since < on for since in self.entries)
        self.entries[on] = terms
        if former == terms:
            return None
        return self.starts_on or on if is_first else on
