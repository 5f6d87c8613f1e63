"""What the status of a subscription means for its seats: the one place that says so.

The words are those of billing systems, in any spelling (``In Trial``, ``in-trial``); others are refused by name.

- PAID: the seats are purchased, from ``starts_on`` until ``ends_on``.
- TRIAL: the seats are to be tried and were never purchased.
- ENDED: ``ends_on`` says when; where it is blank nothing counts from the day on which the status holds.
- IDLE: not paid for, or not to be used: nothing counts as long as the status holds.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from engage_server.customers.exceptions import UnknownStatusError


class SeatRule(StrEnum):
    """What a status means for seats; see the module."""

    PAID = "PAID"
    TRIAL = "TRIAL"
    ENDED = "ENDED"
    IDLE = "IDLE"


STATUSES: Final[Mapping[str, SeatRule]] = {
    "active": SeatRule.PAID,
    "past_due": SeatRule.PAID,  # a payment is late; the customer has not left
    "non_renewing": SeatRule.PAID,  # until ends_on
    "future": SeatRule.PAID,  # from starts_on
    "trialing": SeatRule.TRIAL,
    "in_trial": SeatRule.TRIAL,
    "on_trial": SeatRule.TRIAL,
    "canceled": SeatRule.ENDED,
    "ended": SeatRule.ENDED,
    "expired": SeatRule.ENDED,
    "incomplete_expired": SeatRule.ENDED,
    "transferred": SeatRule.ENDED,
    "unpaid": SeatRule.IDLE,
    "paused": SeatRule.IDLE,
    "suspended": SeatRule.IDLE,
    "incomplete": SeatRule.IDLE,
    "pending": SeatRule.IDLE,
    "draft": SeatRule.IDLE,
}
SPELLINGS: Final[Mapping[str, str]] = {"cancelled": "canceled", "trial": "trialing"}


def read_status(text: str) -> str:
    """The word of STATUSES that the text is a spelling of.

    Raises:
        UnknownStatusError: it is none.
    """
    word = "_".join(text.lower().replace("-", " ").replace("_", " ").split())
    word = SPELLINGS.get(word, word)
    if word not in STATUSES:
        raise UnknownStatusError(
            f"{text!r} is no status of a subscription. Remedy: one of {', '.join(STATUSES)}."
        )
    return word


def statuses_of(rule: SeatRule) -> list[str]:
    """The words that mean this."""
    return [word for word, meaning in STATUSES.items() if meaning is rule]
