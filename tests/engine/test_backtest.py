"""A back-test says what predicts and what does not; suggestions say which parts, and apply nothing."""

import json
import random
from datetime import date, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from engage_server.access.models import ApiKey
from engage_server.access.principal import Permission
from engage_server.customers.models import Account, Subscription
from engage_server.engine.backtest import MOST_SNAPSHOTS, Observation, Verdict, backtest, judge
from engage_server.engine.exceptions import NoDirectionError, TooManyDaysError, UnknownMetricError
from engage_server.engine.outcomes import Outcome, outcome_days, snapshot_days
from engage_server.engine.weight_suggestions import SeenPart, suggest_weights, suggestions
from engage_server.ingest.items import AccountItem
from engage_server.ingest.store import store_items
from engage_server.metrics.models import MetricValue
from engage_server.operations.keys import KeyRequest, create_key, make_key
from engage_server.plugin_host import activation
from engage_server.tenancy.scope import TenantRef, current_tenant, tenant_scope
from tests.api.conftest import Caller
from tests.metrics.values import store

SCORE = "health_score.score"
FIRST, LAST = date(2026, 1, 1), date(2026, 6, 30)
HORIZON = 60
ASKED = {"horizon_days": HORIZON, "first": FIRST, "last": LAST}
DAYS = [date(2026, 5, 1), date(2026, 3, 2), date(2026, 1, 1)]
LEFT_ON = date(2026, 5, 20)
ASK = """query ($metric: ID!, $from: Date!, $to: Date!) {
    backtest(metric: $metric, from: $from, to: $to, horizonDays: 60) { verdict sentence auc aucInterval { low high }
        cases controls outcomes alarms { name hits falseAlarms precision recall } leadTime { medianDays warned } }
    suggestWeights(metric: $metric, from: $from, to: $to, horizonDays: 60) {
        parts { key correlation interval { low } p suggested present } } }"""


def part(key: str, value: float) -> dict:
    return {"key": key, "label": key.upper(), "value": value, "points": value / 2, "weight": 0.5}


def account_with(name: str, scores: dict[date, float], *, left_on: date | None = None) -> int:
    """A customer with a health score on some days; whose part ``use`` is the score and whose part ``luck`` is none."""
    told = [AccountItem(name, stage="CUSTOMER", occurred_at=_noon(date(2025, 6, 1)))]
    if left_on is not None:
        told.append(AccountItem(name, stage="CHURNED", occurred_at=_noon(left_on)))
    store_items(told, source="crm")
    account = Account.objects.get(external_id=name).pk
    for day, score in scores.items():
        store(
            SCORE, score, kind="account", subject=account, day=day,
            details={"band": "RED" if score < 50 else "GREEN"},
            contributions=[part("use", score), part("luck", float(account % 7))],
        )  # fmt: skip
    return account


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=current_tenant().zone)


def portfolio(tenant: TenantRef, *, apart: bool = True) -> None:
    """Twelve that leave on 20 May and thirty that stay; the leavers red by 1 May, if ``apart``, two stayers as well."""
    with tenant_scope(tenant):
        for number in range(12):
            low = 20.0 + number if apart else 20.0 + 7 * number
            account_with(
                f"left {number}", {DAYS[1]: 80.0, date(2026, 4, 20): low, DAYS[0]: low}, left_on=LEFT_ON
            )
        for number in range(30):
            high = (30.0 if number < 2 else 60.0 + number) if apart else 20.0 + 2.9 * number
            account_with(f"stayed {number}", {DAYS[1]: 80.0, DAYS[0]: high})


def test_days_lie_a_horizon_apart_and_of_each_it_is_known_what_followed():
    assert snapshot_days(first=FIRST, last=LAST, horizon=HORIZON) == DAYS
    assert snapshot_days(first=FIRST, last=FIRST + timedelta(days=59), horizon=60) == []


def test_a_score_that_tells_who_leaves_predicts_with_its_alarms_and_lead_time(acme, globex):
    portfolio(acme)
    portfolio(globex, apart=False)
    with tenant_scope(acme):
        found = backtest(SCORE, Outcome.CHURN, **ASKED)
    assert (found.verdict, found.discrimination.cases, found.discrimination.controls) == (
        Verdict.PREDICTS,
        12,
        30,
    )
    assert found.discrimination.auc == pytest.approx((12 * 28 + 11 + 2 * 9 + 0.5 * 2 + 2 * 0) / 360, abs=0.05)
    red, everything = found.alarms
    # On 1 May 12 of 14 reds leave within 60 days; on 2 March nobody is red and nobody leaves by 1 May.
    assert (red.name, red.flagged, red.hits, red.false_alarms) == ("RED", 14, 12, 2)
    assert (red.precision, red.recall) == (12 / 14, 1)
    assert red.false_alarm_share == 2 / (30 + 42)
    assert (everything.name, everything.recall, everything.flagged) == ("GREEN", 1, 84)
    assert (found.lead_time.median_days, found.lead_time.warned, found.lead_time.not_warned) == (30, 12, 0)
    with tenant_scope(globex):
        assert backtest(SCORE, Outcome.CHURN, **ASKED).verdict is Verdict.DOES_NOT_PREDICT


def test_the_part_that_goes_with_leaving_is_suggested_and_nothing_is_applied(acme):
    portfolio(acme)
    with tenant_scope(acme):
        before = list(MetricValue.objects.order_by("pk").values_list("pk", "value"))
        found = suggest_weights(SCORE, Outcome.CHURN, **ASKED)
        assert list(MetricValue.objects.order_by("pk").values_list("pk", "value")) == before
    use, luck = found.parts
    assert (use.key, use.accounts, use.outcomes, use.present, use.suggested) == ("use", 42, 12, 0.5, 1)
    assert use.correlation > 0.8
    assert use.interval.low > 0.5
    assert use.interval.level == 0.975
    assert (luck.key, luck.suggested) == ("luck", None)


def test_too_few_outcomes_say_nothing(acme):
    with tenant_scope(acme):
        for number in range(9):
            account_with(f"left {number}", {DAYS[0]: 10.0}, left_on=LEFT_ON)
        for number in range(30):
            account_with(f"stayed {number}", {DAYS[0]: 90.0})
        assert backtest(SCORE, Outcome.CHURN, **ASKED).verdict is Verdict.TOO_FEW
        parts = suggest_weights(SCORE, Outcome.CHURN, **ASKED).parts
    assert {(one.correlation, one.p, one.suggested) for one in parts} == {(None, None, None)}


def test_who_left_before_the_day_is_not_counted_on_it(acme):
    with tenant_scope(acme):
        account_with("gone", dict.fromkeys(DAYS, 10.0), left_on=date(2026, 2, 1))
        account_with("stays", dict.fromkeys(DAYS, 90.0))
        found = backtest(SCORE, Outcome.CHURN, **ASKED)
    assert (found.observations, found.outcomes) == (4, 1)


@pytest.mark.parametrize("outcome", Outcome)
def test_on_shuffled_outcomes_the_verdict_is_that_it_does_not_predict(outcome):
    wrong = suggested = 0
    for seed in range(200):
        chance = random.Random(seed)
        scores = [chance.uniform(0, 100) for _ in range(300)]
        had = [number < 40 for number in range(300)]
        chance.shuffle(had)
        found = [
            Observation(number, DAYS[0], score, None, it)
            for number, (score, it) in enumerate(zip(scores, had, strict=True))
        ]
        _, verdict = judge(found)
        wrong += verdict is not Verdict.DOES_NOT_PREDICT
        seen = {
            key: SeenPart(key, {n: (chance.gauss(0, 1), it) for n, it in enumerate(had)}, [0.2])
            for key in "abcde"
        }
        sign = -1 if outcome is Outcome.CHURN else 1
        suggested += any(one.suggested is not None for one in suggestions(seen, sign=sign))
    # 5%, and three standard errors of 200 tries; suggestions are made for the right side alone, of five parts together.
    assert wrong <= 19
    assert suggested <= 19


def subscription(
    account: str, starts_on: date, *, ends_on: date | None = None, amount: int = 10, **fields
) -> None:
    Subscription.objects.create(
        external_id=fields.pop("external_id", f"{account} {starts_on}"),
        account=Account.objects.get_or_create(external_id=account)[0],
        starts_on=starts_on,
        ends_on=ends_on,
        amount=amount,
        **fields,
    )


def days_of(outcome: Outcome) -> dict[str, date]:
    names = dict(Account.objects.values_list("pk", "external_id"))
    return {names[account]: day for account, day in outcome_days(outcome, first=FIRST, last=LAST).items()}


def test_who_has_no_paid_subscription_any_more_has_churned(acme, globex):
    march, april = date(2026, 3, 1), date(2026, 4, 1)
    with tenant_scope(acme):
        subscription("ends", date(2025, 1, 1), ends_on=march)
        subscription("renews", date(2025, 1, 1), ends_on=march)
        subscription("renews", march)
        subscription("one of two", date(2025, 1, 1), ends_on=march)
        subscription("one of two", date(2025, 2, 1))
        subscription("ends ahead", date(2025, 1, 1), ends_on=date(2026, 9, 1))
        subscription("was over", date(2024, 1, 1), ends_on=date(2025, 1, 1))
        subscription("only tried", date(2026, 1, 5), ends_on=march, is_trial=True)
        subscription("canceled", date(2025, 1, 1), external_id="c")
        subscription("canceled", date(2025, 1, 1), external_id="c", valid_from=april, status="canceled")
        account_with("told", {}, left_on=april)
        assert days_of(Outcome.CHURN) == {"ends": march, "canceled": april, "told": april}
    with tenant_scope(globex):
        assert days_of(Outcome.CHURN) == {}


def test_who_pays_more_than_the_day_before_has_upgraded(acme):
    march = date(2026, 3, 1)
    with tenant_scope(acme):
        subscription("more", date(2025, 1, 1), external_id="m")
        subscription("more", date(2025, 1, 1), external_id="m", valid_from=march, amount=20)
        subscription("yearly at the same price", date(2025, 1, 1), ends_on=march)
        subscription("yearly at the same price", march, amount=120, interval_months=12)
        subscription("less", date(2025, 1, 1), ends_on=march)
        subscription("less", march, amount=5)
        subscription("second", date(2025, 1, 1))
        subscription("second", march, amount=1)
        subscription("paid after a trial", date(2026, 2, 1), external_id="t", is_trial=True)
        subscription("paid after a trial", date(2026, 2, 1), external_id="t", valid_from=march)
        assert days_of(Outcome.UPGRADE) == dict.fromkeys(["more", "second", "paid after a trial"], march)


@pytest.mark.parametrize(
    ("metric", "changes", "error"),
    [
        ("nps.nothing", {}, UnknownMetricError),
        ("health_score.portfolio_quality", {}, UnknownMetricError),
        (SCORE, {"horizon_days": 0}, TooManyDaysError),
        (SCORE, {"horizon_days": 400}, TooManyDaysError),
        (SCORE, {"first": date(2020, 1, 1)}, TooManyDaysError),
        (SCORE, {"last": date(2025, 1, 1)}, TooManyDaysError),
        (SCORE, {"first": date.min, "last": date.max, "horizon_days": 1}, TooManyDaysError),
    ],
)
def test_what_cannot_be_asked_is_refused_with_a_remedy(acme, metric, changes, error):
    with tenant_scope(acme), pytest.raises(error, match="Remedy"):
        backtest(metric, Outcome.CHURN, **{**ASKED, **changes})


@pytest.mark.parametrize("asked", [backtest, suggest_weights])
def test_as_many_days_are_read_as_are_allowed_and_no_statement_is_made_for_more(acme, globex, asked):
    portfolio(globex)
    allowed = {"horizon_days": 2, "first": FIRST, "last": FIRST + timedelta(days=2 * MOST_SNAPSHOTS)}
    with tenant_scope(acme):
        with CaptureQueriesContext(connection) as made:
            asked(SCORE, Outcome.CHURN, **allowed)
        assert MOST_SNAPSHOTS <= len(made) <= MOST_SNAPSHOTS + 10
        more = {**allowed, "last": allowed["last"] + timedelta(days=2)}
        with (
            CaptureQueriesContext(connection) as made,
            pytest.raises(TooManyDaysError, match=r"41 days .* Remedy: a longer horizon, or a shorter range"),
        ):
            asked(SCORE, Outcome.CHURN, **more)
        assert len(made) == 0


def test_the_past_of_a_metric_whose_plugin_is_disabled_is_not_told_as_its_values_are_not(acme, globex):
    for tenant in (acme, globex):
        portfolio(tenant)
    with tenant_scope(acme):
        activation.disable("health_score")
    asked = {"metric": SCORE, "from": str(FIRST), "to": str(LAST)}
    reader, other = (
        Caller(tenant, create_key(tenant, ApiKey.Kind.QUERY), f"{tenant.slug}.localhost")
        for tenant in (acme, globex)
    )
    of_parts = """query ($metric: ID!, $from: Date!, $to: Date!) {
        suggestWeights(metric: $metric, from: $from, to: $to, horizonDays: 60) { parts { key } } }"""
    of_score = of_parts.replace("suggestWeights", "backtest").replace("parts { key }", "verdict")
    assert [reader.code(query, **asked) for query in (of_score, of_parts)] == ["PLUGIN_DISABLED"] * 2
    assert other.data(ASK, **asked)["backtest"]["verdict"] == "PREDICTS"


def test_alarms_of_too_few_accounts_are_for_those_who_may_see_persons(acme, globex):
    """Of one account the alarm that it sets off names the band of its value, which may be withheld."""
    with tenant_scope(acme):
        account_with("one", {DAYS[0]: 10.0}, left_on=LEFT_ON)
    portfolio(globex)
    query = """query ($metric: ID!, $from: Date!, $to: Date!) {
        backtest(metric: $metric, from: $from, to: $to, horizonDays: 60) {
            verdict alarms { name flagged } leadTime { warned } } }"""
    asked = {"metric": SCORE, "from": str(FIRST), "to": str(LAST)}
    blind = KeyRequest(ApiKey.Kind.QUERY, permissions=frozenset({Permission.METRICS_READ}))
    found = {}
    for tenant in (acme, globex):
        for who, key in (
            ("all", create_key(tenant, ApiKey.Kind.QUERY)),
            ("few", make_key(tenant, blind).text),
        ):
            caller = Caller(tenant, key, f"{tenant.slug}.localhost")
            found[tenant.slug, who] = caller.data(query, **asked)["backtest"]
    assert found["acme", "all"]["alarms"] == [{"name": "RED", "flagged": 1}]
    assert found["acme", "few"] == {"verdict": "TOO_FEW", "alarms": [], "leadTime": None}
    assert found["globex", "few"] == found["globex", "all"]
    assert found["globex", "few"]["alarms"]


def test_a_metric_without_a_good_direction_predicts_nothing(acme):
    with tenant_scope(acme), pytest.raises(NoDirectionError, match="UP or DOWN"):
        backtest("ces.effort_score", Outcome.CHURN, **ASKED)


def test_graphql_and_commands_say_the_same(acme, globex, capsys):
    portfolio(acme)
    asked = {"metric": SCORE, "from": str(FIRST), "to": str(LAST)}
    reader = Caller(acme, create_key(acme, ApiKey.Kind.QUERY), "acme.localhost")
    found = reader.data(ASK, **asked)
    errors = reader.ask(ASK, **{**asked, "from": str(LAST)})["errors"]
    assert {one["extensions"]["code"] for one in errors} == {"BAD_USER_INPUT"}
    assert {
        one["extensions"]["code"] for one in reader.ask(ASK, **{**asked, "metric": "no.such"})["errors"]
    } == {"UNKNOWN_METRIC"}
    theirs = Caller(globex, create_key(globex, ApiKey.Kind.QUERY), "globex.localhost").data(ASK, **asked)
    assert (theirs["backtest"]["verdict"], theirs["backtest"]["cases"]) == ("TOO_FEW", 0)
    assert theirs["suggestWeights"]["parts"] == []
    options = {"tenant": "acme", "metric": SCORE, "horizon": 60, "first": FIRST, "last": LAST}
    call_command("backtest", **options, json=True)
    said = json.loads(capsys.readouterr().out)
    assert said["discrimination"]["auc"] == found["backtest"]["auc"]
    assert said["verdict"] == found["backtest"]["verdict"] == "PREDICTS"
    assert found["backtest"]["leadTime"] == {"medianDays": 30, "warned": 12}
    call_command("suggest_weights", **options, json=True)
    parts = json.loads(capsys.readouterr().out)["parts"]
    assert [(one["key"], one["suggested"]) for one in parts] == [
        (one["key"], one["suggested"]) for one in found["suggestWeights"]["parts"]
    ]
    call_command("backtest", **options)
    assert "predicts: the interval lies above 0.5" in capsys.readouterr().out
    call_command("suggest_weights", **options)
    assert "Nothing was applied" in capsys.readouterr().out
    with pytest.raises(CommandError, match="Remedy"):
        call_command("backtest", **{**options, "metric": "no.such"})
