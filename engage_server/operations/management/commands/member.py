"""Add, list, promote and remove a tenant's members."""

from collections.abc import Mapping
from typing import Any

from engage_server.access.exceptions import AccessError
from engage_server.access.principal import EVERYTHING, Principal, Role
from engage_server.access.users import find_user, password_link
from engage_server.audit.actor import operator
from engage_server.audit.management.base import TenantActionsCommand
from engage_server.operations.members import change_role, invite_member, list_members, remove_member
from engage_server.tenancy.scope import TenantRef


class Command(TenantActionsCommand):
    """Add, list, promote and remove a tenant's members."""

    expected = (AccessError,)
    help = "Add, list, promote and remove a tenant's members."

    def add_actions(self, actions: Any) -> None:
        """One sub-command for each thing that can be done."""
        roles = [role.value for role in Role]
        add = actions.add_parser("add", help="invite somebody; prints a link where they have no password yet")
        add.add_argument("email")
        add.add_argument("--role", choices=roles, default=Role.VIEWER.value)
        add.add_argument("--origin", default="", help="start of the link, e.g. https://acme.example.com")
        actions.add_parser("list", help="the tenant's members and their roles")
        change = actions.add_parser("role", help="give a member another role")
        change.add_argument("email")
        change.add_argument("role", choices=roles)
        actions.add_parser(
            "remove", help="end a membership; the person's sessions are refused at once"
        ).add_argument("email")

    def _add(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        member = invite_member(_principal(tenant), email=options["email"], role=Role(options["role"]))
        self.stdout.write(f"{member.email} is {member.role.value} of {tenant.slug}.")
        user = find_user(member.email)
        if not user.has_usable_password():
            self.stdout.write(
                "They choose a password at this address, which is good once and for three days:\n"
                f"  {password_link(user, origin=options['origin'])}"
            )

    def _list(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        for member in list_members(tenant):
            seen = f"{member.signed_in_at:%Y-%m-%d %H:%M}" if member.signed_in_at else "never"
            self.stdout.write(f"{member.email:<40}{member.role.value:<9}last signed in: {seen}")

    def _role(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        member = change_role(_principal(tenant), email=options["email"], role=Role(options["role"]))
        self.stdout.write(f"{member.email} is {member.role.value} of {tenant.slug}.")

    def _remove(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        remove_member(_principal(tenant), email=options["email"])
        self.stdout.write(f"{options['email']} is no member of {tenant.slug} any more.")


def _principal(tenant: TenantRef) -> Principal:
    return Principal(tenant, operator(), EVERYTHING)
