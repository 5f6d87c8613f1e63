"""A tenant moves between two real servers while clients send; the long trial is ``make chaos-move``."""

import pytest
from django.conf import settings

from tests.chaos.move import run
from tests.chaos.move_steps import AFTER, Point, points


@pytest.mark.skipif(
    not settings.ENGAGE_EMBEDDED_POSTGRES, reason="DATABASE_URL is set: two servers of ours are needed"
)
def test_a_tenant_goes_and_comes_back_killed_at_every_step_and_nothing_is_lost_doubled_or_left_behind():
    outcome = run(moves=2, undone=[Point("subscribe", AFTER), Point("freeze", AFTER)])
    assert outcome.wrong == []
    assert len(outcome.trips) == 2
    assert sorted(outcome.killed) == sorted(map(str, points()))
    assert len(outcome.undone) == 2
    assert outcome.acknowledged > 0
