"""Subscriptions, money, answers and touches over GraphQL: kept as tracking would keep them, in their own tenant alone."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from engage_server.access.models import ApiKey
from engage_server.activity.models import Event
from engage_server.api.types.business_writes import SubscriptionStatus
from engage_server.audit.models import KeptAnswer
from engage_server.customers.models import LedgerEntry, Subscription, SurveyResponse
from engage_server.customers.statuses import STATUSES
from engage_server.ingest.items import AccountItem, PersonItem, PersonKey
from engage_server.ingest.store import store_items
from engage_server.operations.conventions import set_survey_directions
from engage_server.operations.keys import create_key
from engage_server.plugin_host import activation
from engage_server.tenancy.scope import tenant_scope
from tests.api.conftest import Caller
from tests.metrics.values import store as store_value

SUBSCRIBE = """
    mutation ($input: RecordSubscriptionInput!) { recordSubscription(input: $input) {
        account { externalId } restated { from to days metrics } } }
"""
COST = (
    "mutation ($input: RecordCostInput!) { recordCost(input: $input) { externalId account { externalId } } }"
)
REVENUE = "mutation ($input: RecordRevenueInput!) { recordRevenue(input: $input) { externalId } }"
DEAL = "mutation ($input: RecordOpportunityInput!) { recordOpportunity(input: $input) { externalId } }"
ANSWER = "mutation ($input: RecordAnswerInput!) { recordAnswer(input: $input) { externalId replayed } }"
TOUCH = "mutation ($input: RecordTouchInput!) { recordTouch(input: $input) { externalId account { externalId } } }"
USD = {"amount": "100.50", "currency": "USD"}
KEPT = (Subscription, LedgerEntry, SurveyResponse, Event)


def admin(tenant) -> Caller:
    with tenant_scope(tenant):
        store_items([AccountItem("bluebird"), PersonItem(PersonKey(user_id="ada"))], source="test")
    return Caller(tenant, create_key(tenant, ApiKey.Kind.ADMIN), f"{tenant.slug}.localhost")


@pytest.fixture
def admins(acme, globex) -> list[Caller]:
    """Both tenants, with their starter plugins, know an account and a person of the same names."""
    return [admin(acme), admin(globex)]


def counts(caller: Caller) -> list[int]:
    with tenant_scope(caller.tenant):
        return [model.objects.count() for model in KEPT]


def test_a_subscription_changes_from_a_day_on_and_names_what_is_computed_again(admins):
    ours, theirs = admins
    yesterday = datetime.now(ours.tenant.zone).date() - timedelta(days=1)
    for one in admins:
        with tenant_scope(one.tenant):
            activation.enable("license_utilization")
            store_value("license_utilization.utilization", 50, day=yesterday)
    given = {"externalId": "s1", "account": "bluebird", "startsOn": "2026-01-01", "seats": 10, "price": USD}
    done = ours.data(SUBSCRIBE, input=given)["recordSubscription"]
    assert done["account"] == {"externalId": "bluebird"}
    day = yesterday.isoformat()
    assert (done["restated"]["from"], done["restated"]["to"], done["restated"]["days"]) == (day, day, 1)
    assert "license_utilization.utilization" in done["restated"]["metrics"]
    changes = {"seats": 20, "changedOn": "2026-06-01", "status": "PAST_DUE", "cancelReason": "price"}
    ours.data(SUBSCRIBE, input=given | changes)
    with tenant_scope(ours.tenant):
        first, second = Subscription.objects.order_by("valid_from")[:2]
    first, second = sorted((first, second), key=lambda one: one.seats)
    assert (first.seats, second.seats, second.status, second.cancel_reason) == (10, 20, "past_due", "price")
    assert (second.valid_from, second.amount, second.currency) == (date(2026, 6, 1), Decimal("100.5"), "USD")
    assert counts(theirs) == [0, 0, 0, 0]


def test_every_status_of_a_subscription_has_its_word():
    assert [status.value for status in SubscriptionStatus] == [*STATUSES]
    assert all(status.name == status.value.upper() for status in SubscriptionStatus)


def test_money_is_kept_by_its_kind_and_day(admins):
    ours, theirs = admins
    given = {"on": "2026-06-01", "money": USD, "account": "bluebird", "category": "support"}
    cost = ours.data(COST, input=given | {"keepsCustomers": False})["recordCost"]
    ours.data(REVENUE, input={"on": "2026-06-02", "money": USD, "externalId": "r1"})
    deal = {"externalId": "d1", "account": "bluebird", "stage": "won", "on": "2026-06-03", "money": USD}
    ours.data(DEAL, input=deal | {"closesOn": "2026-06-30"})
    with tenant_scope(ours.tenant):
        rows = list(LedgerEntry.objects.order_by("occurred_on").values_list("kind", "external_id", "stage"))
        kept = LedgerEntry.objects.get(kind="COST")
    assert rows == [("COST", cost["externalId"], ""), ("REVENUE", "r1", ""), ("OPPORTUNITY", "d1", "won")]
    assert (kept.amount, kept.category, kept.included_in_crc) == (Decimal("100.5"), "support", False)
    # What is told last of an entry stands.
    ours.data(REVENUE, input={"on": "2026-06-05", "money": USD | {"amount": "7"}, "externalId": "r1"})
    with tenant_scope(ours.tenant):
        assert LedgerEntry.objects.get(external_id="r1").amount == 7
    assert counts(theirs) == [0, 0, 0, 0]


def test_an_answer_takes_its_direction_from_itself_the_tenant_or_the_survey(admins):
    ours, theirs = admins
    given = {"instrument": "effort", "scaleMin": "1", "scaleMax": "7", "score": "3"}
    (error,) = ours.ask(ANSWER, input=given)["errors"]
    assert (error["extensions"]["field"], "updateConventions" in error["message"]) == ("direction", True)
    set_survey_directions(ours.tenant.slug, {"effort": "DOWN"})
    told = {"person": "ada", "account": "bluebird", "text": "hm", "tags": ["UI"], "externalId": "a1"}
    assert ours.data(ANSWER, input=given | told)["recordAnswer"]["externalId"] == "a1"
    ours.data(ANSWER, input=given | {"instrument": "nps", "scaleMin": "0", "scaleMax": "10"})
    with tenant_scope(ours.tenant):
        kept = SurveyResponse.objects.select_related("person", "account").get(external_id="a1")
        assert SurveyResponse.objects.get(instrument="nps").direction == "UP"
    assert (kept.direction, kept.score, kept.tags, kept.person.external_id) == ("DOWN", 3, ["ui"], "ada")
    assert ours.code(ANSWER, input=given | told) == "CONFLICT"
    assert theirs.code(ANSWER, input=given) == "BAD_USER_INPUT"
    assert counts(theirs) == [0, 0, 0, 0]


def test_a_repeated_answer_under_a_key_is_kept_once(admins):
    ours, _ = admins
    given = {"instrument": "nps", "scaleMin": "0", "scaleMax": "10", "score": "9", "idempotencyKey": "k"}
    first, again = (ours.data(ANSWER, input=given)["recordAnswer"] for _ in range(2))
    assert (first["replayed"], again["replayed"]) == (False, True)
    assert first["externalId"] == again["externalId"]
    assert counts(ours)[2] == 1


def test_a_touch_is_an_event_of_its_channel(admins):
    ours, theirs = admins
    at = datetime(2026, 6, 1, 12, tzinfo=UTC)
    given = {"account": "bluebird", "event": "Call Held", "person": "ada", "occurredAt": at.isoformat()}
    done = ours.data(TOUCH, input=given | {"externalId": "t1", "properties": {"minutes": 20}})["recordTouch"]
    assert done == {"externalId": "t1", "account": {"externalId": "bluebird"}}
    with tenant_scope(ours.tenant):
        event = Event.objects.select_related("name", "account", "person").get(message_id="t1")
    assert (event.name.name, event.occurred_at, event.properties) == ("Call Held", at, {"minutes": 20})
    assert (event.account.external_id, event.person.external_id) == ("bluebird", "ada")
    assert ours.code(TOUCH, input=given | {"externalId": "t1", "event": "Other"}) == "CONFLICT"
    assert counts(theirs) == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("document", "told", "field"),
    [
        (SUBSCRIBE, {"externalId": "s", "account": "nobody", "startsOn": "2026-01-01"}, "account"),
        (
            SUBSCRIBE,
            {"externalId": "s", "account": "bluebird", "startsOn": "2026-01-02", "endsOn": "2026-01-01"},
            "endsOn",
        ),
        (SUBSCRIBE, {"externalId": "s", "account": "bluebird", "startsOn": "1066-10-14"}, "startsOn"),
        (
            SUBSCRIBE,
            {"externalId": "s", "account": "bluebird", "startsOn": "2026-01-01", "seats": -1},
            "seats",
        ),
        (
            SUBSCRIBE,
            {
                "externalId": "s",
                "account": "bluebird",
                "startsOn": "2026-01-01",
                "price": USD | {"amount": "-1"},
            },
            "amount",
        ),
        (COST, {"on": "2026-01-01", "money": {"amount": "1.23456", "currency": "USD"}}, "amount"),
        (COST, {"on": "2026-01-01", "money": {"amount": "1", "currency": "dollars"}}, "currency"),
        (COST, {"on": "2026-01-01", "money": USD, "account": "nobody"}, "account"),
        (
            DEAL,
            {"externalId": "d", "account": "bluebird", "stage": "", "on": "2026-01-01", "money": USD},
            "stage",
        ),
        (ANSWER, {"instrument": "nps", "scaleMin": "0", "scaleMax": "10", "score": "11"}, "score"),
        (ANSWER, {"instrument": "nps", "scaleMin": "10", "scaleMax": "0"}, "scaleMax"),
        (ANSWER, {"instrument": "", "scaleMin": "0", "scaleMax": "10"}, "instrument"),
        (ANSWER, {"instrument": "nps", "scaleMin": "0", "scaleMax": "10", "tags": ["x" * 61]}, "tags"),
        (
            TOUCH,
            {"account": "bluebird", "event": "called", "occurredAt": "2999-01-01T00:00:00Z"},
            "occurredAt",
        ),
        (TOUCH, {"account": "bluebird", "event": ""}, "event"),
    ],
)
def test_what_cannot_be_kept_is_refused_by_field_and_nothing_is_stored(acme, document, told, field):
    ours = admin(acme)
    (error,) = ours.ask(document, input=told)["errors"]
    assert error["extensions"]["code"] in ("BAD_USER_INPUT", "NOT_FOUND")
    assert error["extensions"]["field"] == field
    assert "Remedy" in error["message"]
    assert counts(ours) == [0, 0, 0, 0]


def test_who_withdrew_consent_is_not_recorded(admins):
    ours, _ = admins
    with tenant_scope(ours.tenant):
        store_items([PersonItem(PersonKey(user_id="ada"), consents=False)], source="test")
    given = {"instrument": "nps", "scaleMin": "0", "scaleMax": "10", "score": "9", "person": "ada"}
    assert ours.code(ANSWER, input=given) == "BAD_USER_INPUT"
    assert counts(ours) == [0, 0, 0, 0]


def test_a_clients_id_is_not_kept_with_an_idempotency_key_and_comes_again_with_the_repetition(admins):
    ours, theirs = admins
    of_channel = {"account": "bluebird", "event": "Call held"}
    score = {"instrument": "nps", "scaleMin": "0", "scaleMax": "10", "score": "9"}
    writes = (
        (COST, {"on": "2026-03-01", "money": USD, "account": "bluebird"}),
        (ANSWER, score),
        (TOUCH, of_channel),
    )
    for caller in (ours, theirs):
        for place, (mutation, told) in enumerate(writes):
            for external_id in ("jane.doe@example.com", None):
                given = {**told, "externalId": external_id, "idempotencyKey": f"{place} {external_id}"}
                (first,), (again,) = (caller.data(mutation, input=given).values() for _ in range(2))
                assert again["externalId"] == first["externalId"]
                assert first["externalId"].startswith(external_id or "api:")
        with tenant_scope(caller.tenant):
            kept = [str(row) for row in KeptAnswer.objects.values_list("answer", flat=True)]
        assert len(kept) == 6
        assert not any("jane" in one for one in kept)
