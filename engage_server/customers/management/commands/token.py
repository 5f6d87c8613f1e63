"""Issue tokens that show single accounts their metrics."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from engage_server.access.account_tokens import issue_token
from engage_server.access.durations import duration
from engage_server.access.exceptions import AccessError
from engage_server.customers.models import Account
from engage_server.tenancy.exceptions import TenancyError
from engage_server.tenancy.scope import TenantRef, tenant_scope
from engage_server.tenancy.services import find_tenant


class Command(BaseCommand):
    """Issue tokens that show single accounts their metrics."""

    help = "Issue tokens that show single accounts their metrics."

    def add_arguments(self, parser: CommandParser) -> None:
        """One sub-command for each thing that can be done."""
        actions = parser.add_subparsers(dest="action", required=True)
        issue = actions.add_parser(
            "issue", help="a token for one account; it is printed once and kept nowhere"
        )
        issue.add_argument("external_id", help="the account's id in the tenant's own systems")
        issue.add_argument("--key", required=True, metavar="PUBLIC_ID", help="the key that it ends with")
        issue.add_argument(
            "--expires", type=duration, default=timedelta(hours=1), metavar="1h", help="at most 24h"
        )
        issue.add_argument("--tenant", required=True)

    def handle(self, *, tenant: str, external_id: str, key: str, expires: timedelta, **options: Any) -> None:
        """Do it for the tenant."""
        try:
            ref = find_tenant(tenant).ref
            account_id = _account(ref, external_id)
            issued = issue_token(ref, key, account_id=account_id, lifetime=expires)
        except (TenancyError, AccessError) as error:
            raise CommandError(str(error)) from None
        self.stdout.write(issued.text)
        self.stderr.write(f"It ends at {issued.expires_at.isoformat()}, or with the key {key}.")


def _account(tenant: TenantRef, external_id: str) -> int:
    with tenant_scope(tenant):
        pk = Account.objects.filter(external_id=external_id).values_list("pk", flat=True).first()
    if pk is None:
        raise CommandError(
            f"{tenant.slug!r} has no account {external_id!r}. Remedy: check the id; ids are case-sensitive."
        )
    return pk
