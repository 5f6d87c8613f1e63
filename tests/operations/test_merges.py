"""The command says what a merge moves, makes it, and takes it back; the days concerned are restated."""

from datetime import UTC, date, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from engage_server.customers.models import Person
from engage_server.ingest.items import EventItem, PersonKey
from engage_server.ingest.store import store_items
from engage_server.sdk import ActivePersons
from engage_server.tenancy.scope import tenant_scope
from tests.engine.restate import restated_by

DAY = date(2026, 6, 1)
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
COUNTS = "persons 1 · events 1 on 1 days · answers 0 · memberships 0 · accounts 0"


def run(*arguments: str, tenant: str = "acme") -> str:
    out = StringIO()
    call_command("identity", *arguments, "--tenant", tenant, stdout=out)
    return out.getvalue()


@pytest.fixture
def two(acme, globex):
    """Ada and Bob were both active on one day, in both tenants."""
    for tenant in (acme, globex):
        with tenant_scope(tenant):
            store_items(
                [EventItem(name, "saved", PersonKey(user_id=name), NOON, NOON) for name in ("ada", "bob")],
                source="web",
            )
    return acme


def test_a_merge_and_its_undoing_restate_the_day_each_with_its_cause(two, globex):
    with restated_by(two, ActivePersons(days=1), first=DAY, last=DAY) as restated:
        assert run("preview", "ada", "bob").strip() == f"A merge would move {COUNTS}."
        assert restated.days() == set()
        assert run("merge", "ada", "bob").startswith(f"Merged: {COUNTS}.")
        assert "JOIN  ada as bob" in run("list")
        assert (restated.days(), restated.value(DAY)) == ({DAY}, 1)
        assert restated.revisions() == {DAY: f"merge: events of {DAY}"}
        assert run("undo", "ada").startswith(f"Parted: {COUNTS}.")
        assert (restated.days(), restated.value(DAY)) == ({DAY}, 2)
        assert restated.revisions() == {DAY: f"undone merge: events of {DAY}"}
    assert run("list") == ""
    with tenant_scope(globex):
        assert not Person.objects.filter(merged_into__isnull=False).exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("preview", "nobody", "ada"), "Nobody is known"),
        (("merge", "ada", "ada"), "one person already"),
        (("undo", "ada"), "not merged"),
    ],
)
def test_what_cannot_be_done_is_said(two, arguments, says):
    with pytest.raises(CommandError, match=says):
        run(*arguments)


def test_the_tenant_has_to_be_served(db):
    with pytest.raises(CommandError, match="no tenant"):
        run("list", tenant="nobody")
