"""The audit log is read page by page by those who may, and a change in the database is found out."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from engage_server.access.models import ApiKey
from engage_server.api.ids import cursor
from engage_server.api.types import audit
from engage_server.audit import log
from engage_server.audit.log import record
from engage_server.operations.keys import create_key
from engage_server.tenancy.scope import tenant_scope
from tests.api.conftest import Caller

LOG = (
    "query ($first: Int!, $after: String, $action: String! = \"\") { auditLog(first: $first, after: $after, "
    "action: $action) { edges { node { position actor action subject details digest } } "
    "pageInfo { hasNextPage endCursor } } }"
)  # fmt: skip
VERIFIED = "{ auditVerified { intact entries head brokenAt reason } }"


@pytest.fixture
def admin(at_acme) -> Caller:
    return Caller(at_acme.tenant, create_key(at_acme.tenant, ApiKey.Kind.ADMIN), at_acme.host)


@pytest.fixture
def five(admin) -> list[int]:
    """Positions of five entries that follow those of the tenant's keys."""
    with tenant_scope(admin.tenant):
        return [
            record("thing.seen" if n % 2 else "deed.done", subject=str(n), details={"n": n}).position
            for n in range(5)
        ]


def subjects(page: dict) -> list[str]:
    return [edge["node"]["subject"] for edge in page["edges"]]


@pytest.mark.usefixtures("five")
def test_the_log_is_read_newest_first_page_by_page(admin):
    seen, page = [], {"pageInfo": {"endCursor": None, "hasNextPage": True}}
    while page["pageInfo"]["hasNextPage"]:
        page = admin.data(LOG, first=2, after=page["pageInfo"]["endCursor"])["auditLog"]
        assert len(page["edges"]) <= 2
        seen += [edge["node"]["position"] for edge in page["edges"]]
    assert seen == list(range(len(seen), 0, -1))
    assert subjects(admin.data(LOG, first=5)["auditLog"]) == ["4", "3", "2", "1", "0"]


@pytest.mark.usefixtures("five")
def test_the_log_is_narrowed_to_an_action_or_a_kind_of_actions(admin):
    assert subjects(admin.data(LOG, first=9, action="thing.seen")["auditLog"]) == ["3", "1"]
    assert subjects(admin.data(LOG, first=9, action="deed.")["auditLog"]) == ["4", "2", "0"]
    assert subjects(admin.data(LOG, first=9, action="thing")["auditLog"]) == []


@pytest.mark.usefixtures("five")
def test_without_the_right_the_log_is_closed(at_acme):
    assert at_acme.code(LOG, first=1) == "FORBIDDEN"
    assert at_acme.code(VERIFIED) == "FORBIDDEN"


@pytest.mark.usefixtures("five")
def test_another_tenant_reads_its_own_log(at_globex):
    other = Caller(at_globex.tenant, create_key(at_globex.tenant, ApiKey.Kind.ADMIN), at_globex.host)
    assert subjects(other.data(LOG, first=9, action="deed.")["auditLog"]) == []
    with tenant_scope(at_globex.tenant):
        entries = log.verify().entries
    assert other.data(VERIFIED)["auditVerified"]["entries"] == entries


@pytest.mark.parametrize("first", [0, 101])
def test_a_page_has_a_size_between_one_and_a_hundred(admin, first):
    assert admin.code(LOG, first=first) == "BAD_USER_INPUT"


@pytest.mark.one_server  # a cluster silences no trigger
def test_an_entry_edited_by_a_superuser_is_named_by_query_and_command(admin, five):
    assert admin.data(VERIFIED)["auditVerified"]["intact"] is True
    with tenant_scope(admin.tenant, role="none"), connection.cursor() as cursor:
        # As somebody could who owns the database: past trigger and rights.
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE audit_auditentry SET subject = 'nothing' WHERE position = %s", [five[2]])
        cursor.execute("SET LOCAL session_replication_role = origin")
    verdict = admin.data(VERIFIED)["auditVerified"]
    assert (verdict["intact"], verdict["entries"], verdict["brokenAt"]) == (False, five[1], five[2])
    with pytest.raises(CommandError, match=f"entry {five[2]} does not fit"):
        call_command("audit", "verify", "--tenant", "acme")


@pytest.mark.usefixtures("five")
def test_a_log_too_long_for_a_request_is_followed_in_steps_each_of_which_says_so(admin, monkeypatch):
    whole = admin.data(VERIFIED)["auditVerified"]
    monkeypatch.setattr(audit, "MOST_VERIFIED", 3)
    query = "query ($after: String) { auditVerified(after: $after) { intact entries head brokenAt reason endCursor } }"
    steps, after = [], None
    while True:
        steps.append(admin.data(query, after=after)["auditVerified"])
        after = steps[-1].pop("endCursor")
        if after is None:
            break
    assert [step["entries"] for step in steps] == [*range(3, whole["entries"], 3), whole["entries"]]
    assert steps[-1] == whole
    assert all(step["intact"] for step in steps)
    assert admin.code(query, after="no cursor") == "BAD_USER_INPUT"


def test_a_step_from_a_position_that_is_not_there_finds_nothing_intact(admin):
    query = "query ($after: String) { auditVerified(after: $after) { intact entries } }"
    with tenant_scope(admin.tenant):
        beyond = cursor(1_000_000, of="auditVerified")
    verdict = admin.data(query, after=beyond)["auditVerified"]
    assert verdict == {"intact": False, "entries": 0}
