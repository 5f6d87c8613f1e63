from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from engage_server.activity.models import Event, EventName, Feature, Source
from engage_server.customers.models import Account, Membership, Person, Subscription, SurveyResponse
from engage_server.ingest.items import (
    AccountItem,
    AliasItem,
    EventItem,
    MembershipItem,
    PersonItem,
    PersonKey,
    ResponseItem,
    SubscriptionItem,
)
from engage_server.ingest.outcomes import CONFLICT, DUPLICATE, STORED
from engage_server.ingest.store import store_items
from engage_server.tenancy.exceptions import NoTenantError
from engage_server.tenancy.scope import TenantRef, tenant_scope

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ADA = PersonKey(user_id="ada")


def event(message_id: str = "m1", **changes: object) -> EventItem:
    values = {
        "message_id": message_id,
        "name": "Report Exported",
        "person": ADA,
        "occurred_at": NOON,
        "received_at": NOON,
    }
    return EventItem(**(values | changes))


def everything() -> list:
    return [
        AccountItem("acct", name="Acct", plan="pro", parent="holding", traits={"size": 3}),
        PersonItem(
            PersonKey(user_id="ada", anonymous_id="device"), traits={"email": "a@x.test"}, occurred_at=NOON
        ),
        MembershipItem(ADA, "acct", NOON),
        event(account="acct", properties='{"rows": 3}'),
        event("m2", name="Page Viewed", passive=True),
        SubscriptionItem("sub", "acct", NOON.date(), seats=5, amount=Decimal("10.50")),
        ResponseItem(
            "r1", "nps", Decimal(0), Decimal(10), NOON, score=Decimal(9), person=ADA, account="acct"
        ),
    ]


def test_a_batch_of_every_kind_is_stored(acme: TenantRef) -> None:
    with tenant_scope(acme):
        assert list(store_items(everything(), source="web")) == [STORED] * 7
        account = Account.objects.get(external_id="acct")
        assert (account.name, account.plan, account.traits) == ("Acct", "pro", {"size": 3})
        assert account.parent == Account.objects.get(external_id="holding")
        ada = Person.objects.get(external_id="ada")
        assert ada.traits == {"email": "a@x.test"}
        stored = Event.objects.get(message_id="m1")
        assert (stored.person, stored.account, stored.properties) == (ada, account, {"rows": 3})
        assert (stored.occurred_at, stored.source.name, stored.name.name) == (NOON, "web", "Report Exported")
        assert Membership.objects.get().starts_at == NOON
        assert Subscription.objects.get().amount == Decimal("10.5")
        assert SurveyResponse.objects.get().score == 9


def test_a_batch_stored_twice_changes_nothing(acme: TenantRef) -> None:
    with tenant_scope(acme):
        store_items(everything(), source="web")
        before = [
            list(model.objects.values()) for model in (Account, Person, Membership, Event, SurveyResponse)
        ]
        again = store_items(everything(), source="web")
        after = [
            list(model.objects.values()) for model in (Account, Person, Membership, Event, SurveyResponse)
        ]
    assert after == before
    assert Counter(again) == {STORED: 4, DUPLICATE: 3}


def test_the_same_ids_in_two_tenants_are_both_kept(acme: TenantRef, globex: TenantRef) -> None:
    with tenant_scope(acme):
        store_items(everything(), source="web")
    with tenant_scope(globex):
        assert Event.objects.count() == Account.objects.count() == Person.objects.count() == 0
        assert DUPLICATE not in store_items(everything(), source="web")
        store_items([event("only-globex"), AccountItem("acct", name="Other")], source="web")
    with tenant_scope(acme):
        assert Event.objects.count() == 2
        assert Account.objects.get(external_id="acct").name == "Acct"


def test_nothing_is_stored_without_a_tenant(db: None) -> None:
    with pytest.raises(NoTenantError):
        store_items([event()], source="web")


def test_one_bad_item_leaves_nothing_behind(acme: TenantRef) -> None:
    bad = SubscriptionItem("sub", "acct", NOON.date(), seats=-1)
    with tenant_scope(acme):
        with pytest.raises(IntegrityError):
            store_items([event(), bad], source="web")
        assert Event.objects.count() == Person.objects.count() == Source.objects.count() == 0


def test_another_payload_under_a_stored_id_is_a_conflict_and_the_first_wins(acme: TenantRef) -> None:
    with tenant_scope(acme):
        store_items([event(properties='{"a":1}')], source="web")
        result = store_items(
            [event("new"), event(properties='{"a":2}'), event(properties='{"a":1}')], source="web"
        )
        assert Event.objects.get(message_id="m1").properties == {"a": 1}
    # What is stored counts, whatever the batch said of the id further ahead.
    assert result == [STORED, CONFLICT, DUPLICATE]


def test_another_payload_under_an_id_of_the_same_batch_is_a_conflict(acme: TenantRef) -> None:
    with tenant_scope(acme):
        result = store_items([event(), event(), event(properties='{"a":2}')], source="web")
    assert result == [STORED, DUPLICATE, CONFLICT]


def test_message_ids_are_unique_within_a_source_only(acme: TenantRef) -> None:
    with tenant_scope(acme):
        store_items([event()], source="web")
        assert list(store_items([event()], source="mobile")) == [STORED]


def test_a_batch_partly_stored_before_is_completed(acme: TenantRef) -> None:
    with tenant_scope(acme):
        store_items([event(f"m{number}") for number in range(0, 50, 2)], source="web")
        result = store_items([event(f"m{number}") for number in range(50)], source="web")
        assert Event.objects.count() == 50
    assert result == [DUPLICATE, STORED] * 25


@pytest.mark.parametrize(
    "text",
    ["back\\slash", "tab\there", "line\nbreak", "carriage\rreturn", "\\N", "\\.", "ключ", "💡", 'quo"te'],
)
def test_any_text_survives_the_copy_format(acme: TenantRef, text: str) -> None:
    with tenant_scope(acme):
        store_items([event(text, name=text, person=PersonKey(user_id=text), account=text)], source="web")
        stored = Event.objects.get()
        assert (stored.message_id, stored.name.name) == (text, text)
        assert (stored.person.external_id, stored.account.external_id) == (text, text)


def test_json_escapes_survive_the_copy_format(acme: TenantRef) -> None:
    with tenant_scope(acme):
        store_items([event(properties='{"a": "x\\n\\"y\\"\\\\z",\n\t"b": 1}')], source="web")
        assert Event.objects.get().properties == {"a": 'x\n"y"\\z', "b": 1}


def test_a_new_name_of_value_gets_a_feature_and_a_passive_one_none(acme: TenantRef) -> None:
    items = [
        event("1"),
        event("2", name="Page Viewed", passive=True),
        event("3", name="Csv", feature="Export"),
    ]
    with tenant_scope(acme):
        store_items(items, source="web")
        names = {name.name: name for name in EventName.objects.select_related("feature")}
        assert names["Report Exported"].feature.name == "Report Exported"
        assert names["Csv"].feature.name == "Export"
        assert (names["Page Viewed"].feature, names["Page Viewed"].event_class) == (None, "PASSIVE")
        store_items([event("4", feature="Export"), event("5", name="Csv", passive=True)], source="web")
        assert EventName.objects.get(name="Report Exported").feature.name == "Report Exported"
        assert EventName.objects.get(name="Csv").event_class == "VALUE"
        assert Feature.objects.count() == 2


def test_the_number_of_statements_does_not_grow_with_the_batch(acme: TenantRef) -> None:
    def batch(size: int, mark: str) -> list:
        return [
            item
            for number in range(size)
            for item in (
                event(
                    f"{mark}{number}",
                    person=PersonKey(f"{mark}u{number}", f"{mark}a{number}"),
                    account=f"{mark}c{number}",
                ),
                AccountItem(f"{mark}c{number}", name="x", parent=f"{mark}p"),
                PersonItem(PersonKey(f"{mark}u{number}"), {"k": number}),
                MembershipItem(PersonKey(f"{mark}u{number}"), f"{mark}c{number}", NOON),
                AliasItem(f"{mark}old{number}", f"{mark}u{number}"),
            )
        ]

    with tenant_scope(acme):
        with CaptureQueriesContext(
            connection,
        ) as few:
            store_items(batch(1, "a"), source="web")
        with CaptureQueriesContext(connection) as many:
            store_items(batch(60, "b"), source="web")
    assert len(many) <= len(few)


def test_a_repeated_group_call_opens_no_second_membership_whatever_the_order(acme: TenantRef) -> None:
    calls = [MembershipItem(ADA, "acct", NOON + timedelta(days=day)) for day in (3, 0, 5)]
    with tenant_scope(acme):
        for call in calls:
            store_items([call], source="web")
        membership = Membership.objects.get()
    assert (membership.starts_at, membership.ends_at) == (NOON, None)


def test_a_dated_membership_is_kept_as_given_and_can_be_closed(acme: TenantRef) -> None:
    end = NOON + timedelta(days=30)
    with tenant_scope(acme):
        store_items([MembershipItem(ADA, "acct", NOON)], source="web")
        store_items([MembershipItem(ADA, "acct", NOON, end)], source="file")
        store_items([MembershipItem(ADA, "acct", end)], source="web")
        assert list(Membership.objects.order_by("starts_at").values_list("starts_at", "ends_at")) == [
            (NOON, end),
            (end, None),
        ]


def test_traits_are_added_and_none_leaves_fields_alone(acme: TenantRef) -> None:
    with tenant_scope(acme):
        store_items([AccountItem("acct", name="Acct", plan="pro", traits={"a": 1, "b": 1})], source="web")
        store_items(
            [AccountItem("acct", plan="team", traits={"b": 2}), PersonItem(ADA, {"x": 1})], source="web"
        )
        store_items([PersonItem(ADA, {"y": 2}, is_excluded=True), PersonItem(ADA, {"z": 3})], source="web")
        account, person = Account.objects.get(), Person.objects.get()
    assert (account.name, account.plan, account.traits) == ("Acct", "team", {"a": 1, "b": 2})
    assert (person.traits, person.is_excluded) == ({"x": 1, "y": 2, "z": 3}, True)


def test_a_parent_that_would_close_a_circle_is_refused_and_the_rest_is_kept(acme: TenantRef) -> None:
    with tenant_scope(acme):
        store_items([AccountItem("b", parent="a"), AccountItem("c", parent="b")], source="web")
        result = store_items(
            [AccountItem("a", parent="c", name="A"), AccountItem("d", parent="d")], source="web"
        )
        assert Account.objects.get(external_id="a").parent is None
        assert Account.objects.get(external_id="a").name == "A"
    assert [one.code for one in result] == ["circular_parent", "circular_parent"]


def test_a_subscription_keeps_its_former_terms_beside_its_latest_word(acme: TenantRef) -> None:
    with tenant_scope(acme):
        store_items([SubscriptionItem("sub", "acct", NOON.date(), seats=5)], source="web")
        store_items([SubscriptionItem("sub", "acct", NOON.date(), seats=None, plan="big")], source="web")
        subscriptions = Subscription.objects.order_by("id")
        assert [(one.seats, one.plan) for one in subscriptions] == [(5, ""), (None, "big")]


def test_an_event_of_nobody_is_stored(acme: TenantRef) -> None:
    with tenant_scope(acme):
        store_items([event(person=PersonKey())], source="file")
        assert Event.objects.get().person_id is None
