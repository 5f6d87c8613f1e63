"""An account leaves when it pays no more, whatever became of its subscription's terms."""

from datetime import date
from typing import Any

import polars as pl
import pytest
from engage_early_warning.departures import departures

from engage_server.sdk import AccountHistory, Subscriptions

DAY = date(2026, 6, 30)
JUNE = date(2026, 6, 1)


def terms(**more: Any) -> dict[str, Any]:
    return {"account": 1, "amount": 9, "status": "active", "is_trial": False, "is_paid": True} | more


def left(*rows: dict[str, Any]) -> dict[int, date]:
    return departures(
        pl.DataFrame(list(rows), schema=Subscriptions.columns),
        pl.DataFrame(schema=AccountHistory.columns),
        DAY,
    )


@pytest.mark.parametrize(
    "after",
    [
        {"status": "canceled", "is_paid": False},
        {"amount": 0, "ends_on": date(2027, 1, 1), "valid_until": date(2027, 1, 1)},
        {"status": "paused", "is_paid": False},
    ],
)
def test_an_account_whose_last_paid_terms_are_over_has_left(after: dict[str, Any]) -> None:
    paid = terms(valid_until=JUNE, ends_on=after.get("ends_on"))
    assert left(paid, terms(valid_from=JUNE, **after)) == {1: JUNE}


@pytest.mark.parametrize(
    "rows",
    [
        [terms()],
        [terms(valid_until=date(2027, 1, 1), ends_on=date(2027, 1, 1))],  # an end that lies ahead
        [terms(valid_until=JUNE), terms(valid_from=JUNE, amount=20)],  # another price
        [terms(valid_until=JUNE), terms(subscription="b")],  # another subscription
        [terms(is_paid=False, status="draft", valid_until=JUNE)],  # never paid
    ],
)
def test_an_account_that_pays_still_or_never_did_has_not_left(rows: list[dict[str, Any]]) -> None:
    assert left(*rows) == {}
