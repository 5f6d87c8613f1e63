"""How early accounts that left were warned of, and how often an alarm was false."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from engage_early_warning.falls import Episode


@dataclass(frozen=True, slots=True)
class Record:
    """The alarms of a history against who left.

    ``leads`` are the days from the first alarm to the day of leaving, of accounts that were warned of in time.
    ``missed`` accounts left without one. ``right`` alarms came true within the horizon, ``wrong`` ones did not, and
    ``open`` ones still may.
    """

    leads: tuple[int, ...]
    missed: int
    right: int
    wrong: int
    open: int


def held_against(
    episodes: Iterable[Episode],
    left: Mapping[int, date],
    *,
    watched: Iterable[int],
    day: date,
    first: date,
    horizon_days: int,
) -> Record:
    """Hold the alarms against the departures.

    Args:
        episodes: all times of low use.
        left: the day on which each account left.
        watched: accounts that had a baseline, and so could have been warned of.
        day: the computed day.
        first: departures before it are too early for an alarm of this history.
        horizon_days: an alarm comes true within so many days.

    Only alarms that were raised before an account left count: that who left uses nothing is no warning.
    """
    horizon = timedelta(days=horizon_days)
    raised: dict[int, list[date]] = {}
    right = wrong = undecided = 0
    for one in episodes:
        gone = left.get(one.account)
        if gone is not None and one.raised_on >= gone:
            continue
        if gone is not None and gone - one.raised_on <= horizon:
            right += 1
            raised.setdefault(one.account, []).append(one.raised_on)
        elif one.raised_on + horizon <= day:
            wrong += 1
        else:
            undecided += 1
    departed = [account for account in watched if account in left and left[account] >= first]
    leads = sorted((left[account] - min(raised[account])).days for account in departed if account in raised)
    return Record(tuple(leads), len(departed) - len(leads), right, wrong, undecided)
