"""Verification computes stored values again and finds what was changed, without writing anything."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from engage_server.customers.models import Account, Subscription, SurveyResponse
from engage_server.engine import executor
from engage_server.engine.verification import Verdict, counts, verify
from engage_server.metrics.models import MetricValue
from engage_server.plugin_host import activation, guard
from engage_server.tenancy.scope import TenantRef, tenant_scope
from tests.metrics.values import alter, copy_to_subject, remove

FIRST, LAST = date(2026, 6, 28), date(2026, 6, 30)
NPS = {"metric": "nps.score", "subject_kind": "tenant", "day": LAST}


def answer(name: str, score: int, day: date = FIRST) -> None:
    SurveyResponse.objects.create(
        external_id=name, instrument="nps", scale_min=0, scale_max=10, score=score,
        account=Account.objects.get(), occurred_at=datetime(day.year, day.month, day.day, 12, tzinfo=UTC),
    )  # fmt: skip


def compute(tenant: TenantRef, *, first: date = FIRST, last: date = LAST) -> None:
    with tenant_scope(tenant):
        plugins = sorted(activation.active_ids())
    executor.backfill(tenant, plugins=plugins, first=first, last=last, progress=lambda *told: None)


def computed(tenant: TenantRef) -> TenantRef:
    """The tenant with an account, seats and answers, all plugins computed for three days."""
    with tenant_scope(tenant):
        account = Account.objects.create(external_id="a", name="A")
        Subscription.objects.create(
            external_id="s", account=account, seats=4, amount=10, starts_on=date(2026, 1, 1)
        )
        for number, score in enumerate((10, 9, 10, 3)):
            answer(f"r{number}", score, FIRST + timedelta(days=number % 2))
    compute(tenant)
    return tenant


def table(tenant: TenantRef) -> list[tuple]:
    with tenant_scope(tenant):
        return list(MetricValue.objects.order_by("pk").values_list())


def test_a_whole_tenant_is_equal_after_a_backfill_and_nothing_is_written(acme):
    computed(acme)
    before = table(acme)
    findings = verify(acme)
    assert len(findings) == len(before) > 20
    assert {finding.verdict for finding in findings} == {Verdict.EQUAL}
    assert table(acme) == before


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"value": 51}, "value: 51, 50"),
        ({"n": 5}, "n: 5, 4"),
        ({"status": "IMMATURE"}, "status: IMMATURE, OK"),
        ({"details": {}}, "details: {}, {"),
        ({"contributions": []}, "contributions: [], ["),
    ],
)
def test_a_planted_change_is_found_and_named(acme, change, says):
    computed(acme)
    with tenant_scope(acme):
        alter(where=NPS, **change)
    (finding,) = [f for f in verify(acme, plugins=["nps"]) if f.verdict is not Verdict.EQUAL]
    assert (finding.metric, finding.subject, finding.day) == ("nps.score", "tenant", LAST)
    assert finding.verdict is Verdict.DIFFERENT
    assert says in finding.why


def test_a_removed_and_an_invented_value_are_found(acme):
    computed(acme)
    with tenant_scope(acme):
        remove(**NPS)
        copy_to_subject(MetricValue.objects.get(metric="nps.score", subject_kind="account", day=FIRST), 77)
    different = [f for f in verify(acme, plugins=["nps"]) if f.verdict is Verdict.DIFFERENT]
    assert {(f.subject, f.day, f.why) for f in different} == {
        ("tenant", LAST, "recomputed, but not stored"),
        ("account 77", FIRST, "stored, but not recomputed"),
    }


def test_the_other_tenants_change_is_not_mine(acme, globex):
    computed(acme)
    computed(globex)
    with tenant_scope(globex):
        alter(all_of_them=True, n=1000)
    assert {finding.verdict for finding in verify(acme)} == {Verdict.EQUAL}
    assert Verdict.DIFFERENT in {finding.verdict for finding in verify(globex)}


def test_late_data_are_told_from_tampering_and_a_recomputation_settles_them(acme):
    computed(acme)
    with tenant_scope(acme):
        answer("late", 0)
    findings = verify(acme, plugins=["nps"])
    assert counts(findings)[Verdict.DIFFERENT] == 0
    reasons = {finding.why for finding in findings if finding.verdict is Verdict.NOT_COMPARABLE}
    assert reasons
    assert all("data changed since" in why for why in reasons)
    compute(acme)
    assert {finding.verdict for finding in verify(acme)} == {Verdict.EQUAL}


def test_values_are_verified_with_the_configuration_they_were_computed_with(acme):
    computed(acme)
    with tenant_scope(acme):
        activation.configure("nps", {"window_days": 1})
    assert {finding.verdict for finding in verify(acme, plugins=["nps"])} == {Verdict.EQUAL}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"definition_version": 0}, "definition version 0, installed is 3"),
        ({"configuration_version": 9}, "configuration version 9 of 'nps' is not on record"),
        ({"plugin_version": "0.0.1", "n": 7}, "plugin version 0.0.1, installed is"),
        ({"metric": "nps.gone"}, "installed is none"),
    ],
)
def test_what_another_version_computed_is_not_comparable(acme, change, says):
    computed(acme)
    with tenant_scope(acme):
        alter(where=NPS, **change)
    (finding,) = [f for f in verify(acme, plugins=["nps"]) if f.verdict is Verdict.NOT_COMPARABLE]
    assert says in finding.why


def test_a_value_of_the_running_day_is_compared_while_it_runs(acme):
    computed(acme)
    today = timezone.now().astimezone(acme.zone).date()
    compute(acme, first=today, last=today)
    assert {finding.verdict for finding in verify(acme, first=today)} <= {
        Verdict.EQUAL,
        Verdict.NOT_COMPARABLE,
    }
    with tenant_scope(acme):
        assert MetricValue.objects.filter(day=today, status="PARTIAL").exists()


def test_days_plugins_and_sample_narrow_what_is_verified(acme):
    computed(acme)
    findings = verify(acme, plugins=["nps"], first=LAST, last=LAST)
    assert {(finding.metric.partition(".")[0], finding.day) for finding in findings} == {("nps", LAST)}
    sampled = verify(acme, sample=1)
    assert len({(finding.metric.partition(".")[0], finding.day) for finding in sampled}) == 1


def test_the_command_counts_what_is_equal_and_fails_on_a_difference_that_it_names(acme, capsys):
    computed(acme)
    call_command("verify", tenant="acme")
    assert "0 different, 0 not comparable" in capsys.readouterr().out
    with tenant_scope(acme):
        alter(where=NPS, value=51)
    with pytest.raises(CommandError, match="1 stored values are not what their inputs give"):
        call_command("verify", tenant="acme", plugin=["nps"])
    told = capsys.readouterr().out
    assert "nps.score" in told
    assert "2026-06-30" in told
    assert "51, 50" in told


def test_the_command_names_cause_and_remedy_for_an_unknown_tenant(db):
    with pytest.raises(CommandError, match="tenant list"):
        call_command("verify", tenant="nobody")


def test_a_plugin_that_rolls_dice_is_told_from_a_changed_value(acme, monkeypatch):
    computed(acme)
    with tenant_scope(acme):
        alter(where=NPS, value=51)
    rolls = count(1)
    original = guard.compute

    def rolling(plugin, request, **options):
        found = original(plugin, request, **options)
        changed = tuple(
            replace(one, n=next(rolls)) if one.subject.kind == "account" else one
            for one in found.measurements
        )
        return guard.Computed(changed)

    monkeypatch.setattr(guard, "compute", rolling)
    different = [f for f in verify(acme, plugins=["nps"]) if f.verdict is Verdict.DIFFERENT]
    unsteady = {f.subject.partition(" ")[0] for f in different if "not deterministic" in f.why}
    assert unsteady == {"account"}
    assert any(f.subject == "tenant" and "value: 51, 50" in f.why for f in different)
