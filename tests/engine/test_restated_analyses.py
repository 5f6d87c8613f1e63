"""Retention, funnels and first uses that were computed before late events came are as if computed after them."""

from datetime import timedelta

import pytest

from engage_server.activity.models import Feature
from engage_server.engine.models import AffectedDay
from engage_server.ingest.items import EventItem, PersonKey
from engage_server.sdk import FirstUses, InputSpec, ReleaseReach, Retention, Sequences, Sessions
from engage_server.tenancy.scope import TenantRef, shared_scope, tenant_scope
from tests.engine.restate import restated_by
from tests.engine.test_restatement import FIRST, LAST, is_as_computed_now, noon, store

SPECS = (
    Retention(days=4, offsets=(1, 2), cohort="day"),
    Retention(days=4, offsets=(0, 1), cohort="day", clock="rolling", event="shared"),
    Retention(days=4, offsets=(1,), cohort="day", mode="streak", subject="account", birth_event="saved"),
    Sequences(steps=("saved", "shared"), within_hours=48, days=3, equal_times="together"),
    Sessions(days=2),
    FirstUses(days=4),
    ReleaseReach(days=3, side_days=2),
)


def use(person: str, name: str, day: int, hour: int = 0) -> EventItem:
    at = noon(FIRST) + timedelta(days=day, hours=hour)
    return EventItem(f"{person} {name} {at}", name, PersonKey(person), at, at, account=f"of {person}")


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: f"{type(spec).__name__}")
def test_restated_days_are_as_computed_anew(acme: TenantRef, globex: TenantRef, spec: InputSpec) -> None:
    early = [use(person, name, day) for person, name, day in (("ada", "saved", 1), ("bob", "shared", 2))]
    store(globex, *early)
    store(acme, *early)
    with tenant_scope(acme):
        Feature.objects.filter(name="shared").update(released_on=FIRST + timedelta(days=3))
    with restated_by(acme, spec, first=FIRST, last=LAST) as restated:
        before = restated.stored()
        late = [
            ("ada", "shared", 2, 1),
            ("bob", "saved", 0, 0),
            ("cay", "saved", 3, 2),
            ("ada", "saved", 0, 0),
        ]
        store(acme, *(use(*one) for one in late), use("cay", "shared", 3, 2), use("ada", "shared", 4, 0))
        assert restated.days()
        assert restated.stored() != before
        assert is_as_computed_now(restated)
    with shared_scope():
        assert not AffectedDay.objects.filter(tenant_id=globex.id, day__gt=FIRST + timedelta(days=2)).exists()
