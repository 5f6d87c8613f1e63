"""Which moments a change of membership periods concerns: exactly those at which another account results."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from engage_server.activity.rollups.affected_days import account_at, changed_stretches
from engage_server.customers.memberships import MembershipPeriod

START = datetime(2026, 6, 1, tzinfo=UTC)
HOURS = 12
hours = st.integers(0, HOURS - 1)


def period(account: int, start: int, length: int | None) -> MembershipPeriod:
    at = START + timedelta(hours=start)
    return MembershipPeriod(1, account, at, length and at + timedelta(hours=length))


periods = st.lists(
    st.builds(period, st.integers(1, 3), hours, st.none() | st.integers(1, 6)), max_size=4
).map(lambda found: tuple(sorted(found, key=lambda one: one.starts_at, reverse=True)))


@given(before=periods, after=periods)
def test_the_stretches_hold_exactly_the_moments_whose_account_is_another(before, after):
    stretches = list(changed_stretches(before, after))
    for half_hour in range(2 * HOURS + 20):
        at = START + timedelta(minutes=30 * half_hour)
        inside = any(start <= at and (end is None or at < end) for start, end in stretches)
        assert inside == (account_at(before, at) != account_at(after, at))


def test_the_first_period_in_force_decides():
    assert account_at((period(2, 3, None), period(1, 0, None)), START + timedelta(hours=3)) == 2
    assert account_at((period(2, 3, 1), period(1, 0, None)), START + timedelta(hours=4)) == 1
    assert account_at((), START) is None
