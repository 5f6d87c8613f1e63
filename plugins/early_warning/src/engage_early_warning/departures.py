"""Which accounts left, and when."""

from datetime import date

import polars as pl


def departures(subscriptions: pl.DataFrame, history: pl.DataFrame, day: date) -> dict[int, date]:
    """The day on which each account left, of those that have left by ``day``.

    An account with paid subscriptions left when the last of them ended or was paid no more, whatever became of its terms;
    one without when its stage became CHURNED.

    Args:
        subscriptions: ``account``, ``amount``, ``is_paid`` and ``valid_until`` of the terms in the window.
        history: ``account``, ``attribute``, ``value``, ``first`` and ``until``.
        day: the computed day.
    """
    paid = subscriptions.filter((pl.col("amount") > 0) & pl.col("is_paid"))
    # Terms hold within their subscription, so that valid_until is its end as well where that comes first.
    ends = paid.group_by("account").agg(
        is_open=pl.col("valid_until").is_null().any(), left=pl.col("valid_until").max()
    )
    ended = ends.filter(~pl.col("is_open") & (pl.col("left") <= day)).select("account", "left")
    churned = (
        history.filter(
            (pl.col("attribute") == "stage") & (pl.col("value") == "CHURNED") & pl.col("until").is_null()
        )
        .join(ends, on="account", how="anti")
        .filter(pl.col("first") <= day)
        .group_by("account")
        .agg(left=pl.col("first").max())
    )
    found = pl.concat([ended, churned.select("account", "left")]).drop_nulls("account")
    return dict(found.iter_rows())
