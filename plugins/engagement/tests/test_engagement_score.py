"""The sum of weight x event: weights and signs, parts, ranks, and what is asked of the input."""

from typing import Any

import pytest
from engage_engagement.card import event
from engage_engagement.config import EngagementConfig
from engage_engagement.plugin import plugin
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from engage_server.sdk import TENANT, Measurement, Status, Subject, WeightedEvents, account
from engage_server.sdk.testing import Level, check, request_for

MANIFEST = plugin.engage_manifest()
Rows = list[dict[str, Any]]


def computed(rows: dict[str, Rows], **config: Any) -> dict[Subject, Measurement]:
    request = request_for(MANIFEST, rows, config=EngagementConfig(**config))
    return {m.subject: m for m in plugin.engage_compute(request) if m.metric == "score"}


def score(*events: dict[str, Any], **config: Any) -> Measurement:
    return computed({"events": list(events)}, **config)[TENANT]


def test_every_term_is_a_product_and_the_printed_plus_a_misprint() -> None:
    found = score(event("a", 3, weight=5), event("b", 2, weight=1))
    assert found.value == 5 * 3 + 1 * 2
    assert found.value != (5 + 3) + (1 + 2)
    assert found.value != 5 * 3 + (1 + 2)
    assert "misprint" in MANIFEST.metrics[0].card.source


def test_mubi_gives_five_points_for_a_film_and_one_for_the_watch_list() -> None:
    weights = {"Film Finished": 5, "Film Added To Watchlist": 1}
    assert score(event("Film Finished", 3), event("Film Added To Watchlist", 4), weights=weights).value == 19


def test_the_configurations_weight_comes_before_the_dictionarys() -> None:
    rows = [event("a", 2, weight=7), event("b", 1, weight=3)]
    assert score(*rows, weights={"a": -1.5}).value == 0
    assert score(*rows).value == 17


@pytest.mark.parametrize(
    ("weight", "polarity", "points"),
    [(4, 1, 4), (-4, 1, -4), (4, -1, -4), (-4, -1, -4), (4, 0, 4), (-4, 0, -4)],
)
def test_what_is_bad_counts_below_zero_whatever_the_sign_of_its_weight(
    weight: int, polarity: int, points: int
) -> None:
    found = score(event("a", 1, weight=weight, polarity=polarity))
    assert found.value == points
    assert (found.details.positive_points, found.details.negative_points) == (max(points, 0), min(points, 0))


def test_what_caps_and_ageing_leave_is_what_counts() -> None:
    capped = event("a", 9, weight=2) | {"counted": 2.5}
    found = score(capped)
    assert (found.value, found.details.events, found.details.counted_events) == (5, 9, 2.5)


def test_caps_and_half_life_are_asked_of_the_input() -> None:
    config = EngagementConfig(
        window_days=60, daily_cap=20, daily_caps={"b": 2, "a": 1}, decay="half_life", half_life_days=7
    )
    asked = WeightedEvents(days=60, daily_cap=20, daily_caps=(("a", 1), ("b", 2)), half_life_days=7)
    assert MANIFEST.inputs_for(config)["events"] == asked
    assert MANIFEST.inputs_for(EngagementConfig())["events"] == WeightedEvents(days=30)


def test_a_configured_weight_is_taken_as_it_is_written_whatever_the_polarity() -> None:
    bad = event("a", 1, weight=7, polarity=-1)
    assert [score(bad, weights={"a": own}).value for own in (3, -3)] == [3, -3]
    assert score(bad).value == -7


@pytest.mark.parametrize(
    ("percent", "days", "age", "left"), [(20, 30, 30, 0.8), (20, 30, 60, 0.64), (50, 14, 7, 0.5**0.5)]
)
def test_points_shrink_by_a_percentage_in_each_period(
    percent: float, days: float, age: int, left: float
) -> None:
    config = EngagementConfig(decay="per_period", decay_percent=percent, decay_days=days)
    halving = config.weighted_events(90).half_life_days
    assert halving is not None
    assert 0.5 ** (age / halving) == pytest.approx(left)
    assert EngagementConfig(decay_percent=percent).weighted_events(90).half_life_days is None


def test_a_score_is_normalised_to_its_place_among_peers_where_there_are_enough() -> None:
    accounts = [{"account": id, "stage": "CUSTOMER" if id <= 10 else "TRIAL"} for id in range(1, 15)]
    rows = {"events": [event("a", 7 * id, account=id) for id in range(1, 16)], "accounts": accounts}
    found = computed(rows)
    assert [found[account(id)].normalised for id in range(1, 11)] == pytest.approx(
        [10 * id - 5 for id in range(1, 11)]
    )
    # Four trials are too few, nothing is known of account 15, and the tenant has no peers.
    assert {found[account(id)].normalised for id in range(11, 16)} == {None}
    assert found[TENANT].normalised is None
    assert computed(rows, min_peers=4)[account(11)].normalised == pytest.approx(12.5)


def test_the_weightiest_events_are_named_and_the_others_make_one_part() -> None:
    rows = [event(name, 1, weight=weight) for name, weight in (("a", 1), ("b", -9), ("c", 5), ("d", 2))]
    found = score(*rows, named_parts=2)
    assert [(part.key, part.points) for part in found.contributions] == [
        ("event.b", -9),
        ("event.c", 5),
        ("others", 3),
    ]


def test_leads_are_scored_as_customers_are() -> None:
    rows: dict[str, Rows] = {
        "events": [event("a", 3, account=1), event("a", 1, account=2)],
        "accounts": [{"account": 1, "stage": "LEAD"}, {"account": 2, "stage": "CUSTOMER"}, {"account": 3}],
    }
    found = computed(rows)
    assert [found[account(id)].value for id in (1, 2, 3)] == [3, 1, 0]
    assert [found[account(id)].details.rank for id in (1, 2, 3)] == [1, 2, 3]


def test_equal_scores_share_their_rank() -> None:
    found = computed({"events": [event("a", n, account=id) for id, n in ((1, 3), (2, 3), (3, 1))]})
    assert [found[account(id)].details.rank for id in (1, 2, 3)] == [1, 1, 3]


def test_a_tenant_without_events_is_no_data_and_unknown_accounts_count_for_it() -> None:
    assert computed({})[TENANT].status is Status.NO_DATA
    found = computed({"events": [event("a", 2) | {"account": None}, event("a", 1)]})
    assert (found[TENANT].value, found[account(1)].value) == (3, 1)


def test_no_id_says_ces() -> None:
    ids = [f"{MANIFEST.id}.{metric.id}" for metric in MANIFEST.metrics]
    assert ids == ["engagement.score", "engagement.peer_percentile", "engagement.four_measures"]
    words = [word for id in ids for word in id.replace(".", "_").split("_")]
    assert "ces" not in words


ROWS = st.lists(
    st.builds(
        event,
        st.sampled_from(["a", "b", "c", "d"]),
        st.integers(0, 1000),
        weight=st.integers(-50, 50),
        polarity=st.sampled_from([-1, 0, 1]),
        account=st.integers(1, 3),
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda row: (row["account"], row["event"]),
).map(lambda rows: [row | {"weight": rows[0]["weight"], "polarity": rows[0]["polarity"]} for row in rows])


@settings(max_examples=25)
@given(ROWS, st.integers(1, 3))
def test_parts_and_accounts_add_up_to_the_tenants_score(rows: Rows, named: int) -> None:
    found = computed({"events": rows}, named_parts=named)
    of_accounts = [one for subject, one in found.items() if subject != TENANT]
    assert sum(one.details.counted_events for one in of_accounts) == found[TENANT].details.counted_events
    for one in found.values():
        assert sum(float(part.points or 0) for part in one.contributions) == pytest.approx(one.value)


@pytest.mark.parametrize(
    "values",
    [
        {"daily_cap": 0},
        {"half_life_days": 0},
        {"decay_percent": 100},
        {"measures": {"time": 0}},
        {"measures": {"mood": 1}},
        {"min_peers": 1},
    ],
)
def test_impossible_configuration_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        EngagementConfig.model_validate(values)


def test_it_is_gold() -> None:
    report = check(plugin)
    assert report.level >= Level.GOLD, [str(finding) for finding in report.findings]
