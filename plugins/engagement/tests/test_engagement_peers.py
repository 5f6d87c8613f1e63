"""Percentiles among peers, and the score of four measures."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from engage_engagement.card import event
from engage_engagement.config import EngagementConfig
from engage_engagement.plugin import plugin
from scipy.stats import percentileofscore

from engage_server.sdk import Measurement, Status, account
from engage_server.sdk.testing import request_for

MANIFEST = plugin.engage_manifest()
DAY = date(2026, 6, 30)
Rows = list[dict[str, Any]]


def computed(metric: str, rows: dict[str, Rows], **config: Any) -> dict[int, Measurement]:
    request = request_for(MANIFEST, rows, config=EngagementConfig(**config))
    return {m.subject.id: m for m in plugin.engage_compute(request) if m.metric == metric}


def peers(*counts: int, stage: str = "CUSTOMER", first: int = 1, plan: str = "") -> tuple[Rows, Rows]:
    """Events of the last 14 days and accounts, one for each count."""
    ids = range(first, first + len(counts))
    events = [event("use", count, account=id) for id, count in zip(ids, counts, strict=True) if count]
    return events, [{"account": id, "stage": stage, "plan": plan} for id in ids]


def percentiles(events: Rows, accounts: Rows, **config: Any) -> dict[int, Measurement]:
    return computed("peer_percentile", {"actions": events, "accounts": accounts}, **config)


COUNTS = [14, 28, 28, 42, 56, 56, 56, 70, 700, 84]


def test_the_percentile_is_that_of_statistics_with_ties_at_their_middle_rank() -> None:
    found = percentiles(*peers(*COUNTS))
    expected = [percentileofscore(COUNTS, count, kind="mean") for count in COUNTS]
    assert [found[id].value for id in range(1, 11)] == pytest.approx(expected)
    assert all(one.normalised == one.value and one.details.peers == 10 for one in found.values())


def test_less_than_one_action_a_day_is_zero_and_exactly_one_is_not() -> None:
    found = percentiles(*peers(13, 14, 0, *COUNTS[3:]))
    assert [found[id].value for id in (1, 3)] == [0, 0]
    assert found[2].value == pytest.approx(25)


def test_fewer_than_ten_peers_are_not_compared() -> None:
    found = percentiles(*peers(*COUNTS[:9]))
    assert {one.status for one in found.values()} == {Status.NO_DATA}
    assert percentiles(*peers(*COUNTS[:9]), min_peers=9)[1].value is not None


def test_each_stage_is_compared_by_itself() -> None:
    customers, trials, leads = (
        peers(*COUNTS, stage=stage, first=first)
        for stage, first in (("CUSTOMER", 1), ("TRIAL", 11), ("LEAD", 21))
    )
    events = [row for group in (customers, trials, leads) for row in group[0]]
    found = percentiles(events, [row for group in (customers, trials, leads) for row in group[1]])
    alone = percentiles(*customers)
    for first, stage in ((0, "CUSTOMER"), (10, "TRIAL"), (20, "LEAD")):
        assert [found[first + id].value for id in range(1, 11)] == [alone[id].value for id in range(1, 11)]
        assert found[first + 1].details.peer_group == stage


def test_plans_are_peers_where_the_tenant_says_so() -> None:
    pro, trial = peers(*COUNTS, plan="pro"), peers(*COUNTS[:9], plan="enterprise", first=11)
    found = percentiles(pro[0] + trial[0], pro[1] + trial[1], peers="plan")
    assert found[1].details.peer_group == "pro"
    assert (found[1].value, found[11].value) == (5, None)


def test_a_young_account_is_compared_over_its_own_days() -> None:
    events, accounts = peers(*COUNTS)
    accounts[0]["started_at"] = datetime(2026, 6, 29, 8, tzinfo=UTC)
    found = percentiles(events, accounts)[1]
    assert (found.details.observed_days, found.details.actions_per_day) == (2, 7)
    assert found.value == pytest.approx(85)


def test_points_rank_where_the_tenant_says_so() -> None:
    events, accounts = peers(*COUNTS)
    events[0]["weight"] = 1000.0
    assert percentiles(events, accounts, peer_measure="score")[1].value == pytest.approx(95)
    assert percentiles(events, accounts)[1].value == pytest.approx(5)


def ten() -> dict[str, Rows]:
    """Ten customers; the n-th has n persons, active on the last n days for n minutes, and 10 seats."""
    ids = range(1, 11)
    persons = [(id, 100 * id + number) for id in ids for number in range(id)]
    return {
        "active": [
            {"day": DAY - timedelta(days=back), "person": person, "account": id}
            for id, person in persons
            for back in range(id)
        ],
        "minutes": [
            {"person": person, "account": id, "active_minutes": id, "active_days": id}
            for id, person in persons
        ],
        "seats": [{"account": id, "seats": 10} for id in ids],
        "accounts": [{"account": id, "stage": "CUSTOMER"} for id in ids],
    }


def test_four_measures_make_one_score_with_its_parts() -> None:
    found = computed("four_measures", ten())
    assert [found[id].value for id in range(1, 11)] == pytest.approx([10 * id - 5 for id in range(1, 11)])
    fifth = found[5]
    assert [part.key for part in fifth.contributions] == ["frequency", "time", "active_users", "licenses"]
    assert sum(float(part.points or 0) for part in fifth.contributions) == pytest.approx(45)
    told = fifth.details
    assert (told.frequency, told.time) == (pytest.approx(500 / 14), pytest.approx(5 / 14))
    assert (told.active_users, told.licenses, told.coverage) == (5, 50, 1)


def test_without_seats_the_weight_of_licences_goes_to_the_others() -> None:
    rows = ten()
    rows["seats"] = [{"account": id, "seats": None} for id in range(1, 11)]
    found = computed("four_measures", rows)[10]
    assert (found.value, found.details.licenses, found.details.coverage) == (95, None, 0.75)
    assert found.contributions[-1].note
    below = computed("four_measures", rows, min_coverage=0.8)[10]
    assert (below.value, below.status) == (None, Status.NO_DATA)


def test_more_users_than_seats_are_no_more_than_full() -> None:
    rows = ten()
    rows["seats"][9] = {"account": 10, "seats": 2}
    assert computed("four_measures", rows)[10].details.licenses == 100


def test_weights_choose_among_the_measures() -> None:
    rows = ten()
    rows["minutes"] = []
    found = computed("four_measures", rows, measures={"time": 1})
    assert {one.value for one in found.values()} == {50}
    assert [part.key for part in found[1].contributions] == ["time"]


def test_an_account_that_nobody_uses_is_at_the_bottom_and_not_missing() -> None:
    rows = ten()
    rows["accounts"].append({"account": 11, "stage": "CUSTOMER"})
    found = computed("four_measures", rows)[11]
    assert found.details.frequency == found.details.time == found.details.active_users == 0
    assert found.value == pytest.approx(100 * 0.5 / 11)
    assert account(11) == found.subject
