"""Inputs about accounts by week."""

from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from engage_server.sdk.inputs.base import Dataset, InputSpec, Read


@dataclass(frozen=True, slots=True)
class AccountWeeks(InputSpec):
    """What was done in each account in the weeks of the trailing ``days``: one row per account and week with use.

    ``weeks_ago`` is 0 for the seven days that end with the computed day, 1 for those before, and so on; the first week is
    shorter where ``days`` is no multiple of seven. ``persons`` are the distinct ones of the week, ``person_days`` the days
    of each of them added up, ``events`` what they did. Names of the class NOTICE do not count.
    """

    columns: ClassVar[dict[str, pl.DataType | type[pl.DataType]]] = {
        "account": pl.Int64,
        "weeks_ago": pl.Int64,
        "persons": pl.Int64,
        "person_days": pl.Int64,
        "events": pl.Int64,
    }
    days: int = 84

    @property
    def reads(self) -> tuple[Read, ...]:
        return (Read(Dataset.EVENTS, self.days), Read(Dataset.NOTICES, self.days))
