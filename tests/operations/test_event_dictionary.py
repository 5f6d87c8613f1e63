"""What event names mean is changed by command and by presets; the days on which they occur are restated."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from engage_server.activity.definitions import Definition, checked, definition_of
from engage_server.activity.exceptions import InvalidDefinitionError
from engage_server.activity.models import EventName, Feature
from engage_server.audit import log
from engage_server.engine.models import AffectedDay
from engage_server.ingest.items import EventItem, PersonItem, PersonKey
from engage_server.ingest.store import store_items
from engage_server.operations.event_dictionary import PresetResult, apply_preset, define_event
from engage_server.sdk import ActivePersons, EventCounts, FeatureReach, Features, FeatureUse
from engage_server.tenancy.scope import shared_scope, tenant_scope
from tests.engine.restate import restated_by

FIRST = date(2026, 6, 1)


def day(number: int) -> date:
    return FIRST + timedelta(days=number - 1)


def use(name: str, number: int, person: str = "ada") -> EventItem:
    at = datetime(2026, 6, number, 12, tzinfo=UTC)
    return EventItem(f"{name}{number}{person}", name, PersonKey(user_id=person), at, at)


def run(*arguments: str, tenant: str = "acme") -> str:
    out = StringIO()
    call_command("dictionary", *arguments, "--tenant", tenant, stdout=out)
    return out.getvalue()


@pytest.fixture
def used(acme, globex):
    """Both tenants saved on the second and fourth day, and looked on the third."""
    for tenant in (acme, globex):
        with tenant_scope(tenant):
            store_items([use("saved", 2), use("looked", 3), use("saved", 4)], source="web")
    return acme


@pytest.mark.parametrize(
    ("spec", "change", "label"),
    [
        (EventCounts(days=1), "weight=5", "weights of events"),
        (EventCounts(days=1), "polarity=-1", "weights of events"),
        (FeatureUse(days=1), "feature=", "features of events"),
        (FeatureReach(days=1), "feature=", "features of events"),
        (ActivePersons(days=1, event_class="VALUE"), "class=passive", "classes of events"),
        (ActivePersons(days=1), "class=notice", "notices"),
    ],
)
def test_a_change_restates_the_days_of_the_name_where_an_input_looks_at_it(used, globex, spec, change, label):
    with restated_by(used, spec, first=FIRST, last=day(5)) as restated:
        run("set", "saved", change)
        assert restated.days() == {day(2), day(4)}
        assert restated.revisions() == {day(n): f"changed {label} of {day(n)}" for n in (2, 4)}
    with shared_scope():
        assert not AffectedDay.objects.filter(tenant_id=globex.id, cause__in=["WEIGHTS", "CLASSES"]).exists()
    with tenant_scope(globex):
        assert EventName.objects.get(name="saved").own_fields is None


def test_a_feature_is_there_from_its_release_else_from_its_first_use(used, globex):
    with restated_by(used, Features(), first=FIRST, last=day(5)) as restated:
        assert [restated.value(day(n)) for n in range(1, 6)] == [0, 1, 2, 2, 2]
        run("release", "saved", "2026-06-05")
        assert restated.days() == {day(n) for n in range(1, 6)}
        assert [restated.value(day(n)) for n in range(1, 6)] == [0, 0, 1, 1, 2]
        assert set(restated.revisions().values()) == {"changed ages of features"}
        run("set", "looked", "feature=")
        restated.days()
        assert [restated.value(day(n)) for n in range(1, 6)] == [0, 0, 0, 0, 1]
    with tenant_scope(globex):
        assert Feature.objects.get(name="saved").released_on is None
    with pytest.raises(CommandError, match="There is no feature 'nothing'"):
        run("release", "nothing", "unknown")


@pytest.mark.parametrize(
    ("spec", "changes"),
    [
        (ActivePersons(days=1), ("class=PASSIVE", "weight=5")),
        (FeatureUse(days=1), ("weight=5",)),
        (EventCounts(days=1), ("feature=Files", "key=yes", "weight=1")),
    ],
)
def test_changes_that_no_input_looks_at_restate_nothing(used, spec, changes):
    with restated_by(used, spec, first=FIRST, last=day(5)) as restated:
        run("set", "saved", *changes)
        assert restated.days() == set()


def test_a_name_is_defined_and_the_change_recorded(used):
    run("set", "saved", "class=PASSIVE", "weight=-2.5", "polarity=-1", "feature=Files", "key=yes")
    with tenant_scope(used):
        entry = EventName.objects.get(name="saved")
        assert (entry.event_class, entry.polarity, entry.weight, entry.feature.name, entry.is_key) == (
            "PASSIVE", -1, Decimal("-2.5"), "Files", True,
        )  # fmt: skip
        (recorded,) = log.newest(9, action="dictionary.")
    assert (recorded.action, recorded.subject) == ("dictionary.changed", "saved")
    assert recorded.details["weight"] == "-2.500"
    run("set", "saved", "weight=-2.5")
    with tenant_scope(used):
        assert len(log.newest(9, action="dictionary.")) == 1


def test_the_list_tells_when_names_were_seen_and_how_often(used):
    today = datetime.now(UTC)
    with tenant_scope(used):
        items = [
            EventItem(f"now{n}", "saved", PersonKey(user_id=person), today, today)
            for n, person in enumerate(["ada", "ada", "bot"])
        ]
        store_items([*items, PersonItem(PersonKey(user_id="bot"), is_excluded=True)], source="web")
    (entry,) = [entry for entry in json.loads(run("list", "--json")) if entry["name"] == "saved"]
    assert entry.pop("last_seen") in {f"{today:%Y-%m-%d}", f"{today + timedelta(days=1):%Y-%m-%d}"}
    assert entry == {
        "name": "saved", "first_seen": "2026-06-02", "volume": 2, "class": "VALUE", "polarity": 1, "weight": "1",
        "feature": "saved", "key": False,
    }  # fmt: skip
    assert "looked" in run("list")


def test_the_lint_ends_with_status_one_and_says_what_to_do(used):
    assert run("lint").strip() == "No problems."
    with tenant_scope(used):
        store_items([use("Saved", 5)], source="web")
    with pytest.raises(CommandError, match="2 problems"):
        run("lint")


def test_a_preset_leaves_alone_what_the_tenant_set_and_knows_names_in_any_style(used):
    with tenant_scope(used):
        store_items([use("invoice_sent", 2), use("Payment Received", 3)], source="web")
        define_event("invoice_sent", checked(Definition(weight=Decimal(9))))
        done = apply_preset("billing")
        sent = EventName.objects.select_related("feature").get(name="invoice_sent")
        assert (sent.weight, sent.feature.name, sent.is_key) == (9, "Invoices", True)
        assert not EventName.objects.filter(name="Invoice Sent").exists()
        assert EventName.objects.get(name="Payment Received").weight == 5
        assert (done.changed, done.kept) == (2, 0)
        assert apply_preset("billing") == PresetResult(added=0, changed=0, kept=done.added + 2)
        # What the preset brought, the next may change; nothing was seen of it yet.
        assert EventName.objects.get(name="Plan Upgraded").own_fields is None
    assert "Names added" in run("preset", "helpdesk")


def test_a_preset_restates_the_days_of_what_it_changes(used):
    with tenant_scope(used):
        store_items([use("invoice_sent", 2)], source="web")
    with restated_by(used, EventCounts(days=1), first=FIRST, last=day(5)) as restated:
        run("preset", "billing")
        assert restated.days() == {day(2)}


def test_an_unknown_name_is_refused(acme):
    with pytest.raises(CommandError, match="no event 'unknown'"):
        run("set", "unknown", "weight=1")
    with pytest.raises(CommandError, match="FIELD=VALUE"):
        run("set", "unknown", "weight")


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("weight", "heavy", "no weight"),
        ("weight", "NaN", "out of range"),
        ("weight", "1e6", "out of range"),
        ("colour", "red", "one of class, polarity"),
        ("polarity", "2", "-1, 0 or 1"),
        ("class", "GOOD", "VALUE, PASSIVE, NOTICE"),
        ("key", "perhaps", "no key"),
        ("feature", "x" * 201, "too long"),
    ],
)
def test_what_cannot_be_meant_is_refused(field, value, says):
    with pytest.raises(InvalidDefinitionError, match=says):
        definition_of({field: value})
