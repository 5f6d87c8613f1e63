"""Help people who cannot sign in, and keep out those who must not."""

from typing import Any

from django.core.management.base import CommandParser

from engage_server.access.exceptions import AccessError
from engage_server.access.users import find_user
from engage_server.audit.management.base import OperatorCommand
from engage_server.operations import users


class Command(OperatorCommand):
    """Help people who cannot sign in, and keep out those who must not."""

    expected = (AccessError,)
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

    def handle(self, *, action: str, email: str, origin: str = "", **options: Any) -> None:
        """Do it for the person."""
        user = find_user(email)
        match action:
            case "password-link":
                said = users.make_password_link(user, origin=origin)
            case "unlink":
                said = f"{user.email} is tied to no identity any more; there were {users.unlink(user)}."
            case "lock":
                users.lock(user)
                said = f"{user.email} may not sign in any more."
            case _:
                users.unlock(user)
                said = f"{user.email} may sign in again."
        self.stdout.write(said)
