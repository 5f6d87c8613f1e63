"""A limit is kept over threads and processes, and what lies within it costs hardly a statement."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engage_server.access import rate_limiter
from engage_server.access.exceptions import BudgetSpentError
from engage_server.access.keys import find_key
from engage_server.access.limits import budgets_of
from engage_server.access.models import ApiKey, Bucket
from engage_server.access.rate_limiter import left, spend
from engage_server.access.token_bucket import Budget, take
from engage_server.audit.log import newest
from engage_server.operations.keys import create_key
from engage_server.operations.limits import set_limit
from engage_server.tenancy.scope import shared_scope, tenant_scope
from tests.end_to_end.processes import ROOT, environment

DAILY = Budget("daily events", "tenant", capacity=1_000)
RATE = Budget("events", "tenant", capacity=1_000, per_second=1_000)


def spent_by(tenant_id: int, budget: Budget, *, tries: int, amount: int = 1) -> int:
    granted = 0
    for _ in range(tries):
        try:
            spend(tenant_id, [budget], amount)
        except BudgetSpentError:
            continue
        granted += amount
    return granted


def let_pass(tenant_id: int, budget: Budget, **time_passed: float) -> None:
    """As if the bucket had last moved so long ago; what this process knows is forgotten."""
    with shared_scope():
        bucket = Bucket.objects.get(tenant_id=tenant_id, holder=budget.holder, budget=budget.name)
        bucket.moved_at -= timedelta(**time_passed)
        bucket.save()
    rate_limiter._forget(tenant_id)


def test_a_quota_is_given_out_to_the_last_unit_and_not_beyond(acme):
    assert spent_by(acme.id, DAILY, tries=1_500) == 1_000
    with pytest.raises(BudgetSpentError, match="1000 a day") as refusal:
        spend(acme.id, [DAILY], 1)
    assert 1 <= refusal.value.retry_after_s <= 24 * 3600


def test_a_quota_is_whole_again_on_the_next_day(acme):
    spent_by(acme.id, DAILY, tries=10, amount=100)
    let_pass(acme.id, DAILY, days=1)
    assert spent_by(acme.id, DAILY, tries=11, amount=100) == 1_000


def test_a_rate_refills_as_time_passes_up_to_its_capacity(acme):
    slow = Budget("events", "tenant", capacity=1_000, per_second=1)
    assert spent_by(acme.id, slow, tries=10, amount=100) == 1_000
    with pytest.raises(BudgetSpentError) as refusal:
        spend(acme.id, [slow], 100)
    assert 98 <= refusal.value.retry_after_s <= 100
    let_pass(acme.id, slow, seconds=300)
    assert spent_by(acme.id, slow, tries=10, amount=100) == 300
    let_pass(acme.id, slow, days=7)
    assert spent_by(acme.id, slow, tries=20, amount=100) == 1_000


def test_what_is_larger_than_the_bucket_is_let_in_when_that_is_full_and_paid_off_afterwards(acme):
    slow = Budget("events", "tenant", capacity=100, per_second=1)
    spend(acme.id, [slow], 250)
    with pytest.raises(BudgetSpentError) as refusal:
        spend(acme.id, [slow], 1)
    assert 149 <= refusal.value.retry_after_s <= 151


def test_a_raised_limit_holds_for_what_was_used_before(acme):
    assert spent_by(acme.id, DAILY, tries=11, amount=100) == 1_000
    rate_limiter._forget(acme.id)
    assert spent_by(acme.id, Budget("daily events", "tenant", capacity=1_500), tries=9, amount=100) == 500


def test_what_one_budget_refuses_is_taken_from_no_other(acme):
    mine = Budget("daily events", "key:abc", capacity=10)
    for _ in range(50):
        with pytest.raises(BudgetSpentError, match="of this key"):
            spend(acme.id, [DAILY, mine], 11)
    assert spent_by(acme.id, DAILY, tries=1_000) == 1_000


def test_tenants_do_not_share_a_bucket(acme, globex):
    for tenant in (acme, globex):
        assert spent_by(tenant.id, DAILY, tries=110, amount=10) == 1_000


def test_while_there_is_enough_a_portion_serves_many_requests(acme):
    budget = Budget("events", "tenant", capacity=100_000, per_second=100_000)
    with CaptureQueriesContext(connection) as statements:
        assert spent_by(acme.id, budget, tries=1_000, amount=10) == 10_000
    assert sum("UPDATE access_bucket" in statement["sql"] for statement in statements) <= 4


def test_a_bucket_that_is_dry_is_not_asked_for_every_request(acme):
    spent_by(acme.id, DAILY, tries=10, amount=100)
    with CaptureQueriesContext(connection) as statements:
        assert spent_by(acme.id, DAILY, tries=200) == 0
    assert sum("UPDATE access_bucket" in statement["sql"] for statement in statements) <= 3


def test_what_is_left_is_told(acme):
    assert left(acme.id, DAILY).amount == 1_000
    spend(acme.id, [DAILY], 400)
    told = left(acme.id, DAILY)
    assert (told.capacity, told.amount, told.per_second) == (1_000, 600, 0)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(amounts=st.lists(st.integers(1, 400), min_size=1, max_size=30))
def test_never_more_is_given_than_there_is_whatever_is_asked_for(acme, amounts):
    with shared_scope():
        Bucket.objects.all().delete()
    granted = 0.0
    for amount in amounts:
        lease = take(acme.id, DAILY, wanted=amount)
        granted += lease.granted
        assert lease.granted == 0 or lease.granted >= amount
        assert lease.left == 1_000 - granted >= 0


def test_limits_that_were_set_replace_the_defaults_and_those_of_a_key_stand_beside_them(
    acme, globex, settings
):
    settings.ENGAGE_EVENTS_PER_DAY = 5_000
    public_id = create_key(acme, ApiKey.Kind.INGEST).split("_")[3]
    actor = f"key:{public_id}"
    set_limit(acme, "events_per_second", 100)
    set_limit(acme, "events_per_day", 50, key=find_key(acme, public_id))
    assert budgets_of(acme.id, actor=actor).events == (
        Budget("events", "tenant", capacity=100, per_second=100),
        Budget("daily events", "tenant", capacity=5_000),
        Budget("daily events", actor, capacity=50),
    )
    with tenant_scope(acme):
        recorded = [(entry.subject, entry.details) for entry in newest(2, action="limit.changed")]
    assert recorded == [
        (f"key:{public_id}", {"name": "events_per_day", "amount": 50}),
        ("tenant", {"name": "events_per_second", "amount": 100}),
    ]
    set_limit(acme, "events_per_day", 0)
    assert Budget("daily events", "tenant", capacity=5_000) not in budgets_of(acme.id, actor=actor).events
    assert budgets_of(globex.id, actor="user:1").events == (Budget("daily events", "tenant", capacity=5_000),)


def test_an_account_that_comes_with_a_token_has_less_than_its_tenant(acme, settings):
    settings.ENGAGE_QUERY_POINTS = 10_000
    points = budgets_of(acme.id, actor="token:abc:7", account_id=7).points
    assert [(budget.holder, budget.capacity, budget.per_second) for budget in points] == [
        ("tenant", 10_000, 200),
        ("account:7", 1_000, 20),
    ]


def test_threads_together_get_the_quota_and_no_more(committed_tenants):
    tenant_id = committed_tenants[0].id

    def run(_: int) -> int:
        try:
            return spent_by(tenant_id, DAILY, tries=50, amount=10)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(run, range(4))) == 1_000


@pytest.mark.parametrize("per_second", [0, 1_000], ids=["quota", "rate"])
def test_two_processes_that_ask_for_ten_times_the_limit_get_it_within_two_per_cent(
    committed_tenants, per_second
):
    tenant_id, seconds, capacity = committed_tenants[0].id, 2.0, 1_000
    command = [sys.executable, "-m", "tests.access.spending", str(tenant_id), str(capacity), str(per_second)]
    processes = [
        subprocess.Popen(
            command, cwd=ROOT, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    assert [process.stdout.readline() for process in processes] == ["ready\n"] * 2
    begin = time.time() + 0.2
    for process in processes:
        process.stdin.write(f"{begin} {begin + seconds}\n")
        process.stdin.flush()
    answers = [process.communicate(timeout=60)[0].split() for process in processes]
    granted, wanted = (sum(int(answer[column]) for answer in answers) for column in (0, 1))
    assert wanted > 10 * (capacity + per_second * seconds)
    # On a busy machine both may be held up at the end: what they had no time to ask for is not denied to them.
    asked_for_s = max(float(answer[2]) for answer in answers) - begin
    assert granted == pytest.approx(capacity + per_second * asked_for_s, rel=0.02)
    assert not per_second or asked_for_s > seconds / 2
