"""Help people who cannot sign in, and keep out those who must not."""

from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser

from engage_server.access.exceptions import AccessError
from engage_server.access.user_audit import record_in_each_tenant
from engage_server.access.users import find_user, password_link, set_active, unlink
from engage_server.audit.actor import operator

RECORDED: Final = {
    "password-link": "user.password_link_made",
    "lock": "user.locked",
    "unlock": "user.unlocked",
    "unlink": "user.unlinked",
}


class Command(BaseCommand):
    """Help people who cannot sign in, and keep out those who must not."""

    help = "Make a link to choose a password; lock a person out of every tenant, or let them in again; drop their identity."

    def add_arguments(self, parser: CommandParser) -> None:
        """One sub-command for each thing that can be done."""
        actions = parser.add_subparsers(dest="action", required=True)
        link = actions.add_parser("password-link", help="print a link to choose a password, good once")
        link.add_argument("--origin", default="", help="start of the link, e.g. https://acme.example.com")
        actions.add_parser("lock", help="refuse sign-ins and sessions from now on")
        actions.add_parser("unlock", help="let them sign in again")
        actions.add_parser("unlink", help="drop the identity at the provider; another one may take its place")
        for action in actions.choices.values():
            action.add_argument("email")

    def handle(self, *, action: str, email: str, **options: Any) -> None:
        """Do it for the person."""
        try:
            user = find_user(email)
        except AccessError as error:
            raise CommandError(str(error)) from None
        record_in_each_tenant(user, RECORDED[action], actor=operator())
        if action == "password-link":
            self.stdout.write(password_link(user, origin=options["origin"]))
            return
        if action == "unlink":
            self.stdout.write(f"{user.email} is tied to no identity any more; there were {unlink(user)}.")
            return
        set_active(user, active=action == "unlock")
        self.stdout.write(
            f"{user.email} may {'sign in again' if action == 'unlock' else 'not sign in any more'}."
        )
