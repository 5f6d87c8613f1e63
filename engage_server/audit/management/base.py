"""What the commands of operators have in common: who acts, how errors read, and whose tenant it is about."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError, CommandParser

from engage_server.audit.actor import acting_as, operator
from engage_server.tenancy.exceptions import TenancyError
from engage_server.tenancy.scope import DEFAULT_STATEMENT_TIMEOUT_MS, TenantRef, tenant_scope
from engage_server.tenancy.services import find_tenant, require_active


class OperatorCommand(BaseCommand):
    """What it changes is recorded under the operator's name; the errors that it expects end it with their own text.

    ``expected``: those errors, beside the tenancy package's. Django's checks compose the API and load every plugin, which
    takes seconds; ``check``, ``migrate`` and what goes on running (``serve``, ``worker``) run them, a command does not.
    """

    requires_system_checks: tuple[str, ...] = ()
    expected: ClassVar[tuple[type[Exception], ...]] = ()

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Django's, as the operator."""
        expected: tuple[type[Exception], ...] = (TenancyError, *self.expected)
        try:
            with acting_as(operator()):
                return super().execute(*args, **options)
        except expected as error:
            raise CommandError(self.explain(error)) from error

    def explain(self, error: Exception) -> str:
        """What the operator reads of an expected error."""
        return str(error)


class TenantCommand(OperatorCommand):
    """A command about one tenant, which ``--tenant`` names; ``run`` does it inside the tenant's scope.

    ``active_only``: whether a suspended tenant is refused. ``timeout_ms``: of a statement; 0 for none.
    """

    active_only: ClassVar[bool] = False
    timeout_ms: ClassVar[int] = DEFAULT_STATEMENT_TIMEOUT_MS

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose tenant."""
        parser.add_argument("--tenant", required=True, metavar="SLUG")

    def handle(self, *, tenant: str, **options: Any) -> None:
        """Find the tenant, enter its scope and run."""
        found = find_tenant(tenant)
        if self.active_only:
            require_active(found)
        with tenant_scope(found.ref, timeout_ms=self.timeout_ms):
            self.run(found.ref, options)

    def run(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        """Do it. Inside the tenant's scope."""
        raise NotImplementedError


class TenantActionsCommand(TenantCommand):
    """A tenant's command with a sub-command for each thing that can be done; ``list`` is done by the method ``_list``."""

    def add_arguments(self, parser: CommandParser) -> None:
        """The sub-commands, each with the tenant."""
        actions = parser.add_subparsers(dest="subcommand", required=True)
        self.add_actions(actions)
        for action in actions.choices.values():
            super().add_arguments(action)

    def add_actions(self, actions: Any) -> None:
        """One parser for each sub-command, by ``actions.add_parser``."""
        raise NotImplementedError

    def run(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        """Call the method of the sub-command."""
        getattr(self, f"_{options['subcommand']}")(tenant, options)
