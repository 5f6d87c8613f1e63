"""The simulated exports: what the import command is given."""

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

import pytest

from engage_server.demo.simulator import books, contracts, records
from engage_server.demo.simulator.companies import COMPANIES, DAYS, Company
from engage_server.demo.simulator.population import Population, populate

LAST = date(2026, 11, 20)
FIRST = LAST - timedelta(days=DAYS - 1)


@pytest.fixture(scope="module", params=COMPANIES, ids=lambda company: company.slug)
def population(request: pytest.FixtureRequest) -> Population:
    company: Company = request.param
    return populate(company, FIRST)


def test_responses_lie_on_their_scales_and_within_the_days(population: Population):
    rows = list(records.responses(population, until=LAST))
    assert len(rows) > 300
    for row in rows:
        low, high = map(int, str(row["scale"]).split("-"))
        assert row["score"] is None or low <= int(str(row["score"])) <= high
        assert FIRST.isoformat() <= str(row["occurred_at"]) < (LAST + timedelta(days=1)).isoformat()


def test_a_person_is_asked_for_a_recommendation_at_most_every_75_days(population: Population):
    rows = [row for row in records.responses(population, until=LAST) if row["instrument"] == "nps"]
    assert max(Counter(row["person"] for row in rows).values()) <= -(-DAYS // records.NPS_EVERY_DAYS)


# What tells the rows of one thing apart: its states and terms have a day, its stages a name.
APART = {
    records.accounts: ("external_id", "changed_at"),
    contracts.subscriptions: ("external_id", "changed_on"),
    records.responses: ("external_id",),
    records.notes: ("external_id",),
    books.ledger: ("external_id", "stage"),
}


@pytest.mark.parametrize("write", APART, ids=lambda write: write.__name__)
def test_rows_are_there_once_and_stay_when_a_later_day_is_written(population: Population, write: object):
    def names(until: date) -> list[tuple[object, ...]]:
        return [tuple(row[name] for name in APART[write]) for row in write(population, until=until)]

    earlier, later = names(LAST), names(LAST + timedelta(days=20))
    assert len(set(earlier)) == len(earlier)
    assert set(earlier) <= set(later)


def test_a_cancelled_subscription_has_an_end_only_once_it_ended(population: Population):
    ended = next(account for account in population.accounts if account.ended_on)
    assert ended.ended_on is not None

    def terms(until: date) -> list[tuple[object, object, bool]]:
        return [
            (row["status"], row["ends_on"], bool(row["cancel_reason"]))
            for row in contracts.subscriptions(population, until=until)
            if row["account"] == ended.external_id
        ]

    notice = ended.ended_on - timedelta(days=contracts.NOTICE_DAYS)
    assert terms(notice - timedelta(days=1)) == [("active", None, False)]
    end = ended.ended_on.isoformat()
    assert terms(notice) == [("active", end, False), ("canceled", end, True)]


def test_who_pays_a_year_ahead_renews_after_the_last_day(population: Population):
    rows = list(contracts.subscriptions(population, until=LAST))
    yearly = [row for row in rows if row["interval_months"] == 12]
    assert yearly
    assert all(str(row["ends_on"]) > LAST.isoformat() for row in yearly)


def test_some_grow_some_shrink_and_some_begin_on_trial(population: Population):
    rows = list(contracts.subscriptions(population, until=LAST))
    steps = [
        (former["seats"], row["seats"], former["is_trial"], row["is_trial"])
        for former, row in pairwise(rows)
        if former["account"] == row["account"]
    ]
    assert any(later > earlier for earlier, later, *_ in steps)
    assert any(later < earlier for earlier, later, *_ in steps)
    assert any(trial == ("yes", "no") for *_, trial in ((a, b, (c, d)) for a, b, c, d in steps))


def test_stages_follow_each_other_and_end_with_the_relationship(population: Population):
    stages: dict[object, list[object]] = {}
    for row in records.accounts(population, until=LAST):
        stages.setdefault(row["external_id"], []).append(row["stage"])
    found = Counter(tuple(course) for course in stages.values())
    assert {("CUSTOMER",), ("TRIAL",), ("TRIAL", "CUSTOMER"), ("CUSTOMER", "CHURNED")} == set(found)


def test_what_sours_is_said_in_words(population: Population):
    texts = [row["text"] for row in records.responses(population, until=LAST) if row["score"] is not None]
    assert 0.3 < sum(map(bool, texts)) / len(texts) < 0.6


def test_departures_end_after_they_begin(population: Population):
    rows = list(records.departures(population, until=LAST))
    assert rows
    assert all(str(row["starts_at"]) < str(row["ends_at"]) for row in rows)
