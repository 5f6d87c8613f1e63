"""The simulated exports: what the import command is given."""

from collections import Counter
from datetime import date, timedelta

import pytest

from engage_server.demo.simulator import records
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


@pytest.mark.parametrize(
    "write", [records.accounts, records.subscriptions, records.responses], ids=lambda write: write.__name__
)
def test_external_ids_are_unique_and_stay_when_a_later_day_is_written(population: Population, write: object):
    earlier = [row["external_id"] for row in write(population, until=LAST)]
    later = [row["external_id"] for row in write(population, until=LAST + timedelta(days=20))]
    assert len(set(earlier)) == len(earlier)
    assert set(earlier) <= set(later)


def test_a_cancelled_subscription_has_an_end_only_once_it_ended(population: Population):
    ended = next(account for account in population.accounts if account.ended_on)
    assert ended.ended_on is not None
    before = list(records.subscriptions(population, until=ended.ended_on - timedelta(days=1)))
    assert [row["status"] for row in before if row["ends_on"]] == []
    after = list(records.subscriptions(population, until=ended.ended_on))
    assert [row["status"] for row in after if row["ends_on"]] == ["canceled"]


def test_departures_end_after_they_begin(population: Population):
    rows = list(records.departures(population, until=LAST))
    assert rows
    assert all(str(row["starts_at"]) < str(row["ends_at"]) for row in rows)
