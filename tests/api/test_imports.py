"""Small tables are imported by request as files are by command, each tenant its own."""

import pytest
from django.core.management import call_command

from engage_server.access.models import ApiKey
from engage_server.audit.log import newest
from engage_server.customers.models import Account
from engage_server.operations.keys import create_key
from engage_server.operations.pasted_rows import LONGEST_TEXT, MOST_ROWS
from engage_server.tenancy.scope import tenant_scope
from tests.api.conftest import Caller

IMPORT = """mutation ($input: ImportRowsInput!) { importRows(input: $input) {
    read stored duplicates incomplete rejected dryRun replayed clientMutationId notTaken { row code message } } }"""
TABLE = "id;Company;plan\ncarver;Carver Dairy;pro\n;Nameless;pro\nnorth;North;free\n"
ROWS = {
    "kind": "ACCOUNTS",
    "csv": TABLE,
    "mapping": {
        "columns": [{"target": "external_id", "column": "id"}, {"target": "name", "column": "Company"}]
    },
}


@pytest.fixture
def callers(at_acme, at_globex) -> tuple[Caller, Caller]:
    return tuple(
        Caller(one.tenant, create_key(one.tenant, ApiKey.Kind.ADMIN), one.host)
        for one in (at_acme, at_globex)
    )


def names(caller: Caller) -> set[str]:
    with tenant_scope(caller.tenant):
        return set(Account.objects.values_list("name", flat=True))


def test_rows_are_stored_in_their_own_tenant_and_the_others_are_told(callers):
    ours, theirs = callers
    done = ours.data(IMPORT, input={**ROWS, "clientMutationId": "form-7"})["importRows"]
    (not_taken,) = done.pop("notTaken")
    assert (not_taken["row"], not_taken["code"]) == (2, "MISSING_FIELD")
    assert "external_id (column id)" in not_taken["message"]
    assert done == {
        "read": 3, "stored": 2, "duplicates": 0, "incomplete": 0, "rejected": 1, "dryRun": False, "replayed": False,
        "clientMutationId": "form-7",
    }  # fmt: skip
    assert names(ours) == {"Carver Dairy", "North"}
    assert names(theirs) == set()
    with tenant_scope(ours.tenant):
        (entry,) = newest(1, action="rows.imported")
    assert entry.details == {"kind": "accounts", "rows": 3, "stored": 2, "rejected": 1}


def test_a_dry_run_says_the_same_and_stores_nothing(callers):
    ours, _ = callers
    tried = ours.data(IMPORT, input={**ROWS, "dryRun": True})["importRows"]
    assert (tried["stored"], tried["rejected"], tried["dryRun"]) == (2, 1, True)
    assert names(ours) == set()


def test_the_same_key_stores_once_and_tells_the_same(callers):
    ours, _ = callers
    asked = {**ROWS, "idempotencyKey": "upload-1"}
    first = ours.data(IMPORT, input=asked)["importRows"]
    again = ours.data(IMPORT, input=asked)["importRows"]
    assert again["replayed"]
    assert [(one["row"], one["code"]) for one in again["notTaken"]] == [(2, "MISSING_FIELD")]
    assert again["stored"] == first["stored"]
    assert ours.code(IMPORT, input={**asked, "csv": "id\nother"}) == "CONFLICT"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"csv": "x" * (LONGEST_TEXT + 1)}, "csv"),
        ({"csv": "id\n" + "a\n" * (MOST_ROWS + 1)}, "csv"),
        ({"csv": "id"}, "csv"),
        ({"mapping": {"columns": [{"target": "none", "column": "id"}]}}, "csv"),
        ({"mapping": {"columns": [{"target": "external_id", "column": "none"}]}}, "csv"),
        ({"separator": "two"}, "csv"),
        ({"source": ""}, "source"),
        ({"mapping": {"columns": [{"target": "external_id", "column": "id"}] * 2}}, None),
        ({"mapping": {"constants": [{"target": f"t{n}", "value": "x"} for n in range(101)]}}, "mapping"),
    ],
)
def test_what_cannot_be_read_is_refused_as_a_whole(callers, wrong, field):
    ours, _ = callers
    (error,) = ours.ask(IMPORT, input={**ROWS, **wrong})["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert error["extensions"].get("field") == field
    assert "rows.csv" not in error["message"]
    assert names(ours) == set()


def test_what_a_test_source_sends_is_not_imported(callers):
    ours, _ = callers
    with tenant_scope(ours.tenant):
        call_command("source", "set", "lab", "--tenant", ours.tenant.slug, "--environment", "test")
    assert ours.code(IMPORT, input={**ROWS, "source": "lab"}) == "BAD_USER_INPUT"


def test_who_may_not_write_imports_nothing(at_acme):
    reader = Caller(at_acme.tenant, create_key(at_acme.tenant, ApiKey.Kind.QUERY), at_acme.host)
    assert reader.code(IMPORT, input=ROWS) == "FORBIDDEN"


def test_events_and_answers_come_the_same_way(callers):
    ours, _ = callers
    events = "when,person,event,id\n2026-03-01T10:00:00Z,ada,Opened,e1\n2026-03-01T10:00:00Z,ada,Opened,e1\n"
    columns = [{"target": "occurred_at", "column": "when"}, {"target": "name", "column": "event"},
               {"target": "message_id", "column": "id"}]  # fmt: skip
    done = ours.data(IMPORT, input={"kind": "EVENTS", "csv": events, "mapping": {"columns": columns}})[
        "importRows"
    ]
    assert (done["read"], done["stored"], done["duplicates"]) == (2, 1, 1)
