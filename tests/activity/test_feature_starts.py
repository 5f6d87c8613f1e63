"""When features came into use: by new persons, and around releases; of one tenant and of slices."""

from datetime import UTC, date, datetime, timedelta

from engage_server.activity.models import EventName, Feature
from engage_server.activity.rollups.freshness import current_rollups
from engage_server.customers.input_resolvers import RESOLVERS
from engage_server.customers.models import Account
from engage_server.customers.slicers import answer_slices
from engage_server.customers.slices import Slice
from engage_server.customers.windows import day_window
from engage_server.ingest.items import EventItem, PersonKey
from engage_server.ingest.store import store_items
from engage_server.sdk import FirstUses, InputSpec, ReleaseReach
from engage_server.tenancy.scope import TenantRef, tenant_scope

DAY = date(2026, 3, 31)
NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)


def store(tenant: TenantRef, *done: tuple[str, str, int], released: int | None = None) -> None:
    """Who did what so many days ago; the event "exported" is a feature's, released so many days ago."""
    items = [
        EventItem(f"{user} {name} {ago}", name, PersonKey(user), at, at, account=f"of {user}")
        for user, name, ago in done
        for at in [NOON - timedelta(days=ago)]
    ]
    with tenant_scope(tenant):
        store_items(items, source="web")
        on = None if released is None else DAY - timedelta(days=released)
        feature = Feature.objects.create(name="export", released_on=on)
        EventName.objects.update(feature=None)
        EventName.objects.filter(name="exported").update(feature=feature)


def answer(tenant: TenantRef, spec: InputSpec, day: date = DAY) -> list[tuple]:
    with tenant_scope(tenant), current_rollups():
        frame = RESOLVERS[type(spec)](spec, day_window(day, tenant.timezone))
    assert frame.schema == spec.columns
    return sorted(frame.drop("feature").rows())


PEOPLE = (
    ("old", "seen", 200), ("old", "exported", 10),
    ("ada", "seen", 20), ("ada", "exported", 17), ("ada", "exported", 3),
    ("bob", "seen", 20), ("bob", "exported", 20),
    ("cay", "seen", 5),
)  # fmt: skip


def test_new_persons_wait_from_their_first_event_or_the_release(acme, globex):
    store(acme, *PEOPLE, released=100)
    store(globex, ("eve", "exported", 1), released=18)
    assert answer(acme, FirstUses(days=30)) == [
        ("export", 0, True, 1),
        ("export", 3, True, 1),
        ("export", 5, False, 1),
    ]
    assert answer(globex, FirstUses(days=30)) == [("export", 0, True, 1)]


def test_what_was_used_before_its_release_counts_as_on_its_day(acme):
    store(acme, *PEOPLE, released=18)
    # ada waits for a day from the release on; bob was there before it.
    assert answer(acme, FirstUses(days=30)) == [
        ("export", 0, True, 1),
        ("export", 1, True, 1),
        ("export", 5, False, 1),
    ]


def test_first_uses_of_a_slice_are_of_who_was_new_in_it(acme):
    store(acme, *PEOPLE, released=100)
    with tenant_scope(acme), current_rollups():
        ids = dict(Account.objects.values_list("external_id", "id"))
        parts = [Slice(accounts=frozenset({ids["of ada"], ids["of old"]}))]
        (frame,) = answer_slices(FirstUses(days=30), day_window(DAY, acme.timezone), parts)
        assert frame.drop("feature").rows() == [("export", 3, True, 1)]


def test_a_release_is_judged_in_a_slice_by_its_own_persons(acme):
    store(acme, *PEOPLE, released=17)
    spec = ReleaseReach(days=30, side_days=30)
    with tenant_scope(acme), current_rollups():
        ids = dict(Account.objects.values_list("external_id", "id"))
        parts = [Slice(), Slice(accounts=frozenset({ids["of ada"], ids["of old"]}))]
        whole, part = answer_slices(spec, day_window(DAY, acme.timezone), parts)
        assert whole.equals(RESOLVERS[ReleaseReach](spec, day_window(DAY, acme.timezone)))
    assert part.rows()[0][3:] == (18, 0, 1, 2, 2)


def test_the_sides_of_a_release_are_as_long_as_asked_and_not_beyond_the_day(acme, globex):
    store(acme, *PEOPLE, released=17)
    store(globex)
    wanted = ("export", DAY - timedelta(days=17))
    # From the release on: ada and old used it; cay came, too. Before: bob used it, ada was there.
    assert answer(acme, ReleaseReach(days=30, side_days=30)) == [(*wanted, 18, 1, 2, 2, 3)]
    assert answer(acme, ReleaseReach(days=30, side_days=2)) == [(*wanted, 2, 0, 0, 1, 1)]
    assert answer(acme, ReleaseReach(days=17, side_days=30)) == []
    assert answer(globex, ReleaseReach(days=30)) == []
