"""Add, list, promote and remove a tenant's members."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from engage_server.access.exceptions import AccessError
from engage_server.access.members import change_role, invite_member, list_members, remove_member
from engage_server.access.principal import EVERYTHING, Principal, Role
from engage_server.access.users import find_user, password_link
from engage_server.audit.actor import operator
from engage_server.tenancy.exceptions import TenancyError
from engage_server.tenancy.services import find_tenant


class Command(BaseCommand):
    """Add, list, promote and remove a tenant's members."""

    help = "Add, list, promote and remove a tenant's members."

    def add_arguments(self, parser: CommandParser) -> None:
        """One sub-command for each thing that can be done."""
        roles = [role.value for role in Role]
        actions = parser.add_subparsers(dest="action", required=True)
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
        for action in actions.choices.values():
            action.add_argument("--tenant", required=True)

    def handle(self, *, action: str, tenant: str, **options: Any) -> None:
        """Do it for the tenant, as its operator."""
        try:
            principal = Principal(find_tenant(tenant).ref, operator(), EVERYTHING)
            getattr(self, f"_{action}")(principal, options)
        except (AccessError, TenancyError) as error:
            raise CommandError(str(error)) from None

    def _add(self, principal: Principal, options: dict[str, Any]) -> None:
        member = invite_member(principal, email=options["email"], role=Role(options["role"]))
        self.stdout.write(f"{member.email} is {member.role.value} of {principal.tenant.slug}.")
        user = find_user(member.email)
        if not user.has_usable_password():
            self.stdout.write(
                "They choose a password at this address, which is good once and for three days:\n"
                f"  {password_link(user, origin=options['origin'])}"
            )

    def _list(self, principal: Principal, options: dict[str, Any]) -> None:
        for member in list_members(principal.tenant):
            seen = f"{member.signed_in_at:%Y-%m-%d %H:%M}" if member.signed_in_at else "never"
            self.stdout.write(f"{member.email:<40}{member.role.value:<9}last signed in: {seen}")

    def _role(self, principal: Principal, options: dict[str, Any]) -> None:
        member = change_role(principal, email=options["email"], role=Role(options["role"]))
        self.stdout.write(f"{member.email} is {member.role.value} of {principal.tenant.slug}.")

    def _remove(self, principal: Principal, options: dict[str, Any]) -> None:
        remove_member(principal, email=options["email"])
        self.stdout.write(f"{options['email']} is no member of {principal.tenant.slug} any more.")
