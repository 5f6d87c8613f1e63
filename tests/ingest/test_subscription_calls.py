"""Subscriptions and stages of accounts as servers track them."""

from datetime import date
from decimal import Decimal

import pytest

from engage_server.activity.models import Event, EventName
from engage_server.activity.sources import describe_source
from engage_server.customers.models import Account, Subscription
from engage_server.tenancy.scope import TenantRef, tenant_scope

SOLD = {"id": "s1", "seats": 10, "plan": "pro", "amount": 99.5, "currency": "eur", "starts_at": "2026-01-01"}


def updated(message: str = "m", **properties: object) -> dict[str, object]:
    kept = {key: value for key, value in (SOLD | properties).items() if value is not ...}
    context = {"groupId": "acc"}
    return {
        "type": "track",
        "event": "Subscription Updated",
        "messageId": message,
        "properties": kept,
        "context": context,
    }


def test_a_tracked_subscription_is_stored_and_its_event_is_passive(acme: TenantRef, globex: TenantRef, post):
    # In Berlin the new year has begun.
    call = updated(ends_at="2026-12-31T23:30:00Z", status="active", interval_months=12)
    assert post({"batch": [call]}).json()["rejected"] == []
    with tenant_scope(acme):
        sold = Subscription.objects.get()
        assert (sold.external_id, sold.account.external_id, sold.seats, sold.plan) == ("s1", "acc", 10, "pro")
        assert (sold.amount, sold.currency, sold.interval_months) == (Decimal("99.5"), "EUR", 12)
        assert (sold.starts_on, sold.ends_on, sold.status) == (date(2026, 1, 1), date(2027, 1, 1), "active")
        assert Event.objects.get().person is None
        assert EventName.objects.get().event_class == "PASSIVE"
    with tenant_scope(globex):
        assert not Subscription.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"id": ...}, "id"),
        ({"seats": ...}, "seats"),
        ({"seats": "many"}, "seats"),
        ({"seats": -1}, "seats"),
        ({"seats": 2.5}, "seats"),
        ({"seats": True}, "seats"),
        ({"amount": "free"}, "amount"),
        ({"amount": "NaN"}, "amount"),
        ({"amount": 1e300}, "amount"),
        ({"currency": "euro"}, "currency"),
        ({"interval_months": 0}, "interval_months"),
        ({"is_trial": "yes"}, "is_trial"),
        ({"status": ["active"]}, "status"),
        ({"starts_at": ...}, "starts_at"),
        ({"starts_at": "soon"}, "starts_at"),
        ({"ends_at": "2026-02-30"}, "ends_at"),
        ({"ends_at": "2025-12-31"}, "ends_at"),
    ],
    ids=str,
)
def test_a_wrong_property_of_a_subscription_is_named_and_nothing_is_guessed(
    acme: TenantRef, post, wrong, named
):
    (reject,) = post({"batch": [updated(**wrong)]}).json()["rejected"]
    assert (reject["code"], repr(named) in reject["message"]) == ("invalid_property", True)
    with tenant_scope(acme):
        assert not Subscription.objects.exists()


def test_seats_are_unlimited_where_the_call_says_null(acme: TenantRef, post):
    assert post({"batch": [updated(seats=None)]}).json()["rejected"] == []
    with tenant_scope(acme):
        assert Subscription.objects.get().seats is None


def test_a_subscription_without_account_or_from_a_client_is_refused(acme: TenantRef, post):
    without = updated() | {"context": {}, "userId": "ada"}
    assert post({"batch": [without]}).json()["rejected"][0]["code"] == "missing_group"
    with tenant_scope(acme):
        describe_source("web", side="CLIENT")
    assert post({"batch": [updated()]}).json()["rejected"][0]["code"] == "server_side_only"
    with tenant_scope(acme):
        assert not Subscription.objects.exists()


def test_a_group_call_sets_a_known_stage_and_notes_another(acme: TenantRef, post):
    group = {"type": "group", "userId": "ada", "groupId": "acc"}
    assert "notes" not in post({"batch": [group | {"traits": {"stage": "Churned"}}]}).json()
    (note,) = post({"batch": [group | {"traits": {"stage": "Series A", "plan": "pro"}}]}).json()["notes"]
    assert note["code"] == "invalid_trait"
    with tenant_scope(acme):
        account = Account.objects.get()
        assert (account.stage, account.plan, account.traits["stage"]) == ("CHURNED", "pro", "Series A")


def test_a_survey_answer_whose_direction_nobody_says_is_refused(acme: TenantRef, post):
    scale = {"instrument": "ces", "scale_min": 1, "scale_max": 7, "score": 6}
    call = {"type": "track", "event": "Survey Answered", "userId": "ada", "properties": scale}
    (reject,) = post({"batch": [call]}).json()["rejected"]
    assert reject["code"] == "missing_direction"
