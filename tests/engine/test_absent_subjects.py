"""Who has no value today has none in any answer, whatever there was before; and no row is spent on it."""

import types
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from engage_server import sdk
from engage_server.customers.models import Account, SurveyResponse
from engage_server.engine import executor
from engage_server.engine.verification import Verdict, verify
from engage_server.metrics.models import MetricValue
from engage_server.metrics.reader import StoredMetricReader
from engage_server.plugin_host import activation
from engage_server.sdk import (
    TENANT,
    Accounts,
    Card,
    ComputeRequest,
    Direction,
    Manifest,
    Measurement,
    Metric,
    PluginConfig,
    Status,
    account,
    hookimpl,
)
from engage_server.tenancy.scope import TenantRef, tenant_scope
from tests.engine.restate import installed

DAY = date(2026, 6, 30)


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def answered(
    name: str, *scores: float, instrument: str = "nps", scale: tuple[int, int] = (0, 10), day: date = DAY
) -> int:
    """An account with answers; its id."""
    made = Account.objects.create(external_id=name, name=name)
    SurveyResponse.objects.bulk_create(
        SurveyResponse(
            external_id=f"{name}-{n}", instrument=instrument, account=made, scale_min=scale[0], scale_max=scale[1],
            score=score, occurred_at=noon(day),
        )
        for n, score in enumerate(scores)
    )  # fmt: skip
    return made.pk


def compute(tenant: TenantRef, *plugins: str, first: date = DAY, last: date = DAY) -> None:
    results: list[int | None] = []
    executor.backfill(
        tenant,
        plugins=plugins,
        first=first,
        last=last,
        progress=lambda plugin, day, rows: results.append(rows),
    )
    assert None not in results


def rows(metric: str, kind: str = "account") -> list[tuple[int, date, str]]:
    found = MetricValue.objects.filter(metric=metric, subject_kind=kind, superseded_at=None)
    return list(found.order_by("day", "subject_id").values_list("subject_id", "day", "status"))


def test_an_account_whose_answers_have_left_the_window_has_no_score_and_costs_no_row(acme, globex):
    for tenant in (acme, globex):
        with tenant_scope(tenant):
            for plugin in ("nps", "ces"):
                activation.configure(plugin, {"window_days": 2})
            left = answered("left", 10, 9)
            effort = answered("effort", 5, instrument="ces", scale=(1, 7))
            stays = answered("stays", 3, day=DAY + timedelta(days=1))
    compute(acme, "nps", "ces", last=DAY + timedelta(days=2))
    compute(globex, "nps", "ces", last=DAY + timedelta(days=1))
    with tenant_scope(acme):
        reader = StoredMetricReader()
        assert reader.latest("nps.score", account(left)) is None
        assert reader.latest("nps.score", account(left), DAY + timedelta(days=1)).value == 100
        assert reader.latest("nps.score", account(stays)).value == -100
        assert reader.latest("ces.effort_score", account(effort)) is None
        assert reader.latest("ces.effort_score", TENANT).status is Status.NO_DATA
        assert [value.subject.id for value in reader.by_subject("nps.score", "account")] == [stays]
        assert (left, DAY + timedelta(days=2), "NO_DATA") not in rows("nps.score")
        assert {finding.verdict for finding in verify(acme)} == {Verdict.EQUAL}
    with tenant_scope(globex):
        assert StoredMetricReader().latest("nps.score", account(left)).value == 100


def test_a_restated_day_does_not_bring_back_a_value_that_later_days_do_not_have(acme):
    with tenant_scope(acme):
        activation.configure("nps", {"window_days": 2})
        left = answered("left", 10)
        answered("stays", 3, day=DAY + timedelta(days=3))
    compute(acme, "nps", last=DAY + timedelta(days=3))
    with tenant_scope(acme):
        SurveyResponse.objects.create(
            external_id="late", instrument="nps", account_id=left, scale_min=0, scale_max=10, score=0,
            occurred_at=noon(DAY + timedelta(days=1)),
        )  # fmt: skip
    compute(acme, "nps", first=DAY + timedelta(days=1), last=DAY + timedelta(days=2))
    with tenant_scope(acme):
        assert StoredMetricReader().latest("nps.score", account(left), DAY + timedelta(days=2)).value == -100
        assert StoredMetricReader().latest("nps.score", account(left)) is None


def moods(bad_until: date) -> types.ModuleType:
    """A plugin that knows accounts alone, and nothing of them after a day."""
    card = Card(formula="1", source="ours", edge_rules=("Afterwards: absent.",))

    @hookimpl
    def engage_manifest() -> Manifest:
        metric = Metric("mood", "Mood", "", Direction.UP, subjects=("account",), card=card)
        return Manifest("tally", ">=2,<3", "Tally", PluginConfig, (metric,), {"accounts": Accounts()})

    @hookimpl
    def engage_compute(request: ComputeRequest[PluginConfig]) -> Iterable[Measurement]:
        for pk in request.inputs["accounts"]["account"]:
            known = request.window.day <= bad_until
            yield Measurement("mood", account(pk), 1, n=1) if known else sdk.absent("mood", account(pk))

    made = types.ModuleType("tally")
    made.engage_manifest, made.engage_compute = engage_manifest, engage_compute
    return made


def test_a_day_on_which_every_subject_is_absent_leaves_one_row_to_be_known_by(acme):
    with installed(moods(DAY)):
        with tenant_scope(acme):
            activation.enable("tally")
            pks = [Account.objects.create(external_id=f"a{n}").pk for n in range(3)]
        compute(acme, "tally", last=DAY + timedelta(days=1))
        with tenant_scope(acme):
            assert rows("tally.mood")[3:] == [(min(pks), DAY + timedelta(days=1), "NO_DATA")]
            reader = StoredMetricReader()
            assert [reader.latest("tally.mood", account(pk)) for pk in pks] == [None] * 3
            assert reader.by_subject("tally.mood", "account") == []
        assert {finding.verdict for finding in verify(acme)} == {Verdict.EQUAL}
        compute(acme, "tally", last=DAY + timedelta(days=1))
        with tenant_scope(acme):
            assert len(rows("tally.mood")) == 4


# What the health score makes of other plugins' values


def health(tenant: TenantRef, pk: int):
    with tenant_scope(tenant):
        return StoredMetricReader().latest("health_score.score", account(pk))


def test_effort_of_4_08_on_1_to_7_counts_as_51_33_in_the_health_score(acme):
    with tenant_scope(acme):
        activation.configure("health_score", {"min_coverage": 0})
        pk = answered("a", *[4] * 23, 5, 5, instrument="ces", scale=(1, 7))
    compute(acme, "ces", "health_score")
    effort = next(part for part in health(acme, pk).contributions if part["key"] == "effort")
    assert round(effort["value"], 2) == 51.33
    raw = {one["key"]: one["raw"] for one in health(acme, pk).details["components"]}
    assert round(raw["effort"], 2) == 4.08


def test_a_value_that_left_its_window_is_no_part_of_the_health_score_any_more(acme):
    with tenant_scope(acme):
        activation.configure("health_score", {"min_coverage": 0})
        activation.configure("nps", {"window_days": 1})
        pk = answered("a", 10)
    compute(acme, "nps", "health_score", last=DAY + timedelta(days=1))
    part = next(part for part in health(acme, pk).contributions if part["key"] == "nps")
    assert (part["value"], part["note"]) == (None, "missing: no value within 7 days")


def test_an_account_that_left_has_no_score_today_and_keeps_that_of_earlier_days(acme):
    with tenant_scope(acme):
        activation.configure("health_score", {"min_coverage": 0})
        gone, stays = answered("gone", 0), answered("stays", 10)
    compute(acme, "nps", "health_score")
    assert health(acme, gone).value == 0
    with tenant_scope(acme):
        Account.objects.filter(pk=gone).update(stage="CHURNED")
    compute(acme, "nps", "health_score", first=DAY + timedelta(days=1), last=DAY + timedelta(days=1))
    assert health(acme, gone) is None
    assert health(acme, stays).value == 100
    with tenant_scope(acme):
        queue = StoredMetricReader().by_subject("health_score.score", "account")
        assert [value.label for value in queue] == ["stays"]
        assert StoredMetricReader().latest("health_score.score", account(gone), DAY).value == 0
