"""The place of a value among those of its peers."""

from collections.abc import Sequence
from typing import Final

import polars as pl

MIN_PEERS: Final = 10
"""Below so many peers a percentile says more of who they are than of the value."""


def percentile(value: pl.Expr, *, among: Sequence[str] = (), min_peers: int = MIN_PEERS) -> pl.Expr:
    """The percentile of each row's value, 0 to 100: 100 x (peers below it + half of the equal ones) / peers.

    Equal values share the middle of their ranks, and a value counts among its own equals. Null where the value is
    null, or where fewer than ``min_peers`` rows of the group have one.

    Args:
        value: the expression to be ranked; nulls and NaN have no place and count for nobody.
        among: columns that make the peer groups; none: all rows are peers.
        min_peers: the size from which on a group is compared.
    """
    known = value.fill_nan(None)
    place, size = known.rank("average") - 0.5, known.count()
    if among:
        place, size = place.over(*among), size.over(*among)
    return pl.when(size >= min_peers).then(100 * place / size)
