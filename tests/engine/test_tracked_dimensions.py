"""A tracked dimension makes its segments by itself: one for each value, whose metrics are those of the slice."""

from datetime import timedelta

import pytest

from engage_server.activity.rollups.compaction import ensure_current
from engage_server.audit.models import AuditEntry
from engage_server.engine import executor
from engage_server.engine.questions import Question, answers
from engage_server.engine.verification import Verdict, verify
from engage_server.ingest.items import AccountItem, MembershipItem, ResponseItem
from engage_server.ingest.store import store_items
from engage_server.metrics.models import MetricValue
from engage_server.operations import conventions
from engage_server.operations.dimensions import track_dimension, untrack_dimension
from engage_server.operations.segments import change_segment, create_segment
from engage_server.segments import dimensions
from engage_server.segments.catalogue import segments
from engage_server.segments.exceptions import TooManyGroupsError, UnknownDimensionError
from engage_server.tenancy.scope import TenantRef, tenant_scope
from tests.engine.test_questions import DAY, FIRMS, NOON, items_of, person

INDUSTRIES = {"a": "banks", "b": "banks", "c": "Läden"}


@pytest.fixture
def filled(acme: TenantRef, globex: TenantRef) -> TenantRef:
    """Two tenants alike; the history of the trait by which acme is cut is kept."""
    for tenant in (acme, globex):
        conventions.set_tracked_traits(tenant.slug, ["industry"])
        with tenant_scope(tenant):
            store_items(items_of(FIRMS), source="web")
            of = [AccountItem(firm, traits={"industry": name}) for firm, name in INDUSTRIES.items()]
            store_items(of, source="web")
            ensure_current()
    return acme


def compute(tenant: TenantRef, days: int = 1) -> None:
    executor.backfill(
        tenant, plugins=["nps"], first=DAY - timedelta(days=days - 1), last=DAY, progress=lambda *_: None
    )


def stored(tenant: TenantRef) -> dict[str, float | None]:
    """The day's score of each segment that has one, by the segment's name."""
    with tenant_scope(tenant):
        names = {one.number: one.name for one in segments()}
        rows = MetricValue.objects.filter(
            metric="nps.score", subject_kind="segment", day=DAY, superseded_at=None
        )
        return {names[row.subject_id]: None if row.value is None else float(row.value) for row in rows}


def of_groups(tenant: TenantRef, dimension: str) -> dict[str, float | None]:
    """The day's score of each value of a dimension, computed when it is asked for."""
    with tenant_scope(tenant):
        (of_day,) = answers(Question(metric="nps.score", first=DAY, last=DAY, group_by=dimension))
        return {f"{dimension}: {one.group}": one.value.value for one in of_day}


def test_a_tracked_trait_has_a_segment_for_each_value_with_the_values_of_its_slice(filled, globex):
    with tenant_scope(filled):
        assert track_dimension("industry") == 2
        found = {one.name: one.body for one in segments()}
        assert set(found) == {"industry: banks", "industry: Läden"}
        assert {(body.tracked, body.dimension, body.subject) for body in found.values()} == {
            (True, "industry", "account")
        }
    compute(filled)
    assert stored(filled) == of_groups(filled, "industry")
    assert {finding.verdict for finding in verify(filled)} == {Verdict.EQUAL}
    compute(globex)
    assert stored(globex) == {}
    with tenant_scope(globex):
        assert segments() == []


def test_a_value_that_comes_later_gets_its_segment_with_the_day_that_has_it(filled):
    with tenant_scope(filled):
        track_dimension("plan")
        assert {one.name for one in segments()} == {"plan: basic", "plan: pro"}
        extra = [
            AccountItem("e", plan="legacy"),
            MembershipItem(person("e", 1), "e", NOON - timedelta(days=9)),
            ResponseItem("late", "nps", 0, 10, NOON, score=9, person=person("e", 1)),
        ]
        store_items(extra, source="web")
        ensure_current()
    compute(filled)
    assert stored(filled) == of_groups(filled, "plan")
    assert stored(filled)["plan: legacy"] == 100
    with tenant_scope(filled):
        made = AuditEntry.objects.filter(action="segment.created").order_by("pk")
        assert [entry.actor for entry in made] == ["system"]


def test_a_day_that_was_computed_before_is_no_other_one_for_segments_tracked_since(filled):
    compute(filled)
    with tenant_scope(filled):
        track_dimension("plan")
    found = verify(filled)
    assert found
    assert {finding.verdict for finding in found} == {Verdict.EQUAL}


def test_a_dimension_that_is_tracked_no_more_keeps_its_segments_and_gets_no_values(filled):
    with tenant_scope(filled):
        track_dimension("account.industry")
        assert untrack_dimension("industry") == 2
        with pytest.raises(
            UnknownDimensionError, match=r"'industry' is not tracked\. Remedy: .* none so far"
        ):
            untrack_dimension("industry")
        assert [one.body.tracked for one in segments()] == [False, False]
    compute(filled)
    assert stored(filled) == {}
    with tenant_scope(filled):
        assert track_dimension("industry") == 2
        assert len(segments()) == 2
    compute(filled)
    assert set(stored(filled)) == {"industry: banks", "industry: Läden"}


def test_a_segment_whose_condition_somebody_changes_is_the_dimensions_no_more(filled):
    with tenant_scope(filled):
        track_dimension("plan")
        (basic, _) = segments()
        change_segment(basic.number, changes={"description": "The small ones"})
        assert set(dimensions.segments_of("plan")) == {"basic", "pro"}
        changed = change_segment(basic.number, changes={"condition": {"type": "plan", "any_of": ["x"]}})
        assert changed.body.dimension == ""
        assert track_dimension("plan") == 2
        assert {one.name for one in segments()} >= {"plan: basic", "plan: pro"}
        assert len(segments()) == 3


def test_what_cannot_be_tracked_is_refused_and_nothing_is_made(filled):
    with tenant_scope(filled):
        create_segment("plan: pro", {"subject": "account"})
        for name in ("owner", "top", "person.role", "band:nps.score", "", "x" * 101):
            with pytest.raises(UnknownDimensionError, match=r"cannot be tracked\. Remedy"):
                track_dimension(name)
        with pytest.raises(UnknownDimensionError, match=r"No account has a value of 'colour' today\. Remedy"):
            track_dimension("colour")
        many = [AccountItem(f"many{n}", traits={"number": f"n{n}"}) for n in range(101)]
        store_items(many, source="web")
        with pytest.raises(TooManyGroupsError, match="101 values and 100 are tracked"):
            track_dimension("number")
        assert [one.name for one in segments()] == ["plan: pro"]
        # A name that somebody took is left to them.
        assert track_dimension("plan") == 2
        assert len({one.name for one in segments()}) == 3
