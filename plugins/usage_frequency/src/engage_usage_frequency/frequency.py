"""The class of a number of active days among those observed."""

from enum import StrEnum
from typing import Final

from engage_usage_frequency.config import UsageFrequencyConfig

FORTNIGHT: Final = 14
"""The days that the thresholds are told for."""


class Frequency(StrEnum):
    """How regularly something is used."""

    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    INFREQUENT = "INFREQUENT"
    NONE = "NONE"


LOW: Final = frozenset({Frequency.INFREQUENT, Frequency.NONE})


def frequency_of(active: int, observed: int, config: UsageFrequencyConfig) -> Frequency:
    """The class of ``active`` days among ``observed`` ones, with the thresholds scaled from 14 days; compared exactly."""
    if not active:
        return Frequency.NONE
    scaled = FORTNIGHT * active
    if scaled >= config.daily_from * observed:
        return Frequency.DAILY
    return Frequency.WEEKLY if scaled >= config.weekly_from * observed else Frequency.INFREQUENT
