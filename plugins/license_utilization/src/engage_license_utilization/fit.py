"""Whether what an account bought changed: seats and plans against an earlier day."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

import polars as pl

from engage_server.sdk import Answer


class Fit(StrEnum):
    """What happened to the subscriptions between the two days; a change of seats is named before one of plans."""

    NEW = "NEW"
    ENDED = "ENDED"
    EXPANDED = "EXPANDED"
    REDUCED = "REDUCED"
    PLAN_CHANGED = "PLAN_CHANGED"
    UNCHANGED = "UNCHANGED"


@dataclass(frozen=True, slots=True)
class FitChange:
    """Seats and plans on both days; trials are left out."""

    signal: Annotated[Fit, "What happened."]
    seats: Annotated[int | None, "On the day; null for an unlimited plan."]
    previous_seats: Annotated[int | None, "On the earlier day."]
    plans: Annotated[tuple[str, ...], "Plans on the day."]
    plans_added: Annotated[tuple[str, ...], "Plans that the earlier day did not have."]
    plans_dropped: Annotated[tuple[str, ...], "Plans that only the earlier day had."]


@dataclass(frozen=True, slots=True)
class Bought:
    """What the subscriptions of one subject give on one day; ``seats`` is None for an unlimited plan."""

    seats: int | None = 0
    plans: frozenset[str] = frozenset()
    subscriptions: int = 0

    def __add__(self, other: "Bought") -> "Bought":
        is_unlimited = self.seats is None or other.seats is None
        return Bought(
            None if is_unlimited else (self.seats or 0) + (other.seats or 0),
            self.plans | other.plans,
            self.subscriptions + other.subscriptions,
        )


def bought_by_account(seats: pl.DataFrame) -> Mapping[int, Bought]:
    """What was bought by each account, by id."""
    found: dict[int, Bought] = {}
    paid = seats.filter(~pl.col("is_trial").fill_null(False))
    for account, number, plan in paid.select("account", "seats", "plan").iter_rows():
        one = Bought(number, frozenset({plan} if plan else ()), 1)
        found[account] = found.get(account, Bought()) + one
    return found


def change_of(now: Bought, before: Bought) -> Answer:
    """Seats now less seats before; null where one of the days has an unlimited plan."""
    counted = now.seats is not None and before.seats is not None
    return Answer(
        (now.seats or 0) - (before.seats or 0) if counted else None,
        n=now.subscriptions + before.subscriptions,
        details=FitChange(
            signal=_signal(now, before),
            seats=now.seats,
            previous_seats=before.seats,
            plans=tuple(sorted(now.plans)),
            plans_added=tuple(sorted(now.plans - before.plans)),
            plans_dropped=tuple(sorted(before.plans - now.plans)),
        ),
    )


def _signal(now: Bought, before: Bought) -> Fit:
    if not (now.subscriptions and before.subscriptions):
        if now.subscriptions:
            return Fit.NEW
        return Fit.ENDED if before.subscriptions else Fit.UNCHANGED
    if now.seats != before.seats:
        # An unlimited plan gives more seats than any number.
        grown = now.seats is None or (before.seats is not None and now.seats > before.seats)
        return Fit.EXPANDED if grown else Fit.REDUCED
    return Fit.UNCHANGED if now.plans == before.plans else Fit.PLAN_CHANGED
