"""History under another configuration: what would be different is said, and nothing that is stored changes."""

import json
from datetime import date

import polars as pl
import pytest
from django.core.management import CommandError, call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from engage_server.access.models import ApiKey
from engage_server.access.principal import Permission
from engage_server.customers.models import Account
from engage_server.engine.comparison import Comparison, MetricOutcome, as_stored
from engage_server.engine.exceptions import TooManyDaysError, UnknownMetricError
from engage_server.engine.what_if import what_if
from engage_server.metrics.bands import COLUMNS
from engage_server.metrics.models import DayValue, MeasuredValue, MetricValue
from engage_server.metrics.writer import stored_number
from engage_server.operations.keys import KeyRequest, create_key, make_key
from engage_server.plugin_host import activation, guard
from engage_server.plugin_host.exceptions import InvalidConfigurationError
from engage_server.tenancy.scope import TenantRef, tenant_scope
from tests.api.conftest import Caller, nodes_of
from tests.engine.test_verify import FIRST, LAST, compute, computed

LAX = {"bands": {"green_from": 20, "yellow_from": 10}}
ASK = """query ($config: JSON!, $from: Date!, $to: Date!, $metrics: [ID!]) {
    whatIf(plugin: "health_score", config: $config, from: $from, to: $to, metrics: $metrics) {
    plugin metrics { metric values changed bandDays { before after days }
        bandChanges { edges { node { before after bandBefore bandAfter
            subject { ... on Account { externalId } } } } } } } }"""


def config_of(tenant: TenantRef, **changes) -> dict:
    with tenant_scope(tenant):
        config = activation.active_plugin("health_score").config.model_dump(mode="json")
    return {**config, **changes}


def table(tenant: TenantRef) -> tuple:
    with tenant_scope(tenant):
        return (
            sorted(MetricValue.objects.values_list("pk", "value", "superseded_at")),
            DayValue.objects.count(),
            MeasuredValue.objects.count(),
        )


NUMBERS = st.one_of(
    st.floats(-1e6, 1e6), st.integers(-5000, 5000), st.decimals(-1000, 1000, places=12, allow_nan=False)
)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(NUMBERS, st.sampled_from([0, 1e-11, 4e-11, 5e-11, -5e-11, 6e-11, 1e-10, 1e-9, 1]))))
def test_what_is_close_is_the_same_where_the_same_would_be_stored(numbers):
    stored = [(number, float(stored_number(number)), float(number) + off) for number, off in numbers]
    rows = [(place, was, would_be, "RED", "RED") for place, (_, was, would_be) in enumerate(stored)]
    would_change = [was != as_stored(would_be) for _, was, would_be in stored]
    assert compared(rows).changed == sum(would_change)
    assert compared([(0, was, float(number), "RED", "RED") for number, was, _ in stored[:1]]).changed == 0


def compared(rows: list[tuple[int, float | None, float | None, str | None, str | None]]) -> MetricOutcome:
    """What comes of comparing stored and computed values with their bands, each of an account of its own."""
    frames = [
        pl.DataFrame(
            [("a.b", "account", row[0], LAST, row[place], row[place + 2]) for row in rows],
            schema=COLUMNS,
            orient="row",
        )
        for place in (1, 2)
    ]
    comparison = Comparison(("a.b",))
    comparison.add(*frames, last=LAST)
    (outcome,) = comparison.outcomes()
    return outcome


def test_another_band_and_a_value_that_comes_or_goes_are_changes_and_two_absences_are_none():
    rows = [(1, 5.0, 5.0, "RED", "GREEN"), (2, 5.0, None, "RED", "RED"), (3, None, 5.0, None, None)]
    outcome = compared([*rows, (4, None, None, None, None), (5, 2e6, 2e6, "RED", "RED")])
    assert (outcome.values, outcome.changed) == (5, 3)
    assert outcome.band_days == {("RED", "GREEN"): 1}
    assert [one.subject_id for one in outcome.last_day] == [1, 2, 3, 4, 5]


def test_the_present_configuration_changes_nothing(acme):
    computed(acme)
    before = table(acme)
    with tenant_scope(acme):
        found = what_if("health_score", config_of(acme), first=FIRST, last=LAST)
    assert [outcome.metric for outcome in found.metrics if outcome.values][:2] == [
        "health_score.score",
        "health_score.portfolio_quality",
    ]
    assert [(outcome.changed, outcome.band_changes) for outcome in found.metrics] == [(0, ())] * len(
        found.metrics
    )
    assert table(acme) == before


def test_other_bands_say_who_changes_band_and_nothing_stored_changes(acme, globex):
    for tenant in (acme, globex):
        computed(tenant)
    with tenant_scope(globex):
        Account.objects.update(name="theirs")
    before, theirs = table(acme), table(globex)
    config = config_of(acme, **LAX)
    with tenant_scope(acme):
        found = what_if("health_score", config, first=FIRST, last=LAST)
        (score,) = [outcome for outcome in found.metrics if outcome.metric == "health_score.score"]
        account = Account.objects.get().pk
    (change,) = score.band_changes
    assert (change.subject_kind, change.subject_id) == ("account", account)
    assert (change.stored.value, change.computed.band) == (change.computed.value, "GREEN")
    assert change.stored.band != "GREEN"
    assert sum(score.band_days.values()) == score.changed == 3
    assert (table(acme), table(globex)) == (before, theirs)


def test_some_metrics_come_out_as_among_all_and_the_others_are_neither_read_nor_computed(acme, monkeypatch):
    computed(acme)
    asked, computing = [], guard.compute

    def compute(plugin, request):
        asked.append((request.metrics, set(request.inputs)))
        return computing(plugin, request)

    config = config_of(acme, **LAX)
    monkeypatch.setattr("engage_server.engine.what_if.guard.compute", compute)
    with tenant_scope(acme):
        whole = what_if("health_score", config, first=FIRST, last=LAST)
        asked.clear()
        portfolio = what_if(
            "health_score", config, first=LAST, last=LAST, metrics=["health_score.portfolio_quality"]
        )
        with pytest.raises(UnknownMetricError, match=r"health_score\.score"):
            what_if("health_score", config, first=FIRST, last=LAST, metrics=["nps.score"])
    assert portfolio.metrics[0].values == 1
    assert [one.metric for one in portfolio.metrics] == ["health_score.portfolio_quality"]
    assert portfolio.metrics[0].last_day == whole.metrics[1].last_day
    assert asked == [({"portfolio_quality"}, {"accounts", "values", "overrides"})]


def test_a_metric_that_knows_days_at_once_comes_out_as_day_by_day(acme, globex, monkeypatch):
    for tenant in (acme, globex):
        computed(tenant)
    config = config_of(acme, **LAX)
    with tenant_scope(acme):
        whole = what_if("health_score", config, first=FIRST, last=LAST)
        monkeypatch.setattr(
            "engage_server.engine.what_if.guard.compute", None
        )  # it would be called for each day
        score = what_if("health_score", config, first=FIRST, last=LAST, metrics=["health_score.score"])
        assert score.metrics == whole.metrics[:1]
    with tenant_scope(globex):
        Account.objects.all().delete()
        theirs = what_if("health_score", config, first=FIRST, last=LAST, metrics=["health_score.score"])
    assert [one.computed for one in theirs.metrics[0].last_day] == [(None, None)]


def test_what_is_computed_is_what_reconfiguring_and_computing_stores(acme):
    computed(acme)
    config = config_of(acme)
    for component in config["components"]:
        component["weight"] = 5 if component["key"] == "nps" else 1
    with tenant_scope(acme):
        found = what_if("health_score", config, first=FIRST, last=LAST)
        would_be = {
            (o.metric, d.subject_kind, d.subject_id): d.computed.value
            for o in found.metrics
            for d in o.last_day
        }
        activation.configure("health_score", {"components": config["components"]})
    compute(acme)
    with tenant_scope(acme):
        stored = MetricValue.objects.filter(metric__startswith="health_score.", day=LAST, superseded_at=None)
        assert would_be == {
            (row.metric, row.subject_kind, row.subject_id): None if row.value is None else float(row.value)
            for row in stored
        }


def test_a_bad_configuration_or_range_is_refused_by_name(acme):
    computed(acme)
    with tenant_scope(acme):
        with pytest.raises(InvalidConfigurationError, match="components"):
            what_if("health_score", {"components": "none"}, first=FIRST, last=LAST)
        with pytest.raises(TooManyDaysError, match="Remedy"):
            what_if("health_score", {}, first=LAST, last=FIRST)
        with pytest.raises(TooManyDaysError, match=r"manage\.py what_if"):
            what_if("health_score", {}, first=date(2020, 1, 1), last=LAST)


def test_the_command_names_who_changes_band(acme, capsys):
    computed(acme)
    asked = {"tenant": "acme", "plugin": "health_score", "first": FIRST, "last": LAST}
    call_command("what_if", config=json.dumps(config_of(acme, **LAX)), **asked)
    told = capsys.readouterr().out
    assert "1 change band on 2026-06-30" in told
    assert "GREEN" in told
    with pytest.raises(CommandError, match="Remedy"):
        call_command("what_if", config="{", **asked)


def test_graphql_answers_who_may_configure_and_names_subjects_to_who_may_see_persons(acme, globex):
    computed(acme)
    asked = {"config": config_of(acme, **LAX), "from": str(LAST), "to": str(LAST)}
    admin = Caller(acme, create_key(acme, ApiKey.Kind.ADMIN), "acme.localhost")
    found = admin.data(ASK, **asked)["whatIf"]
    (score,) = [one for one in found["metrics"] if one["metric"] == "health_score.score"]
    (change,) = nodes_of(score["bandChanges"])
    assert (change["bandAfter"], change["subject"]["externalId"]) == ("GREEN", "a")
    assert admin.code(ASK, **{**asked, "from": "2026-01-01"}) == "BAD_USER_INPUT"
    assert admin.code(ASK, **asked, metrics=["nps.score"]) == "BAD_USER_INPUT"
    assert admin.code(ASK, **{**asked, "config": {"components": 1}}) == "INVALID_CONFIGURATION"
    reader, setter = (
        Caller(
            acme,
            make_key(acme, KeyRequest(ApiKey.Kind.ADMIN, permissions=frozenset(rights))).text,
            admin.host,
        )
        for rights in ({Permission.METRICS_READ, Permission.PERSONAL_READ}, {Permission.CONFIG_WRITE})
    )
    assert reader.code(ASK, **asked) == "FORBIDDEN"
    blind = setter.data(ASK, **asked)["whatIf"]["metrics"]
    assert [(one["values"], one["changed"]) for one in blind[:2]] == [(1, 1), (1, 1)]
    assert [one["bandChanges"]["edges"] for one in blind] == [[]] * len(blind)
