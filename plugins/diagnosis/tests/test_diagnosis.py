"""Rules hold where all their conditions do, and are judged where all their values are there."""

from typing import Any

import pytest
from engage_diagnosis.card import tenant
from engage_diagnosis.config import RULES, Condition, DiagnosisConfig, Rule
from engage_diagnosis.plugin import judge, plugin
from pydantic import ValidationError

from engage_server.sdk import MetricValues, Subject
from engage_server.sdk.testing import Level, check, request_for

TENANT_RULES = DiagnosisConfig().of("tenant")


def told(values: dict[str, float]) -> set[str]:
    return set(judge(TENANT_RULES, values).details.rules)


@pytest.mark.parametrize(
    ("values", "rules"),
    [
        ({"churn.logo": 8, "stickiness.ratio": 40}, {"price_or_one_time_need"}),
        ({"churn.logo": 8, "stickiness.ratio": 4}, {"value_not_reached"}),
        ({"churn.logo": 8, "stickiness.ratio": 15}, set()),
        ({"churn.logo": 5, "stickiness.ratio": 40}, set()),  # the mark itself is not above
        ({"churn.logo": 8}, set()),
    ],
)
def test_much_churn_has_another_cause_with_much_use_than_with_little(
    values: dict[str, float], rules: set[str]
) -> None:
    assert told(values) == rules


@pytest.mark.parametrize(
    ("metric", "value", "rule"),
    [
        ("time_spent.session_duration", 20, "short_sessions"),
        ("retention.month", 12, "early_drop_off"),
        ("time_spent.bounce_rate", 80, "bounce"),
        ("active_users.volatility", 55, "fluctuation"),
    ],
)
def test_short_sessions_early_drop_off_bounce_and_fluctuation_each_hint_at_a_cause(
    metric: str, value: float, rule: str
) -> None:
    answer = judge(TENANT_RULES, {metric: value})
    (hint,) = answer.details.hints
    assert (hint.rule, answer.value, answer.n) == (rule, 1, 1)
    assert f"{value:g}" in hint.evidence
    assert "churn.logo" not in hint.evidence
    assert set(answer.details.unknown) == {one.id for one in TENANT_RULES} - {rule}


def test_every_cause_is_said_in_both_languages() -> None:
    assert all(rule.cause and any("가" <= sign <= "힣" for sign in rule.cause_ko) for rule in RULES)


def value(
    subject: int, number: float | None, *, n: int = 100, status: str = "OK", kind: str = "feature"
) -> dict[str, Any]:
    return {
        "metric": "adoption.feature_adoption", "subject_kind": kind, "subject": subject, "value": number,
        "status": status, "n": n,
    }  # fmt: skip


def test_a_feature_that_few_use_may_be_hidden_in_a_sub_menu() -> None:
    rows = {
        "feature": [
            value(1, 4.0), value(2, 60.0), value(3, 4.0, n=19), value(4, 4.0, status="PARTIAL"), value(5, None),
        ]
    }  # fmt: skip
    found = {one.subject: one for one in plugin.engage_compute(request_for(plugin.engage_manifest(), rows))}
    assert (found[Subject("feature", 1)].value, found[Subject("feature", 2)].value) == (1, 0)
    assert "sub-menu" in found[Subject("feature", 1)].details.hints[0].cause
    assert not {Subject("feature", number) for number in (3, 4, 5)} & {
        subject for subject, one in found.items() if one.value is not None
    }


def tenants_rules(today: dict[str, Any], before: list[dict[str, Any]]) -> set[str]:
    rows = {"tenant": [today, tenant("stickiness.ratio", 31.0, 500)], "tenant_before": before}
    found = plugin.engage_compute(request_for(plugin.engage_manifest(), rows))
    return {rule for one in found if one.value is not None for rule in one.details.rules}


def test_the_churn_of_a_month_that_is_not_over_gives_way_to_last_months() -> None:
    last_month = [
        tenant("churn.logo", 9.0, 100, day="2026-05-31"),
        tenant("churn.logo", 6.5, 100, status="PARTIAL", day="2026-06-12"),
    ]
    running = tenant("churn.logo", 0.5, 100, status="PARTIAL")
    assert tenants_rules(running, last_month) == {"price_or_one_time_need"}
    assert tenants_rules(running | {"value": 9.0}, last_month[1:]) == set()  # no whole month is known
    assert tenants_rules(running | {"status": "OK"}, last_month) == set()  # the month is over
    assert tenants_rules(running | {"status": "NO_DATA", "value": None}, last_month) == set()


def test_the_last_whole_month_lies_within_the_days_that_are_read() -> None:
    spec = plugin.engage_manifest().inputs_for(DiagnosisConfig())["tenant_before"]
    assert isinstance(spec, MetricValues)
    assert "churn.logo" in spec.metrics
    assert spec.days == 31


def test_rules_of_ones_own_are_about_accounts_as_well() -> None:
    config = DiagnosisConfig(
        rules=(
            Rule(
                id="sleeping",
                subject="account",
                conditions=(Condition(metric="health_score.score", below=30),),
                cause="Call them.",
            ),
        )
    )
    manifest = plugin.engage_manifest()
    specs = [spec for spec in manifest.inputs_for(config).values() if isinstance(spec, MetricValues)]
    assert {(spec.subject_kind, spec.metrics) for spec in specs} == {("account", ("health_score.score",))}
    rows = {"account": [value(7, 12.0, kind="account") | {"metric": "health_score.score"}]}
    found = {one.subject: one for one in plugin.engage_compute(request_for(manifest, rows, config=config))}
    assert found[Subject("account", 7)].details.rules == ("sleeping",)


@pytest.mark.parametrize(
    "wrong",
    [
        {"rules": (RULES[0], RULES[0])},
        {"rules": ({"id": "a", "conditions": [{"metric": "diagnosis.hints", "above": 1}], "cause": "x"},)},
        {"rules": ({"id": "a", "conditions": [{"metric": "nps.score"}], "cause": "x"},)},
        {
            "rules": (
                {"id": "a", "conditions": [{"metric": "nps.score", "above": 1, "below": 2}], "cause": "x"},
            )
        },
    ],
)
def test_a_rule_that_cannot_be_judged_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="Remedy"):
        DiagnosisConfig(**wrong)


def test_is_gold() -> None:
    report = check(plugin)
    assert report.level >= Level.GOLD, report.findings
