"""A metric computed now for a part of a tenant is what a tenant of nothing but that part would have."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from engage_server.customers.exceptions import NotSliceableError
from engage_server.engine import executor
from engage_server.engine.exceptions import (
    BeyondRetentionError,
    NoTenantValueError,
    TooManyAnswersError,
    UnknownMetricError,
)
from engage_server.engine.questions import Question, answers, require_few
from engage_server.ingest.items import (
    AccountItem,
    EventItem,
    Item,
    MembershipItem,
    PersonItem,
    PersonKey,
    ResponseItem,
    SubscriptionItem,
)
from engage_server.ingest.store import store_items
from engage_server.metrics.models import MetricValue
from engage_server.operations.segments import change_members, create_segment
from engage_server.plugin_host.activation import active_plugins, disable
from engage_server.plugin_host.exceptions import InvalidConfigurationError, PluginDisabledError
from engage_server.segments.exceptions import TooManyGroupsError, UnknownDimensionError, UnknownSegmentError
from engage_server.tenancy.scope import TenantRef, tenant_scope

NOON = datetime(2026, 3, 20, 12, tzinfo=UTC)
DAY = NOON.date()
FIRMS = {"a": "pro", "b": "pro", "c": "basic", "d": ""}


def person(firm: str, number: int) -> PersonKey:
    return PersonKey(user_id=f"{firm}{number}")


def items_of(firms: Iterable[str]) -> list[Item]:
    """Each firm has seats, three persons, answers and events of its own; some of it differs by firm."""
    found: list[Item] = []
    for firm in sorted(firms):
        size = ord(firm) - ord("a") + 1
        found.append(
            AccountItem(firm, plan=FIRMS[firm], traits={"size": size}, started_at=NOON - timedelta(days=500))
        )
        found.append(SubscriptionItem(f"s{firm}", firm, starts_on=DAY, seats=2 * size, amount=Decimal(9)))
        for number in range(3):
            key = person(firm, number)
            found.append(PersonItem(key, traits={"role": "admin" if number == 0 else "user"}))
            found.append(MembershipItem(key, firm, NOON - timedelta(days=400)))
            for before in range(0, 20, size + number):
                at = NOON - timedelta(days=before)
                found.append(
                    EventItem(f"{firm}{number}{before}", "saved" if before % 2 else "shared", key, at, at)
                )
            for instrument, most in (("nps", 10), ("ces", 7)):
                at = NOON - timedelta(days=number)
                score = Decimal((size * 3 + number * 4) % most + 1)
                response = f"{instrument}{firm}{number}"
                found.append(
                    ResponseItem(response, instrument, Decimal(0), Decimal(most), at, score=score, person=key)
                )
    return found


@pytest.fixture
def tenants(acme: TenantRef, globex: TenantRef) -> tuple[TenantRef, TenantRef]:
    """Acme with all firms, globex with those of plan pro alone; in one calendar."""
    with tenant_scope(acme):
        store_items(items_of(FIRMS), source="web")
    with tenant_scope(globex):
        store_items(items_of(["a", "b"]), source="web")
    return acme, replace(globex, timezone=acme.timezone)


def metrics() -> list[str]:
    """Full ids of the active metrics that are measured for the tenant."""
    return [
        f"{plugin}.{metric.id}"
        for plugin, active in sorted(active_plugins().items())
        for metric in active.plugin.manifest.metrics
        if "tenant" in metric.subjects
    ]


def asked(metric: str, **more: object) -> list[tuple[str | None, float | None, int]]:
    question = Question(**{"metric": metric, "first": DAY, "last": DAY, **more})
    return [(one.group, one.value.value, one.value.n) for of_day in answers(question) for one in of_day]


def test_every_metric_of_a_segment_or_a_group_is_that_of_a_tenant_of_these_alone(tenants):
    acme, globex = tenants
    with tenant_scope(globex):
        wanted = {metric: asked(metric) for metric in metrics()}
        assert len(wanted) >= 4
    with tenant_scope(acme):
        pro = create_segment("Pro", {"subject": "account", "condition": {"type": "plan", "any_of": ["pro"]}})
        for metric, expected in wanted.items():
            assert asked(metric, segment=pro.number) == expected, metric
            groups = {group: (value, n) for group, value, n in asked(metric, group_by="plan")}
            assert set(groups) == {"pro", "basic"}
            assert [(None, *groups["pro"])] == expected, metric
        assert any(asked(metric) != expected for metric, expected in wanted.items())


def test_the_whole_computed_now_is_what_the_schedule_stores_and_nothing_is_stored(tenants):
    acme, _ = tenants
    with tenant_scope(acme):
        plugins = sorted(active_plugins())
    executor.backfill(acme, plugins=plugins, first=DAY, last=DAY, progress=lambda *_: None)
    with tenant_scope(acme):
        rows = MetricValue.objects.count()
        assert rows > 10
        for metric in metrics():
            row = MetricValue.objects.filter(metric=metric, subject_kind="tenant", superseded_at=None).first()
            stored = None if row is None or row.value is None else float(row.value)
            ((_, value, n),) = asked(metric)
            assert (stored, 0 if row is None else row.n) == (pytest.approx(value), n), metric
        assert MetricValue.objects.count() == rows


def test_groups_and_a_segment_go_together_and_persons_are_groups_too(tenants):
    acme, _ = tenants
    with tenant_scope(acme):
        listed = create_segment("Some", {"subject": "account"}).number
        change_members(listed, add=["a", "c"], start=DAY)
        sizes = {group: n for group, _, n in asked("nps.score", segment=listed, group_by="plan")}
        assert sizes == {"pro": 3, "basic": 3}
        assert {group: n for group, _, n in asked("nps.score", group_by="size")} == {
            "1": 3,
            "2": 3,
            "3": 3,
            "4": 3,
        }
        assert {g: n for g, _, n in asked("nps.score", group_by="person.role")} == {"admin": 4, "user": 8}
        admins = create_segment(
            "Admins",
            {"subject": "person", "condition": {"type": "trait", "name": "role", "any_of": ["admin"]}},
        )
        assert {
            g: n for g, _, n in asked("nps.score", segment=admins.number, group_by="top")
        } == dict.fromkeys("abcd", 1)


def test_a_slice_of_a_past_day_is_of_whom_it_was_then(tenants):
    acme, _ = tenants
    with tenant_scope(acme):
        before = asked("nps.score", group_by="plan")
        store_items([AccountItem("c", plan="pro")], source="web")
        assert asked("nps.score", group_by="plan") == before


def test_another_configuration_computes_otherwise_and_stays_nowhere(tenants):
    acme, _ = tenants
    with tenant_scope(acme):
        assert asked("nps.score", config={"instrument": "ces"}) != asked("nps.score")
        assert active_plugins()["nps"].version == 1
        with pytest.raises(InvalidConfigurationError):
            asked("nps.score", config={"instrument": 3})


def test_a_range_is_answered_day_by_day_from_where_it_stopped(tenants):
    acme, _ = tenants
    first = DAY - timedelta(days=2)
    with tenant_scope(acme):
        question = Question(metric="nps.score", first=first, last=DAY)
        days = [of_day[0].value.day for of_day in answers(question)]
        assert days == [first, first + timedelta(days=1), DAY]
        assert [of_day[0].value.day for of_day in answers(question, skip=2)] == [DAY]
        assert list(answers(question, skip=3)) == []


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"segment": 99}, UnknownSegmentError),
        ({"group_by": "colour"}, UnknownDimensionError),
        ({"metric": "nps.scroe"}, UnknownMetricError),
    ],
)
def test_a_question_about_what_there_is_not_is_refused(tenants, more, error):
    acme, _ = tenants
    with tenant_scope(acme), pytest.raises(error, match="Remedy"):
        asked(**{"metric": "nps.score", **more})


def test_what_cannot_be_cut_or_is_not_of_the_tenant_is_refused_by_name(tenants):
    acme, _ = tenants
    with tenant_scope(acme):
        people = create_segment("All", {"subject": "person", "condition": {"type": "all", "of": []}}).number
        of_seats = next(metric for metric in metrics() if metric.startswith("license_utilization."))
        with pytest.raises(NotSliceableError, match="Seats cannot be restricted to persons"):
            asked(of_seats, segment=people)
        single = [
            f"{plugin}.{metric.id}"
            for plugin, active in active_plugins().items()
            for metric in active.plugin.manifest.metrics
            if "tenant" not in metric.subjects
        ]
        for metric in single:
            with pytest.raises(NoTenantValueError, match="measured for each"):
                asked(metric)
        disable("nps")
        with pytest.raises(PluginDisabledError):
            asked("nps.score")


def test_too_many_groups_or_days_are_refused(tenants):
    acme, _ = tenants
    with tenant_scope(acme):
        store_items([AccountItem(f"x{n}", plan=f"plan {n}") for n in range(101)], source="web")
        with pytest.raises(TooManyGroupsError, match="segments of the values"):
            asked("nps.score", group_by="top")
    for first, last in ((DAY, DAY - timedelta(days=1)), (DAY - timedelta(days=5), DAY)):
        with pytest.raises(TooManyAnswersError, match="Remedy"):
            require_few(Question(metric="nps.score", first=first, last=last), most=5)


def test_no_more_values_are_given_than_are_allowed(tenants):
    acme, _ = tenants
    question = Question(metric="nps.score", first=DAY - timedelta(days=1), last=DAY, group_by="size")
    with tenant_scope(acme):
        assert sum(len(of_day) for of_day in answers(question, most=8)) == 8
        with pytest.raises(TooManyAnswersError, match="2 days of 4 groups"):
            list(answers(question, most=7))


def test_days_that_are_no_longer_kept_are_refused(tenants):
    acme, _ = tenants
    with tenant_scope(replace(acme, events_keep_days=30)):
        adoption = next(metric for metric in metrics() if metric.startswith("adoption."))
        with pytest.raises(BeyondRetentionError):
            asked(adoption, first=date(2026, 1, 1), last=date(2026, 1, 1))


def test_one_tenants_segment_is_not_the_others(tenants):
    acme, globex = tenants
    with tenant_scope(acme):
        number = create_segment("Pro", {"subject": "account"}).number
    with tenant_scope(globex), pytest.raises(UnknownSegmentError):
        asked("nps.score", segment=number)
