"""Single events come with the properties that are declared, and touches by the channels of their events."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import msgspec

from engage_server.activity.models import Source
from engage_server.activity.rollups.freshness import current_rollups
from engage_server.customers.input_resolvers import RESOLVERS
from engage_server.customers.models import Account
from engage_server.customers.windows import day_window
from engage_server.ingest.items import AccountItem, EventItem, MembershipItem, PersonItem, PersonKey
from engage_server.ingest.store import store_items
from engage_server.sdk import Events, InputSpec, Touches
from engage_server.tenancy.scope import TenantRef, tenant_scope

DAY = date(2026, 3, 10)
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def event(
    id: str, name: str, user: str, *, at: datetime = NOON, account: str | None = None, **properties
) -> EventItem:
    encoded = msgspec.json.encode(properties).decode()
    return EventItem(id, name, PersonKey(user_id=user), at, at, account=account, properties=encoded)


def answer(tenant: TenantRef, spec: InputSpec, on: date = DAY):
    with tenant_scope(tenant), current_rollups():
        return RESOLVERS[type(spec)](spec, day_window(on, tenant.timezone))


def test_declared_properties_are_read_by_their_kind_and_others_are_null(acme, globex):
    items = [
        event("1", "Paid", "ada", price=12.5, seats=3, paid=True, plan="pro"),
        event("2", "Paid", "ada", price="7.25", seats=2.5, paid="yes", plan={"a": 1}),
        event("3", "Paid", "ada", price="1e400", seats="4"),
        event("4", "Opened", "ada", price=1),
        event("5", "Paid", "bot", price=1),
        event("6", "Paid", "ada", at=NOON - timedelta(days=3), price=2),
    ]
    with tenant_scope(acme):
        store_items([PersonItem(PersonKey("bot"), is_excluded=True), *items], source="web")
        Source.objects.create(name="try", environment="TEST")
        store_items([event("7", "Paid", "ada", price=99)], source="try")
    spec = Events(
        events=("Paid",), days=3,
        properties=(("price", "decimal"), ("seats", "int"), ("paid", "bool"), ("plan", "str"), ("price", "float"))[:4],
    )  # fmt: skip
    frame = answer(acme, spec)
    assert frame.schema == spec.columns
    told = sorted(
        frame.select("properties.price", "properties.seats", "properties.paid", "properties.plan").rows(),
        key=str,
    )
    assert told == sorted(
        [(Decimal("12.5"), 3, True, "pro"), (Decimal("7.25"), None, None, None), (None, 4, None, None)],
        key=str,
    )
    assert answer(globex, spec).is_empty()
    assert answer(acme, Events(events=("Paid",), days=4)).height == 4
    assert answer(acme, Events(events=("Paid",), period="month")).height == 4


def test_the_account_of_an_event_is_its_own_or_that_of_the_membership(acme):
    with tenant_scope(acme):
        store_items(
            [
                MembershipItem(PersonKey("ada"), "old", NOON - timedelta(days=9), NOON - timedelta(hours=1)),
                MembershipItem(PersonKey("ada"), "new", NOON - timedelta(hours=1)),
                event("1", "Paid", "ada", at=NOON - timedelta(hours=2)),
                event("2", "Paid", "ada"),
                event("3", "Paid", "ada", at=NOON + timedelta(hours=1), account="named"),
                event("4", "Paid", "bob"),
            ],
            source="web",
        )
        names = dict(Account.objects.values_list("pk", "external_id"))
    rows = answer(acme, Events(events=("Paid",), days=1)).sort("at").rows()
    assert sorted(str(names.get(row[1])) for row in rows) == ["None", "named", "new", "old"]


def test_touches_are_counted_by_the_channels_of_their_events(acme, globex):
    for tenant in (acme, globex):
        with tenant_scope(tenant):
            store_items([AccountItem("a"), event("1", "Mailed", "ada", account="a")], source="web")
    with tenant_scope(acme):
        more = [
            event("2", "Mailed", "ada", account="a"),
            event("3", "Called", "ada"),
            event("4", "Seen", "ada"),
        ]
        store_items(more, source="web")
    spec = Touches(channels=(("mail", ("Mailed",)), ("any", ("Mailed", "Called"))), days=1)
    counts = sorted((row[3], row[2] is None, row[4]) for row in answer(acme, spec).rows())
    assert counts == [("any", False, 2), ("any", True, 1), ("mail", False, 2)]
    assert sorted(row[4] for row in answer(globex, spec).rows()) == [1, 1]
