"""Each word of a condition holds of just those of whom it should."""

from datetime import timedelta

import pytest

from engage_server.activity.rollups.freshness import current_rollups
from engage_server.customers.models import Account
from engage_server.customers.windows import day_window
from engage_server.definitions.kinds import read_body
from engage_server.ingest.items import AccountItem
from engage_server.ingest.store import store_items
from engage_server.operations.merges import merge
from engage_server.operations.segments import change_members, create_segment
from engage_server.segments.body import SegmentBody
from engage_server.segments.evaluation import Evaluation
from engage_server.segments.exceptions import UnknownDimensionError
from engage_server.segments.groups import groups_of
from engage_server.tenancy.scope import tenant_scope
from tests.metrics.values import store
from tests.segments.conftest import DAY

ACCOUNTS = {"group", "north", "pier", "solo"}
PERSONS = {"ada", "bob", "cyd"}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"type": "plan", "any_of": ["pro"]}, {"north", "pier"}),
        ({"type": "plan", "any_of": [""]}, {"solo"}),
        ({"type": "stage", "any_of": ["TRIAL", "LEAD"]}, {"pier"}),
        ({"type": "trait", "name": "industry", "any_of": ["bank"]}, {"group", "north"}),
        ({"type": "trait", "name": "active"}, {"solo"}),
        ({"type": "trait", "name": "active", "any_of": [True]}, {"solo"}),
        ({"type": "trait", "name": "tags", "any_of": ["vip"]}, {"north"}),
        ({"type": "trait", "name": "size", "at_least": 6}, {"group", "north"}),
        ({"type": "trait", "name": "size", "at_least": 5.5, "at_most": 40}, {"north", "pier"}),
        ({"type": "trait", "name": "size", "any_of": [40]}, {"north"}),
        ({"type": "trait", "name": "size", "any_of": ["900"]}, {"group"}),
        ({"type": "trait", "name": "industry", "at_least": 0}, set()),
        ({"type": "under", "account": "north"}, {"north", "pier"}),
        ({"type": "under", "account": "group", "itself": False}, {"north", "pier"}),
        ({"type": "accounts", "any_of": ["solo"]}, {"solo"}),
        ({"type": "did", "event": "saved", "times": 4}, {"north"}),
        ({"type": "did", "event": "saved", "times": 5}, set()),
        ({"type": "did", "event": "exported"}, {"pier"}),
        ({"type": "did_not", "event": "saved"}, {"group", "pier", "solo"}),
        ({"type": "answered", "instrument": "nps", "at_most": 6}, {"north"}),
        ({"type": "has_persons", "persons": {"type": "all", "of": []}}, {"north", "solo"}),
        ({"type": "has_persons", "persons": {"type": "all", "of": []}, "at_least": 2}, {"north"}),
        ({"type": "all", "of": []}, ACCOUNTS),
        ({"type": "any", "of": []}, set()),
        (
            {"type": "any", "of": [{"type": "plan", "any_of": ["enterprise"]}, {"type": "trait", "name": "active"}]},
            {"group", "solo"},
        ),
        ({"type": "not", "of": {"type": "plan", "any_of": ["pro"]}}, {"group", "solo"}),
    ],
)  # fmt: skip
def test_of_accounts(fitting, condition, expected):
    assert fitting("account", condition) == expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"type": "trait", "name": "role", "any_of": ["admin"]}, {"ada"}),
        ({"type": "belongs_to", "accounts": {"type": "plan", "any_of": ["pro"]}}, {"ada", "bob"}),
        ({"type": "did", "event": "saved"}, {"ada", "bob"}),
        ({"type": "did", "event": "saved", "times": 3}, {"ada"}),
        ({"type": "did", "event": "saved", "times": 3, "days": 29}, set()),
        ({"type": "did_not", "event": "saved", "days": 5}, {"bob", "cyd"}),
        ({"type": "answered", "instrument": "nps"}, {"ada", "bob"}),
        ({"type": "answered", "instrument": "nps", "at_least": 9}, {"ada"}),
        ({"type": "not", "of": {"type": "answered", "instrument": "nps"}}, {"cyd"}),
        ({"type": "all", "of": []}, PERSONS),
    ],
)
def test_of_persons(fitting, condition, expected):
    assert fitting("person", condition) == expected


def test_events_of_a_later_day_do_not_count(fitting):
    assert fitting("person", {"type": "did", "event": "saved", "days": 5}, DAY - timedelta(days=6)) == {"bob"}


def test_a_plan_is_that_of_the_day(filled, fitting):
    with tenant_scope(filled):
        store_items([AccountItem("north", plan="big")], source="web")
    assert fitting("account", {"type": "plan", "any_of": ["pro"]}) == {"north", "pier"}


def test_a_metric_is_compared_by_its_value(filled, fitting):
    with tenant_scope(filled), current_rollups():
        everybody = Evaluation(day_window(DAY, filled.timezone)).everybody("account")
        for value, account in zip((10, 20, 30, 40), sorted(everybody), strict=True):
            store("nps.score", value, kind="account", subject=account, day=DAY - timedelta(days=2))
    assert (
        len(fitting("account", {"type": "metric", "metric": "nps.score", "at_least": 20, "at_most": 30})) == 2
    )
    none = {"type": "metric", "metric": "nps.score", "at_least": 0, "max_age_days": 1}
    assert fitting("account", none) == set()


def test_bands_are_a_word_of_conditions_and_groups_that_nobody_has_to_save(filled, fitting, globex):
    condition = {"type": "band", "metric": "health_score.score", "any_of": ["RED", "UNKNOWN"]}
    assert fitting("account", condition) == set()
    bands = {"north": "RED", "pier": "UNKNOWN", "solo": "GREEN"}
    with tenant_scope(filled):
        numbers = dict(Account.objects.values_list("external_id", "pk"))
        for name, band in bands.items():
            details = {"share": 0.5, "band": band}
            store("health_score.score", 49.9, kind="account", subject=numbers[name], day=DAY, details=details)
        with current_rollups():
            groups = groups_of("band:health_score.score", Evaluation(day_window(DAY, filled.timezone)))
    assert fitting("account", condition) == {"north", "pier"}
    assert {one.label: one.part.accounts for one in groups} == {
        band: frozenset({numbers[name]}) for name, band in bands.items()
    }
    later = {**condition, "max_age_days": 0}
    assert fitting("account", later, DAY + timedelta(days=1)) == set()
    with tenant_scope(globex), current_rollups(), pytest.raises(UnknownDimensionError, match="band:METRIC"):
        groups_of("band:health_score.score", Evaluation(day_window(DAY, globex.timezone)))


def test_a_segment_is_part_of_another(filled, fitting):
    with tenant_scope(filled):
        listed = create_segment("Chosen", {"subject": "account"})
        change_members(listed.number, add=["solo", "pier"], start=DAY)
    condition = {
        "type": "all",
        "of": [{"type": "segment", "segment": listed.number}, {"type": "plan", "any_of": ["pro"]}],
    }
    assert fitting("account", condition) == {"pier"}
    assert fitting("account", condition, DAY - timedelta(days=1)) == set()


def test_who_is_merged_belongs_as_the_person_that_remains(filled, fitting):
    with tenant_scope(filled):
        listed = create_segment("Chosen", {"subject": "person"})
        change_members(listed.number, add=["bob"], start=DAY)
        merge("bob", "cyd")
    assert fitting("person", {"type": "segment", "segment": listed.number}) == {"cyd"}
    assert fitting("person", {"type": "did", "event": "saved"}) == {"ada", "cyd"}


def test_the_other_tenant_answers_with_its_own(filled, globex):
    with tenant_scope(globex), current_rollups():
        evaluation = Evaluation(day_window(DAY, globex.timezone))
        for condition, size in (
            ({"type": "plan", "any_of": ["pro"]}, 0),
            ({"type": "all", "of": []}, 1),
            ({"type": "did", "event": "saved"}, 0),
        ):
            body = read_body(SegmentBody, {"subject": "account", "condition": condition})
            assert len(evaluation.fitting(body.condition, "account")) == size
