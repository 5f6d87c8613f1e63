"""Roll-ups are read only where they were brought up to date, and reading writes nothing."""

import re
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

import engage_server
from engage_server.activity.definitions import days_with
from engage_server.activity.erasure import forget_persons
from engage_server.activity.event_name_usage import usage_of
from engage_server.activity.exceptions import StaleRollupsError
from engage_server.activity.merge_impact import count_impact
from engage_server.activity.models import EventDelta, PersonDay
from engage_server.activity.rollups.freshness import current_rollups, require_current
from engage_server.activity.watermark import watermark
from engage_server.customers.input_resolvers import RESOLVERS
from engage_server.ingest.items import EventItem, PersonKey
from engage_server.ingest.store import store_items
from engage_server.tenancy.scope import TenantRef, tenant_scope

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
READERS = {
    "watermark": watermark,
    "usage_of": lambda: usage_of([1]),
    "count_impact": lambda: count_impact([1]),
    "days_with": lambda: days_with([]),
    "forget_persons": lambda: forget_persons([]),
    **{
        spec.__name__: lambda resolver=resolver: resolver(None, None)
        for spec, resolver in RESOLVERS.items()
        if resolver.__module__.startswith("engage_server.activity.")
    },
}
# What names a table of the roll-ups and answers nothing from it.
NO_READERS = {
    "activity/data_retention.py": "deletes days that are no longer kept",
    "automation/observation_statements.py": "statements that observations.py asks, in the block where events decide",
    "engine/parquet_export.py": "leaves the tables out",
    "privacy/erasure.py": "counts what was deleted",
    "privacy/inventory.py": "lists every table",
}
# Their resolvers are wrapped, and called above.
RESOLVERS_OF_INPUTS = re.compile(r"activity/(inputs/|\w+_inputs\.py)")
ROLLUP_TABLE = re.compile(
    r"activity_(personday|daybitmap|personstate)\b|\b(PersonDay|DayBitmap|PersonState)\b"
)


def store(tenant: TenantRef) -> None:
    with tenant_scope(tenant):
        store_items([EventItem("m", "saved", PersonKey(user_id="ada"), NOON, received_at=NOON)], source="web")


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
def test_a_reader_outside_of_the_block_is_refused(acme, read):
    with tenant_scope(acme), pytest.raises(StaleRollupsError, match="current_rollups"):
        read()


def test_the_block_ends_with_its_tenant_and_holds_a_block_inside_it(acme, globex):
    with tenant_scope(acme):
        with current_rollups():
            with current_rollups():
                require_current()
            require_current()
        with pytest.raises(StaleRollupsError):
            require_current()
    with ExitStack() as left_too_late:
        with tenant_scope(acme):
            left_too_late.enter_context(current_rollups())
        with tenant_scope(globex), pytest.raises(StaleRollupsError):
            require_current()


def test_the_block_takes_in_what_was_logged_before_it_and_its_readers_nothing(acme, globex):
    for tenant in (acme, globex):
        store(tenant)
    with tenant_scope(acme), current_rollups():
        assert (EventDelta.objects.count(), PersonDay.objects.count()) == (0, 1)
        EventDelta.objects.create(size=0, sign=1, persons=[], accounts=[], names=[], times=[], marked=[])
        assert watermark() == NOON
        assert count_impact([1]).persons == 1
        assert EventDelta.objects.count() == 1
    with tenant_scope(globex):
        assert (EventDelta.objects.count(), PersonDay.objects.count()) == (1, 0)


def test_every_module_that_names_a_table_of_the_roll_ups_reads_it_in_the_block():
    package = Path(engage_server.__file__).parent
    naming = set()
    for path in package.rglob("*.py"):
        name = str(path.relative_to(package))
        text = path.read_text(encoding="utf-8")
        is_owner = (
            name.startswith(("activity/rollups/", "activity/migrations/")) or name == "activity/models.py"
        )
        if ROLLUP_TABLE.search(text) and not is_owner and "require_current()" not in text:
            naming.add(name)
    assert {name for name in naming if not RESOLVERS_OF_INPUTS.match(name)} == set(NO_READERS)
