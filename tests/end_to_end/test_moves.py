"""A tenant moves between two real servers while a client sends; the long trial is ``make chaos-move``."""

import pytest
from django.conf import settings

from tests.chaos.move import run


@pytest.mark.skipif(
    not settings.ENGAGE_EMBEDDED_POSTGRES, reason="DATABASE_URL is set: two servers of ours are needed"
)
def test_a_tenant_goes_and_comes_back_killed_twice_on_the_way_and_nothing_is_lost_doubled_or_left_behind():
    outcome = run(moves=2, kills=2)
    assert outcome.wrong == []
    assert (outcome.moves, outcome.kills) == (2, 2)
    assert outcome.acknowledged > 0
