"""A segment that could never be evaluated is refused when it is saved, with a code, and nothing is half done."""

import pytest

from engage_server.definitions.exceptions import DefinitionsError
from engage_server.operations.segments import (
    change_members,
    change_segment,
    create_segment,
    members_on,
    retire_segment,
    versions_of,
)
from engage_server.segments import catalogue
from engage_server.segments.exceptions import SegmentsError
from engage_server.segments.membership import stored_members
from engage_server.tenancy.scope import tenant_scope
from tests.segments.conftest import DAY


def nested(depth: int) -> dict:
    condition: dict = {"type": "plan", "any_of": ["pro"]}
    for _ in range(depth):
        condition = {"type": "not", "of": condition}
    return condition


@pytest.mark.parametrize(
    ("subject", "condition", "code", "told"),
    [
        ("account", {"type": "trait", "name": "colour"}, "UNKNOWN_TRAIT", "industry"),
        ("person", {"type": "trait", "name": "industry"}, "UNKNOWN_TRAIT", "role"),
        ("account", {"type": "did", "event": "sved"}, "UNKNOWN_EVENT", "sved"),
        ("account", {"type": "did_not", "event": "sved"}, "UNKNOWN_EVENT", "sved"),
        ("account", {"type": "under", "account": "nowhere"}, "UNKNOWN_ACCOUNT", "nowhere"),
        ("account", {"type": "accounts", "any_of": ["solo", "x", "y"]}, "UNKNOWN_ACCOUNT", "1 others"),
        ("account", {"type": "segment", "segment": 77}, "UNKNOWN_SEGMENT", "77"),
        ("person", {"type": "plan", "any_of": ["pro"]}, "WRONG_SUBJECT", "belongs_to"),
        ("account", {"type": "belongs_to", "accounts": nested(0)}, "WRONG_SUBJECT", "has_persons"),
        ("account", {"type": "metric", "metric": "nps.scroe", "at_least": 1}, "UNKNOWN_METRIC", "nps.scroe"),
        ("person", {"type": "metric", "metric": "nps.score", "at_least": 1}, "UNKNOWN_METRIC", "persons"),
        ("account", nested(10), "TOO_COMPLEX", "10 levels"),
        ("account", {"type": "any", "of": [nested(0)] * 100}, "TOO_COMPLEX", "100 parts"),
        ("account", {"type": "plam", "any_of": ["pro"]}, "INVALID_DEFINITION", "plam"),
        ("account", {"type": "plan", "any_of": []}, "INVALID_DEFINITION", "any_of"),
        ("account", {"type": "did", "event": "saved", "days": 0}, "INVALID_DEFINITION", "days"),
        ("account", {"type": "metric", "metric": "nps.score"}, "INVALID_DEFINITION", "at_least"),
        ("account", {"type": "trait", "name": "size", "any_of": [1], "at_most": 2}, "INVALID_DEFINITION", "range"),
        ("account", {"type": "trait", "name": "size", "at_most": float("nan")}, "INVALID_DEFINITION", "finite"),
        ("team", None, "INVALID_DEFINITION", "subject"),
    ],
)  # fmt: skip
def test_what_cannot_be_evaluated_is_refused(filled, subject, condition, code, told):
    with tenant_scope(filled):
        with pytest.raises((SegmentsError, DefinitionsError), match=told) as refused:
            create_segment("Odd", {"subject": subject, "condition": condition})
        assert refused.value.code == code
        assert "Remedy" in str(refused.value)
        assert catalogue.segments() == []


def test_a_segment_does_not_refer_to_itself_by_any_way(filled):
    with tenant_scope(filled):
        first = create_segment("First", {"subject": "account", "condition": nested(0)}).number
        second = create_segment(
            "Second", {"subject": "account", "condition": {"type": "segment", "segment": first}}
        ).number
        for target in (first, second):
            circle = {"type": "not", "of": {"type": "segment", "segment": target}}
            with pytest.raises(SegmentsError, match="refer to itself") as refused:
                change_segment(first, changes={"condition": circle})
            assert refused.value.code == "SEGMENT_CYCLE"
        assert catalogue.segment(first).version == 1


def test_a_segment_that_others_refer_to_stays_and_stays_what_it_is_about(filled):
    with tenant_scope(filled):
        first = create_segment("First", {"subject": "account"}).number
        second = create_segment(
            "Second", {"subject": "account", "condition": {"type": "segment", "segment": first}}
        ).number
        for change in (retire_segment, lambda number: change_segment(number, changes={"subject": "person"})):
            with pytest.raises(SegmentsError, match="'Second' refers to it") as refused:
                change(first)
            assert refused.value.code == "SEGMENT_IN_USE"
        retire_segment(second)
        retire_segment(first)
        assert catalogue.segments() == []


def test_members_are_listed_for_static_segments_alone_and_all_or_nothing(filled):
    with tenant_scope(filled):
        ruled = create_segment("Ruled", {"subject": "account", "condition": nested(0)}).number
        with pytest.raises(SegmentsError) as refused:
            change_members(ruled, add=["solo"])
        assert refused.value.code == "NOT_STATIC"
        listed = create_segment("Listed", {"subject": "account"}).number
        with pytest.raises(SegmentsError, match="'nobody'") as refused:
            change_members(listed, add=["solo", "nobody"])
        assert refused.value.code == "UNKNOWN_MEMBER"
        assert members_on(listed).ids == ()
        moved = change_members(listed, add=["solo", "north"], start=DAY)
        assert len(moved.joined) == 2
        assert not change_members(listed, add=["solo"], start=DAY)
        assert len(change_members(listed, remove=["solo", "pier"], start=DAY.replace(day=25)).left) == 1
        sizes = [len(members_on(listed, DAY.replace(day=day)).ids) for day in (19, 20, 24, 25)]
        assert sizes == [0, 2, 2, 1]


def test_another_condition_is_a_new_version_and_forgets_who_was_found(filled):
    with tenant_scope(filled):
        number = create_segment("Chosen", {"subject": "account"}).number
        change_members(number, add=["solo"])
        changed = change_segment(number, name="Pro", changes={"condition": nested(0), "tracked": True})
        assert (changed.version, changed.name, changed.body.tracked) == (2, "Pro", True)
        assert stored_members(number, DAY.replace(year=2030)) == frozenset()
        assert [one.name for one in versions_of(number)] == ["Pro", "Chosen"]
        assert change_segment(number, changes={}).version == 2


def test_one_tenants_segments_are_not_the_others(filled, globex):
    with tenant_scope(filled):
        number = create_segment("Pro", {"subject": "account", "condition": nested(0)}).number
        assert len(members_on(number, DAY).ids) == 2
    with tenant_scope(globex):
        with pytest.raises(SegmentsError) as refused:
            members_on(number)
        assert refused.value.code == "UNKNOWN_SEGMENT"
        assert create_segment("Pro", {"subject": "account", "condition": nested(0)}).number == number
        assert members_on(number, DAY).ids == ()
