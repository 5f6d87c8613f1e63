"""The tree of accounts, as pairs that frames can be joined with."""

from collections.abc import Mapping
from typing import Final

import polars as pl

SCHEMA: Final = {"account": pl.Int64, "above": pl.Int64, "distance": pl.Int64}


class AccountCycleError(ValueError):
    """An account is its own ancestor."""


def lineage(parents: Mapping[int, int | None]) -> pl.DataFrame:
    """Each account with itself (distance 0) and every account above it (1 = its parent).

    Args:
        parents: account to parent. A parent that is no key itself ends the line.

    Raises:
        AccountCycleError: an account is its own ancestor.
    """
    rows = [
        (account, above, distance)
        for account in parents
        for distance, above in enumerate(_line(account, parents))
    ]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _line(account: int, parents: Mapping[int, int | None]) -> list[int]:
    line: dict[int, None] = {}
    current: int | None = account
    while current is not None and current in parents:
        if current in line:
            path = " > ".join(str(step) for step in [*line, current])
            raise AccountCycleError(
                f"The accounts with the ids {path} are each other's parents. Remedy: take one of them out "
                "of its parent, or set roll_up_children to false."
            )
        line[current] = None
        current = parents[current]
    return list(line)
