"""Guessing is slowed down for the account and for the address, exactly, over all connections."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import connections
from django.utils import timezone

from engage_server.access.models import SignInCount
from engage_server.access.throttle import MOST_BY_ACCOUNT, MOST_BY_ADDRESS, WINDOW, begin_attempt, take_back
from engage_server.tenancy.scope import shared_scope


def tries(count: int, **who: str) -> list[bool]:
    who = {"email": "ada@example.com", "address": "192.0.2.1", **who}
    return [begin_attempt(**who).allowed for _ in range(count)]


@pytest.mark.django_db
def test_an_account_is_tried_five_times_whatever_the_addresses():
    allowed = [begin_attempt(email="ada@example.com", address=f"192.0.2.{n}").allowed for n in range(8)]
    assert allowed == [True] * MOST_BY_ACCOUNT + [False] * 3
    assert begin_attempt(email="bob@example.com", address="192.0.2.1").allowed


@pytest.mark.django_db
def test_the_spelling_of_an_address_makes_no_new_account():
    tries(MOST_BY_ACCOUNT)
    assert tries(1, email=" ADA@example.com") == [False]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("addresses", "shared"),
    [
        (("192.0.2.1",), True),
        (("2001:db8::1", "2001:db8::ffff:2"), True),
        (("192.0.2.1", "192.0.2.2"), False),
    ],
)
def test_an_address_tries_thirty_accounts_and_an_ipv6_network_is_one(addresses, shared):
    allowed = [
        begin_attempt(email=f"p{n}@example.com", address=addresses[n % len(addresses)]).allowed
        for n in range(MOST_BY_ADDRESS + 2)
    ]
    assert allowed.count(False) == (2 if shared else 0)


@pytest.mark.django_db
def test_a_right_password_takes_its_own_attempt_back_and_no_other():
    wrong = tries(MOST_BY_ACCOUNT - 1)
    assert all(wrong)
    for _ in range(3):
        attempt = begin_attempt(email="ada@example.com", address="192.0.2.1")
        assert attempt.allowed
        take_back(attempt)
    assert tries(2) == [True, False]


@pytest.mark.django_db
def test_after_the_window_counting_begins_anew_and_old_counts_are_gone():
    tries(MOST_BY_ACCOUNT + 1)
    with shared_scope():
        SignInCount.objects.update(since=timezone.now() - WINDOW - timedelta(minutes=1))
    assert tries(1, email="bob@example.com", address="192.0.2.9") == [True]
    with shared_scope():
        assert SignInCount.objects.count() == 2
    assert tries(1) == [True]


@pytest.mark.django_db
def test_the_first_refusal_is_told_apart_from_those_that_follow():
    tries(MOST_BY_ACCOUNT)
    refused = [begin_attempt(email="ada@example.com", address="192.0.2.1").first_refused for _ in range(3)]
    assert refused == [True, False, False]


@pytest.mark.django_db(transaction=True)
def test_of_many_guesses_at_once_no_more_than_the_limit_are_allowed():
    def guess(_: int) -> bool:
        try:
            return begin_attempt(email="ada@example.com", address="192.0.2.1").allowed
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(guess, range(40))) == MOST_BY_ACCOUNT


@pytest.mark.django_db
def test_sessions_that_are_over_go_when_somebody_signs_in():
    now = timezone.now()
    with shared_scope():
        for name, hours in (("over", -1), ("in-force", 1)):
            Session.objects.create(
                session_key=name, session_data="", expire_date=now + timedelta(hours=hours)
            )
        tries(1)
        assert [found.session_key for found in Session.objects.all()] == ["in-force"]
