"""Who is behind a cell of retention: as many as the cell counts, by every clock and mode, and none of another tenant."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest

from engage_server.activity.cohort_members import CohortCell, CohortMember, Stretch, cohort_cell
from engage_server.activity.models import CHUNK
from engage_server.activity.rollups.freshness import current_rollups
from engage_server.customers.input_resolvers import RESOLVERS
from engage_server.customers.models import Account, Person
from engage_server.customers.windows import day_window
from engage_server.sdk import Retention
from engage_server.tenancy.scope import TenantRef, tenant_scope
from tests.activity.test_retention_clocks import store

MONDAY = datetime(2026, 5, 4, 12, tzinfo=UTC)
DAY = date(2026, 5, 31)
SPECS = [
    Retention(days=60, offsets=(0, 1, 7, 30), clock=clock, mode=mode, event=event)
    for clock, mode, event in product(
        ("own", "calendar", "rolling"), ("on", "on_or_after", "streak"), (None, "saved")
    )
]
SPECS += [
    Retention(days=60, brackets=((1, 3), (4, 9))),
    Retention(days=60, cohort="month", unit="month", offsets=(0, 1), birth_event="saved"),
    Retention(days=60, offsets=(1, 7), subject="account"),
]


def fill(tenant: TenantRef) -> None:
    for number in range(6):
        born = MONDAY + timedelta(days=number)
        moments = [born + timedelta(days=after) for after in (0, 1, 3, 7)[: number + 1]]
        store(
            tenant,
            *moments,
            user=f"u{number}",
            names=("signed up", "saved", "saved", "saved")[: len(moments)],
        )


def members(tenant: TenantRef, spec: Retention, cohort: date, offset: int) -> list[CohortMember]:
    with tenant_scope(tenant), current_rollups():
        cell = cohort_cell(spec, day_window(DAY, tenant.timezone), cohort=cohort, offset=offset)
    found = cell.page(None, size=100, place=None, is_backwards=False)
    assert cell.count(None) == len(found)
    assert cell.count(True) == sum(one.came_back is True for one in found)
    assert cell.count(False) == sum(one.came_back is False for one in found)
    return found


def test_a_cell_has_as_many_members_as_it_counts(acme, globex):
    fill(acme)
    store(globex, MONDAY, user="theirs")
    seen = 0
    for spec in SPECS:
        with tenant_scope(acme), current_rollups():
            frame = RESOLVERS[Retention](spec, day_window(DAY, acme.timezone))
        for cohort, offset, size, eligible, retained in frame.iter_rows():
            found = members(acme, spec, cohort, offset)
            counted = [sum(one.came_back is answer for one in found) for answer in (None, True, False)]
            assert counted == [size - eligible, retained, eligible - retained], (spec, cohort, offset)
            seen += retained
    assert seen > 50


def test_the_members_are_those_of_the_tenant_and_of_the_kind_that_is_asked_for(acme, globex):
    store(acme, MONDAY, MONDAY + timedelta(days=1), user="ada")
    store(acme, MONDAY, user="bob")
    store(globex, MONDAY, MONDAY + timedelta(days=1), user="eve")
    spec = Retention(days=60, offsets=(1,))
    for tenant, wanted in ((acme, {"ada": True, "bob": False}), (globex, {"eve": True})):
        with tenant_scope(tenant):
            people = dict(Person.objects.values_list("pk", "external_id"))
            accounts = dict(Account.objects.values_list("pk", "external_id"))
        found = members(tenant, spec, MONDAY.date(), 1)
        assert {people[one.id]: one.came_back for one in found} == wanted
        of_accounts = members(tenant, replace(spec, subject="account"), MONDAY.date(), 1)
        assert {accounts[one.id]: one.came_back for one in of_accounts} == {
            f"of {name}": came for name, came in wanted.items()
        }


@pytest.mark.parametrize("is_backwards", [False, True])
def test_pages_go_through_all_chunks_in_the_order_of_ids(is_backwards):
    ids = [1, 5, CHUNK - 1, CHUNK, CHUNK + 7, 3 * CHUNK + 2]

    def set_at(wanted: list[int], first: int) -> int:
        return sum(1 << ((id // CHUNK - first) * CHUNK + CHUNK - 1 - id % CHUNK) for id in wanted)

    one, other = set_at(ids[:5], 0), set_at(ids[5:], 3)
    cell = CohortCell((Stretch(0, one, one, set_at([5], 0)), Stretch(3, other, 0, 0)))
    found, place = [], None
    while some := cell.page(None, size=2, place=place, is_backwards=is_backwards):
        found = some + found if is_backwards else found + some
        place = some[0].id if is_backwards else some[-1].id
    assert [one.id for one in found] == ids
    assert [one.came_back for one in found] == [False, True, False, False, False, None]
    assert [one.id for one in cell.page(True, size=9, place=None, is_backwards=is_backwards)] == [5]
