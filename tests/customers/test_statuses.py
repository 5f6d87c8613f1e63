"""The words of billing systems for where a subscription stands, in any spelling; what is none is refused by name."""

from pathlib import Path

import pytest

from engage_server.customers.exceptions import UnknownStatusError
from engage_server.customers.statuses import STATUSES, SeatRule, read_status


@pytest.mark.parametrize(
    ("text", "word", "rule"),
    [
        ("active", "active", SeatRule.PAID),
        ("Past Due", "past_due", SeatRule.PAID),
        ("NON-RENEWING", "non_renewing", SeatRule.PAID),
        ("in_trial", "in_trial", SeatRule.TRIAL),
        ("Trial", "trialing", SeatRule.TRIAL),
        ("cancelled", "canceled", SeatRule.ENDED),
        ("unpaid", "unpaid", SeatRule.IDLE),
    ],
)
def test_a_status_is_read_in_any_spelling(text, word, rule):
    assert read_status(text) == word
    assert STATUSES[word] is rule


def test_an_unknown_status_is_refused_by_name_with_those_there_are():
    with pytest.raises(UnknownStatusError, match=r"'bogus' is no status .*Remedy: one of active, past_due"):
        read_status("bogus")


def test_every_status_fits_its_column():
    assert max(map(len, STATUSES)) <= 20


def test_the_guide_tells_of_every_status():
    guide = (Path(__file__).parents[2] / "docs" / "importing.md").read_text(encoding="utf-8")
    assert [word for word in STATUSES if f"`{word}`" not in guide] == []
