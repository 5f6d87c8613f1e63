"""What all commands about a tenant have in common: whose it is, who acts, and how they refuse."""

from collections.abc import Mapping
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from engage_server.audit.actor import current_actor, operator
from engage_server.audit.management.base import TenantActionsCommand, TenantCommand
from engage_server.tenancy import services
from engage_server.tenancy.models import Tenant
from engage_server.tenancy.scope import TenantRef, current_scope, current_tenant


class Expected(Exception):
    """One that the command names."""


class Look(TenantCommand):
    """Tells where it runs."""

    expected = (Expected,)
    timeout_ms = 7

    def run(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        assert current_tenant() == tenant
        assert current_scope().timeout_ms == 7
        self.stdout.write(f"{tenant.slug} by {current_actor()}")


class Refuse(Look):
    """Meets what it expects."""

    def run(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        raise Expected("Cause. Remedy.")


class Fail(Look):
    """Meets what nobody expects."""

    def run(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        raise LookupError("a defect")


class Active(Look):
    """Serves no suspended tenant."""

    active_only = True


class Actions(TenantActionsCommand):
    """Does one of two things."""

    def add_actions(self, actions: Any) -> None:
        for word in ("list", "make"):
            actions.add_parser(word)

    def _list(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        self.stdout.write(f"listed {tenant.slug}")


def test_a_command_runs_in_the_tenant_that_it_names_as_the_operator(acme, globex, capsys):
    call_command(Look(), "--tenant", "globex")
    assert capsys.readouterr().out == f"globex by {operator()}\n"
    assert (current_scope(), current_actor()) == (None, "system")


def test_a_sub_command_is_done_by_its_method(acme, capsys):
    call_command(Actions(), "list", "--tenant", "acme")
    assert capsys.readouterr().out == "listed acme\n"


@pytest.mark.parametrize(
    ("command", "arguments", "message"),
    [
        (Look, ["--tenant", "nobody"], "no tenant"),
        (Look, [], "required: --tenant"),
        (Refuse, ["--tenant", "acme"], r"^Cause\. Remedy\.$"),
        (Actions, ["list"], "required: --tenant"),
        (Actions, ["--tenant", "acme"], "subcommand"),
    ],
)
def test_a_refusal_reads_as_the_error_itself(acme, command, arguments, message):
    with pytest.raises(CommandError, match=message):
        call_command(command(), *arguments)


def test_a_defect_is_not_passed_off_as_a_refusal(acme):
    with pytest.raises(LookupError):
        call_command(Fail(), "--tenant", "acme")


def test_a_suspended_tenant_is_refused_where_the_command_says_so(acme, capsys):
    services.set_status("acme", Tenant.Status.SUSPENDED)
    call_command(Look(), "--tenant", "acme")
    with pytest.raises(CommandError, match="suspended"):
        call_command(Active(), "--tenant", "acme")
