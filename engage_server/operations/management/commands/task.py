"""Look at the tasks that playbooks gave to owners, and say that one is done."""

from collections.abc import Mapping
from typing import Any

from engage_server.audit.management.base import TenantActionsCommand
from engage_server.automation import tasks
from engage_server.automation.exceptions import AutomationError
from engage_server.automation.models import Task
from engage_server.customers.models import Account
from engage_server.operations.tasks import complete_task
from engage_server.tenancy.scope import TenantRef

SHOWN = 50


class Command(TenantActionsCommand):
    """Look at the tasks that playbooks gave to owners, and say that one is done."""

    expected = (AutomationError,)
    help = "List a tenant's tasks and say that one is done."

    def add_actions(self, actions: Any) -> None:
        """One sub-command for each thing that can be done; tasks go by number."""
        listing = actions.add_parser("list", help="what is to be done, the oldest first")
        listing.add_argument("--owner", help="of this owner alone")
        listing.add_argument("--all", action="store_true", help="what is done, too")
        listing.add_argument("--limit", type=int, default=SHOWN)
        finishing = actions.add_parser("done", help="say that one is done, and what came of it")
        finishing.add_argument("number", type=int)
        finishing.add_argument("--outcome", default="")

    def _list(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        rows = list(
            tasks.tasks(done=None if options["all"] else False, owner=options["owner"])[: options["limit"]]
        )
        accounts = [row.subject for row in rows if row.subject_kind == "account"]
        known = dict(Account.objects.filter(pk__in=accounts).values_list("pk", "external_id"))
        for row in rows:
            about = known.get(row.subject, "") if row.subject_kind == "account" else str(row.subject)
            self._line(row, f"{row.subject_kind} {about}".strip())

    def _done(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        done = complete_task(options["number"], options["outcome"])
        self.stdout.write(f"Task {done.pk} is done, says {done.done_by}.")

    def _line(self, row: Task, about: str) -> None:
        owner = f" for {row.owner}" if row.owner else ""
        due = f" by {row.due_on}" if row.due_on else ""
        done = f", done by {row.done_by}: {row.outcome}" if row.done_at else ""
        self.stdout.write(f"{row.pk:>5}  {row.title}{owner}{due} ({about}){done}")
