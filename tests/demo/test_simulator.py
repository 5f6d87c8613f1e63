"""The simulator is deterministic, keeps to its days, and its stories happen."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engage_server.demo.simulator.activity import activity, introductions
from engage_server.demo.simulator.companies import ACME, COMPANIES, DAYS, Company, Story
from engage_server.demo.simulator.population import populate

LAST = date(2026, 11, 20)
FIRST = LAST - timedelta(days=DAYS - 1)
POPULATIONS = {company.slug: populate(company, FIRST) for company in COMPANIES}
DAYS_OF_HISTORY = [FIRST + timedelta(days=n) for n in range(DAYS)]
each_company = pytest.mark.parametrize("company", COMPANIES, ids=lambda company: company.slug)


def midnight(day: date, company: Company) -> datetime:
    return datetime.combine(day, time(), tzinfo=ZoneInfo(company.timezone))


def moment(message: dict) -> datetime:
    return datetime.fromisoformat(message["timestamp"])


def local_day(message: dict, company: Company) -> date:
    return moment(message).astimezone(ZoneInfo(company.timezone)).date()


@cache
def history(company: Company) -> dict[date, list[dict]]:
    """The messages by the day of the company's zone that they bear."""
    by_day: dict[date, list[dict]] = {}
    for message in activity(POPULATIONS[company.slug], first=FIRST, last=LAST):
        by_day.setdefault(local_day(message, company), []).append(message)
    return by_day


def messages_of(company: Company) -> list[dict]:
    return [message for messages in history(company).values() for message in messages]


@each_company
def test_the_same_company_and_day_give_the_same_customers(company: Company):
    assert populate(company, FIRST) == POPULATIONS[company.slug]


@settings(max_examples=20, deadline=None)
@given(day=st.sampled_from(DAYS_OF_HISTORY))
def test_a_days_messages_do_not_depend_on_the_days_asked_for(day: date):
    assert list(activity(POPULATIONS["acme"], first=day, last=day)) == history(ACME)[day]


@each_company
def test_half_a_year_has_tens_of_thousands_of_messages(company: Company):
    assert 25_000 < len(messages_of(company)) < 60_000
    assert 40 <= len(POPULATIONS[company.slug].accounts) <= 60
    assert 250 <= len(POPULATIONS[company.slug].persons) <= 500


@each_company
def test_message_ids_are_unique(company: Company):
    messages = [*introductions(POPULATIONS[company.slug], until=LAST), *messages_of(company)]
    assert max(Counter(message["messageId"] for message in messages).values()) == 1


@each_company
def test_no_message_lies_outside_the_days_in_the_companys_zone(company: Company):
    moments = [moment(message) for message in messages_of(company)]
    assert midnight(FIRST, company) <= min(moments)
    assert max(moments) < midnight(LAST + timedelta(days=1), company)


@each_company
def test_every_day_has_messages_so_that_the_newest_tells_how_far_the_history_goes(company: Company):
    assert sorted(history(company)) == DAYS_OF_HISTORY


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25)])
def test_on_the_days_of_23_and_25_hours_people_still_come_in_working_hours(day: date):
    messages = list(activity(populate(ACME, day - timedelta(days=9)), first=day, last=day))
    hours = [moment(message).astimezone(ZoneInfo(ACME.timezone)) for message in messages]
    assert hours
    assert all(hour.date() == day and 7 <= hour.hour <= 18 for hour in hours)
    assert all(moment(message).tzinfo == UTC for message in messages)


@each_company
def test_nobody_is_active_before_joining_or_after_leaving(company: Company):
    persons = {person.external_id: person for person in POPULATIONS[company.slug].persons}
    for message in messages_of(company):
        assert persons[message["userId"]].comes(local_day(message, company))


@each_company
def test_a_new_feature_is_not_used_before_its_release_and_then_by_more_and_more(company: Company):
    feature = next(feature for feature in company.features if feature.released_on)
    released = FIRST + timedelta(days=feature.released_on)
    users: dict[bool, set[str]] = {False: set(), True: set()}
    middle = released + timedelta(days=30)
    for message in messages_of(company):
        if message.get("event") == feature.event:
            assert local_day(message, company) >= released
            users[local_day(message, company) > middle].add(message["userId"])
    assert 0 < len(users[False]) < len(users[True])


@each_company
def test_the_fading_account_falls_silent_before_it_cancels(company: Company):
    fading = next(a for a in POPULATIONS[company.slug].accounts if a.story is Story.FADING)
    days = [
        local_day(message, company)
        for message in messages_of(company)
        if message["context"]["groupId"] == fading.external_id
    ]
    assert fading.ended_on is not None
    assert FIRST < max(days) < fading.ended_on - timedelta(days=30)


@each_company
def test_the_outgrown_account_ends_with_more_active_persons_than_seats(company: Company):
    outgrown = next(a for a in POPULATIONS[company.slug].accounts if a.story is Story.OUTGROWN)
    active = {
        message["userId"]
        for message in messages_of(company)
        if message["context"]["groupId"] == outgrown.external_id
        and local_day(message, company) > LAST - timedelta(days=30)
    }
    assert len(active) > outgrown.seats


@each_company
def test_some_customers_stand_below_another(company: Company):
    accounts = POPULATIONS[company.slug].accounts
    known = {account.external_id for account in accounts}
    parents = [account.parent for account in accounts if account.parent is not None]
    assert parents
    assert set(parents) <= known
