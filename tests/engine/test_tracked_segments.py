"""Tracked segments are measured with each day, stored, verified and restated like everything else."""

from datetime import timedelta

import pytest
from django.core.management import call_command

from engage_server.activity.rollups.compaction import ensure_current
from engage_server.engine import executor, restatement
from engage_server.engine.models import AffectedDay
from engage_server.engine.questions import Question, answers
from engage_server.engine.verification import Verdict, verify
from engage_server.ingest.items import EventItem
from engage_server.ingest.store import store_items
from engage_server.metrics.models import MetricValue
from engage_server.operations.segments import change_members, change_segment, create_segment
from engage_server.segments.membership import stored_members
from engage_server.tenancy.scope import TenantRef, shared_scope, tenant_scope
from tests.engine.test_questions import DAY, FIRMS, NOON, items_of, person

PRO = {"type": "plan", "any_of": ["pro"]}


@pytest.fixture
def filled(acme: TenantRef, globex: TenantRef) -> TenantRef:
    for tenant in (acme, globex):
        with tenant_scope(tenant):
            store_items(items_of(FIRMS), source="web")
            ensure_current()
    return acme


def compute(tenant: TenantRef, *plugins: str, days: int = 1) -> None:
    executor.backfill(
        tenant, plugins=plugins, first=DAY - timedelta(days=days - 1), last=DAY, progress=lambda *_: None
    )


def value_of(tenant: TenantRef, number: int, metric: str = "nps.score", before: int = 0) -> tuple | None:
    with tenant_scope(tenant):
        found = MetricValue.objects.filter(
            metric=metric,
            subject_kind="segment",
            subject_id=number,
            day=DAY - timedelta(days=before),
            superseded_at=None,
        ).first()
        return None if found is None else (None if found.value is None else float(found.value), found.n)


def notes() -> set[str]:
    with shared_scope():
        return set(AffectedDay.objects.values_list("cause", flat=True))


def test_a_tracked_segment_has_the_values_that_are_computed_when_asked_for(filled, globex):
    with tenant_scope(filled):
        pro = create_segment("Pro", {"subject": "account", "condition": PRO, "tracked": True}).number
        create_segment("Basic", {"subject": "account", "condition": {"type": "plan", "any_of": ["basic"]}})
    compute(filled, "adoption", "nps")
    with tenant_scope(filled):
        ((one,),) = answers(Question(metric="nps.score", first=DAY, last=DAY, segment=pro))
        assert value_of(filled, pro) == (one.value.value, one.value.n)
        assert len(stored_members(pro, DAY)) == 2
        subjects = MetricValue.objects.filter(subject_kind="segment").values_list("subject_id", flat=True)
        assert set(subjects) == {pro}
    assert {finding.verdict for finding in verify(filled)} == {Verdict.EQUAL}
    compute(globex, "nps")
    with tenant_scope(globex):
        assert not MetricValue.objects.filter(subject_kind="segment").exists()


def test_what_cannot_be_cut_has_no_value_and_the_others_have(filled, caplog):
    with tenant_scope(filled):
        people = {"subject": "person", "condition": {"type": "all", "of": []}, "tracked": True}
        number = create_segment("People", people).number
    with caplog.at_level("INFO", logger="engage.engine"):
        compute(filled, "license_utilization", "nps")
    assert value_of(filled, number) == (value_of(filled, number)[0], 12)
    assert "Seats cannot be restricted to persons" in caplog.text
    with tenant_scope(filled):
        kinds = MetricValue.objects.filter(metric__startswith="license_utilization.").values_list(
            "subject_kind", flat=True
        )
        assert "tenant" in set(kinds)
        assert "segment" not in set(kinds)


def test_members_and_conditions_that_change_restate_the_days_that_they_change(filled):
    with tenant_scope(filled):
        listed = create_segment("Listed", {"subject": "account", "tracked": True}).number
        change_members(listed, add=["a"], start=DAY - timedelta(days=9))
        ruled = create_segment("Ruled", {"subject": "account", "condition": PRO}).number
    compute(filled, "nps", days=2)
    assert value_of(filled, listed) is not None
    with shared_scope():
        AffectedDay.objects.all().delete()
    with tenant_scope(filled):
        change_segment(ruled, changes={"condition": {"type": "plan", "any_of": ["basic"]}})
        assert notes() == set()
        change_members(listed, add=["b"], start=DAY)
    assert notes() == {"SEGMENTS"}
    with shared_scope():
        AffectedDay.objects.update(noted_at="2026-01-01T00:00Z")
    assert restatement.open_runs() > 0
    before = value_of(filled, listed, before=1)
    executor.execute_due(filled)
    assert value_of(filled, listed)[1] == 6
    assert value_of(filled, listed, before=1) == before
    with tenant_scope(filled):
        row = MetricValue.objects.get(metric="nps.score", subject_kind="segment", day=DAY, superseded_at=None)
        assert row.reason == f"changed segments of {DAY}"


def test_late_events_restate_a_segment_that_asks_for_them_of_a_plugin_that_does_not(filled):
    with tenant_scope(filled):
        busy = {"type": "did", "event": "saved", "times": 13, "days": 30}
        number = create_segment("Busy", {"subject": "person", "condition": busy, "tracked": True}).number
    compute(filled, "nps")
    assert value_of(filled, number) in {None, (None, 0)}
    with tenant_scope(filled):
        moments = [NOON - timedelta(hours=hours) for hours in range(9)]
        items = [EventItem(f"late {n}", "saved", person("a", 0), at, at) for n, at in enumerate(moments)]
        store_items(items, source="web")
        ensure_current()
    with shared_scope():
        AffectedDay.objects.update(noted_at="2026-01-01T00:00Z")
    restatement.open_runs()
    executor.execute_due(filled)
    assert value_of(filled, number)[1] == 1


def test_a_command_shows_values_by_group_and_stores_none(filled, capsys):
    call_command(
        "compute",
        "--tenant",
        filled.slug,
        "--metric",
        "nps.score",
        "--group-by",
        "plan",
        "--from",
        str(DAY),
        "--to",
        str(DAY),
    )
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[1] for line in lines] == ["basic", "pro"]
    assert "n 6" in lines[1]
    with tenant_scope(filled):
        assert not MetricValue.objects.exists()
