"""Rows for worked examples."""

from typing import Any

Row = dict[str, Any]


def terms(
    subscription: str,
    amount: str,
    begin: str,
    until: str | None = None,
    *,
    account: int = 1,
    months: int = 1,
    **columns: Any,
) -> Row:
    """Terms of a paid subscription from ``begin`` until ``until`` (exclusive)."""
    known = {"status": "active", "is_paid": True, "is_trial": False, "currency": "USD", "channel": ""}
    return known | {
        "subscription": subscription,
        "account": account,
        "amount": amount,
        "interval_months": months,
        "valid_from": begin,
        "valid_until": until,
        **columns,
    }


MOVES = (
    terms("stays", "70", "2026-01-01", account=1),
    terms("shrinks", "20", "2026-01-01", "2026-06-10", account=2),
    terms("shrinks", "10", "2026-06-10", account=2),
    terms("leaves", "10", "2026-01-01", "2026-06-15", account=3),
    terms("more", "10", "2026-06-20", account=1),
    terms("joins", "30", "2026-06-25", account=4),
)
"""From 100 on 1 June to 120 on 30 June: 10 contracted, 10 churned, 10 expanded, 30 new."""
