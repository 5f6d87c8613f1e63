"""What an operator does to a tenant stands in that tenant's audit log, under the operator's name."""

import getpass
import gzip

import pytest
from django.core.management import CommandError, call_command

from engage_server.audit import log
from engage_server.audit.actor import operator
from engage_server.tenancy.scope import tenant_scope


def recorded(tenant) -> list[tuple[str, str]]:
    """All but the keys that each tenant begins with."""
    with tenant_scope(tenant):
        found = [(entry.actor, entry.action) for entry in reversed(log.newest(20))]
    return [entry for entry in found if entry[1] != "key.created"]


def test_life_cycle_commands_are_recorded_where_they_were_done(acme, globex, tmp_path):
    call_command("tenant", "suspend", "acme")
    call_command("tenant", "resume", "acme")
    call_command("tenant", "rename", "acme", "--name", "Acme Ltd")
    call_command("tenant", "export", "acme", export_dir=tmp_path)
    actions = ["tenant.suspended", "tenant.resumed", "tenant.renamed", "data.exported"]
    assert recorded(acme) == [(operator(), action) for action in actions]
    assert recorded(globex) == []


def test_a_refused_change_is_not_recorded(acme, globex):
    with pytest.raises(CommandError, match="already"):
        call_command("tenant", "rename", "acme", "--slug", "globex")
    assert recorded(acme) == []


def test_a_deleted_tenants_export_tells_who_deleted_it(acme, tmp_path):
    call_command("tenant", "delete", "acme", "--confirm", "acme", export_dir=tmp_path)
    (file,) = tmp_path.glob("acme-*/audit_auditentry.csv.gz")
    assert f"{operator()},tenant.deletion_begun" in gzip.decompress(file.read_bytes()).decode()


def test_plugin_commands_are_recorded_as_the_operators(acme):
    call_command("plugin", "disable", "nps", "--tenant", "acme")
    call_command("plugin", "enable", "nps", "--tenant", "acme")
    call_command("plugin", "configure", "nps", "--tenant", "acme")
    call_command("plugin", "schedule", "nps", "0 4 * * *", "--tenant", "acme")
    actions = ["plugin.disabled", "plugin.enabled", "schedule.changed"]
    assert recorded(acme) == [(operator(), action) for action in actions]


def test_an_operator_without_a_name_has_a_number(monkeypatch):
    def nameless() -> str:
        raise KeyError("getpwuid(): uid not found")

    monkeypatch.setattr(getpass, "getuser", nameless)
    assert operator().removeprefix("operator:").isdigit()
