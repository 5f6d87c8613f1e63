"""What a rule is said to have told of the past is what it would have told day by day."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engage_server.automation.exceptions import ReplayTooLongError
from engage_server.automation.models import Signal
from engage_server.automation.replay import replay
from engage_server.customers.models import Account, Subscription
from engage_server.ingest.items import EventItem, PersonKey
from engage_server.ingest.store import store_items
from engage_server.tenancy.scope import tenant_scope
from tests.automation.days import METRIC, body, day, judge_days, make, values

DAYS = 12
SERIES = st.lists(
    st.none() | st.sampled_from([0.0, 39.0, 40.0, 45.0, 50.0, 51.0, 100.0]), min_size=DAYS, max_size=DAYS
)
TRIGGERS = st.sampled_from(
    [
        {"type": "value", "metric": METRIC, "below": 40, "clears_at": 50},
        {"type": "value", "metric": METRIC, "above": 45},
        {"type": "change", "metric": METRIC, "days": 2, "falls_by": 10},
        {"type": "change", "metric": METRIC, "days": 3, "rises_by": 0.5, "relative": True},
    ]
)
EVENTS = st.sampled_from(
    [
        {"type": "event", "event": "exported", "times": 2, "days": 3, "subject": "person"},
        {
            "type": "not_done",
            "after": "signed up",
            "event": "exported",
            "within_days": 3,
            "subject": "person",
        },
    ]
)
QUICK = settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])


def raised_by_replay_and_day_by_day(trigger, cool_down):
    """(subject, day) of every signal, both ways, and how many are open, both ways."""
    found = replay(body(trigger, cool_down_days=cool_down), first=day(0), last=day(DAYS - 1))
    make(trigger, cool_down_days=cool_down)
    judge_days(range(DAYS))
    stored = sorted(Signal.objects.values_list("subject", "raised_on"))
    still = Signal.objects.filter(cleared_on=None).count()
    return (sorted((one.subject, one.day) for one in found.raised), found.open), (stored, still)


@QUICK
@given(trigger=TRIGGERS, series=st.lists(SERIES, min_size=1, max_size=3), cool_down=st.integers(0, 6))
def test_replay_equals_what_evaluation_day_by_day_raised(acme, trigger, series, cool_down):
    with tenant_scope(acme), transaction.atomic():
        for number, of_account in enumerate(series, start=1):
            values(number, of_account)
        replayed, evaluated = raised_by_replay_and_day_by_day(trigger, cool_down)
        assert replayed == evaluated
        transaction.set_rollback(True)  # the next example begins with nothing


@QUICK
@given(
    trigger=EVENTS,
    done=st.sets(
        st.tuples(
            st.sampled_from(["ada", "bob"]),
            st.sampled_from(["signed up", "exported"]),
            st.integers(-2, DAYS - 1),
        ),
        max_size=12,
    ),
    cool_down=st.integers(0, 4),
)
def test_so_it_does_where_events_decide(acme, trigger, done, cool_down):
    with tenant_scope(acme), transaction.atomic():
        items = [
            EventItem(f"{user} {name} {number}", name, PersonKey(user_id=user), at, at)
            for user, name, number in sorted(done)
            for at in [datetime(2026, 3, 1, 12, tzinfo=UTC) + timedelta(days=number)]
        ]
        store_items(items, source="web")
        replayed, evaluated = raised_by_replay_and_day_by_day(trigger, cool_down)
        assert replayed == evaluated
        transaction.set_rollback(True)  # the next example begins with nothing


def test_it_says_how_often_of_whom_and_how_long_before_the_outcome(acme):
    with tenant_scope(acme):
        left, stayed, unwarned = (Account.objects.create(external_id=name).pk for name in ("a", "b", "c"))
        for account, until in ((left, day(9)), (unwarned, day(10)), (stayed, None)):
            Subscription.objects.create(
                external_id=f"s{account}", account_id=account, amount=1, starts_on=day(-90), ends_on=until
            )
        values(left, [60, 30, 60, 60, 30])
        values(stayed, [60, 30])
        values(unwarned, [60, 60])
        found = replay(
            body({"type": "value", "metric": METRIC, "below": 40}), first=day(0), last=day(DAYS - 1)
        )
    assert [(one.subject, one.day) for one in found.raised] == [
        (left, day(1)),
        (stayed, day(1)),
        (left, day(4)),
    ]
    assert (found.subjects, found.open) == (2, 2)
    warned = found.warned
    assert warned is not None
    assert (warned.outcome, warned.accounts, warned.warned, warned.median_days, warned.in_vain) == (
        "CHURN", 2, 1, 5, 1,
    )  # fmt: skip


def test_it_writes_nothing(acme, globex):
    with tenant_scope(acme):
        values(7, [10])
        replay(body({"type": "value", "metric": METRIC, "below": 40}), first=day(0), last=day(1))
        assert not Signal.objects.exists()


@pytest.mark.parametrize("last", [-1, 366])
def test_a_range_that_is_none_or_too_long_is_refused(acme, last):
    with tenant_scope(acme), pytest.raises(ReplayTooLongError, match="Remedy"):
        replay(body({"type": "renewal"}), first=day(0), last=day(last))


def test_too_much_to_judge_says_how_many_days_fit(acme):
    with tenant_scope(acme):
        Account.objects.bulk_create(Account(external_id=str(number)) for number in range(100))
        with pytest.raises(ReplayTooLongError, match="ask for 40 days"):
            replay(body({"type": "anomaly", "metric": METRIC}), first=day(0), last=day(89))
