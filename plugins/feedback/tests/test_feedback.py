"""How much is said, whose words they are, about what, and whether it rises."""

from collections import Counter
from typing import Any

import pytest
from engage_feedback.card import texts
from engage_feedback.config import FeedbackConfig
from engage_feedback.plugin import plugin
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from engage_server.sdk import TENANT, Feedback, Measurement, Status, Subject, account
from engage_server.sdk.details import encoded
from engage_server.sdk.testing import Level, check, conformance_problems, request_for

Rows = list[dict[str, Any]]
QUICK = settings(max_examples=30, deadline=None)


def computed(metric: str, now: Rows, before: Rows = [], **config: Any) -> dict[Subject, Measurement]:  # noqa: B006
    rows = {"texts": now, "previous": before}
    request = request_for(plugin.engage_manifest(), rows, config=FeedbackConfig(**config))
    return {one.subject: one for one in plugin.engage_compute(request) if one.metric == metric}


def test_is_gold() -> None:
    assert check(plugin).level >= Level.GOLD


def test_the_window_before_has_the_same_length() -> None:
    inputs = plugin.engage_manifest().inputs_for(FeedbackConfig(window_days=30))
    assert {
        "texts": Feedback(days=30),
        "previous": Feedback(days=30, ends_before=30),
    }.items() <= inputs.items()


def test_words_of_customers_and_of_staff_are_told_apart() -> None:
    said = [*texts(3), *texts(1, given_by="STAFF")]
    volume = computed("volume", said)[TENANT]
    assert (volume.value, volume.details.customer_share, volume.details.staff_share) == (4, 0.75, 0.25)
    assert [(part.key, part.points) for part in volume.contributions] == [("customers", 3), ("staff", 1)]
    assert computed("volume", said, given_by="STAFF")[TENANT].value == 1
    assert computed("volume", said, given_by="CUSTOMER")[TENANT].value == 3


def test_a_text_counts_once_for_each_of_its_tags() -> None:
    details = computed("volume", [*texts(1, "slow", "billing", "slow"), *texts(2, "slow")])[TENANT].details
    assert [(one.name, one.count) for one in details.tags] == [("slow", 3), ("billing", 1)]
    assert details.untagged == 0


def test_the_most_frequent_tags_are_listed_and_of_equal_ones_the_first_by_name() -> None:
    said = [*texts(1, "b"), *texts(1, "a"), *texts(2, "c"), *texts(1)]
    details = computed("volume", said, most_tags=2)[TENANT].details
    assert [one.name for one in details.tags] == ["c", "a"]
    assert details.untagged == 1


def test_texts_are_counted_by_the_metric_that_they_are_about() -> None:
    details = computed("volume", [*texts(3, metric="nps.score"), *texts(1)])[TENANT].details
    assert encoded(details)["metrics"] == [{"name": "nps.score", "count": 3, "share": 0.75}]


def test_nothing_said_is_zero_for_the_tenant_and_no_change() -> None:
    volume, change = computed("volume", [])[TENANT], computed("change", [])[TENANT]
    assert (volume.value, volume.details.customer_share, volume.contributions) == (0, None, ())
    assert (change.value, change.status, change.interval, change.details.significant) == (
        None, Status.NO_DATA, None, None,
    )  # fmt: skip


def test_each_account_has_its_own_texts_and_who_has_none_the_tenant_alone() -> None:
    volumes = computed("volume", [*texts(2), *texts(1, account=2), *texts(4, account=None)])
    assert {subject: one.value for subject, one in volumes.items()} == {
        TENANT: 7,
        account(1): 2,
        account(2): 1,
    }


def test_an_account_that_fell_silent_has_a_change() -> None:
    changes = computed("change", texts(1, account=2), texts(4))
    assert (changes[account(1)].value, changes[account(1)].n) == (-100, 4)
    assert changes[account(2)].value is None


@pytest.mark.parametrize(("now", "before"), [(30, 20), (0, 7), (5, 1), (300, 200)])
@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_the_interval_of_a_change_is_wilsons_of_the_split(now: int, before: int, confidence: float) -> None:
    change = computed("change", texts(now), texts(before), confidence=confidence)[TENANT]
    ends = proportion_confint(now, now + before, alpha=1 - confidence, method="wilson")
    low, high = (100 * (end / (1 - end) - 1) for end in ends)
    assert change.interval is not None
    assert (change.interval.low, change.interval.high) == pytest.approx((low, high), abs=1e-9)
    assert change.details.significant == (low > 0 or high < 0)


ROWS = st.lists(
    st.builds(
        lambda tags, row: row | {"tags": tags},
        st.lists(st.sampled_from(["a", "b", "c"]), max_size=3),
        st.fixed_dictionaries(
            {
                "person": st.none() | st.integers(1, 5),
                "account": st.none() | st.integers(1, 3),
                "given_by": st.sampled_from(["CUSTOMER", "STAFF"]),
                "metric": st.sampled_from(["", "nps.score"]),
            }
        ),
    ),
    max_size=20,
)


@QUICK
@given(ROWS, ROWS)
def test_any_rows_keep_the_contract(now: Rows, before: Rows) -> None:
    request = request_for(plugin.engage_manifest(), {"texts": now, "previous": before})
    assert conformance_problems(plugin, requests=[request]) == []


@QUICK
@given(ROWS)
def test_tags_are_those_of_the_texts(now: Rows) -> None:
    details = computed("volume", now)[TENANT].details
    wanted = Counter(tag for row in now for tag in set(row["tags"]))
    assert {one.name: one.count for one in details.tags} == dict(wanted)


@QUICK
@given(ROWS, st.data())
def test_the_order_of_texts_does_not_matter(now: Rows, data: st.DataObject) -> None:
    assert computed("volume", data.draw(st.permutations(now))) == computed("volume", now)
