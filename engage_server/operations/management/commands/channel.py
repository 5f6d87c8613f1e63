"""Make channels that messages go by, change their secrets and try them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from engage_server.audit.management.base import TenantActionsCommand
from engage_server.automation.channels import Channel, ChannelKind, channels
from engage_server.automation.exceptions import AutomationError
from engage_server.automation.payloads import PayloadShape
from engage_server.definitions.exceptions import DefinitionsError
from engage_server.operations import channels as operations
from engage_server.plugin_host.exceptions import SealingError
from engage_server.tenancy.scope import TenantRef


class Command(TenantActionsCommand):
    """Make channels that messages go by, change their secrets and try them."""

    expected = (AutomationError, DefinitionsError, SealingError)
    active_only = True
    help = "List, make, try and end a tenant's channels. A webhook's secret is shown once."

    def add_actions(self, actions: Any) -> None:
        """One sub-command for each thing that can be done; channels go by name."""
        actions.add_parser("list", help="the channels")
        making = actions.add_parser("create", help="make a channel")
        making.add_argument("name")
        making.add_argument("--kind", choices=[kind.value.lower() for kind in ChannelKind], required=True)
        making.add_argument("--url", help="of a webhook or of Slack's incoming webhook")
        making.add_argument(
            "--shape",
            type=str.upper,
            choices=[shape.value for shape in PayloadShape],
            help="in which form a webhook gets messages",
        )
        making.add_argument(
            "--credential-file", type=Path, help="a file with the token that a webhook's receiver demands"
        )
        making.add_argument(
            "--client-id", help="of marketo: for whom it gives tokens; the credential is the client's secret"
        )
        making.add_argument("--to", action="append", metavar="ADDRESS", help="of mail; repeat for more")
        making.add_argument("--sender", metavar="NAME", help="of mail: the name that it comes from")
        making.add_argument("--reply-to", metavar="ADDRESS", help="of mail: where answers go")
        making.add_argument("--per-minute", type=int)
        making.add_argument("--note")
        for name, text in (
            ("rotate", "give a webhook a new secret; the former one signs as well"),
            ("end-former", "sign by the new secret alone"),
            ("try", "send a message that says that it works"),
            ("retire", "end a channel"),
        ):
            actions.add_parser(name, help=text).add_argument("name")

    def run(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        """Call the method of the sub-command."""
        getattr(self, f"_{options['subcommand'].replace('-', '_')}")(tenant, options)

    def _list(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        for one in channels():
            self._line(one)

    def _create(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        body: dict[str, Any] = {"kind": options["kind"].upper()}
        for field in ("url", "to", "sender", "reply_to", "per_minute", "note", "shape", "client_id"):
            if options[field] is not None:
                body[field] = options[field]
        if options["credential_file"] is not None:
            body["credential"] = _content(options["credential_file"])
        self._made(operations.create_channel(options["name"], body))

    def _rotate(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        self._made(operations.rotate_secret(_named(options["name"]).number))

    def _end_former(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        self._line(operations.end_former_secret(_named(options["name"]).number))

    def _try(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        written = operations.try_channel(_named(options["name"]).number)
        self.stdout.write(f"Delivery {written.pk} waits for a worker; `delivery list` tells what came of it.")

    def _retire(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        former = operations.retire_channel(_named(options["name"]).number)
        self.stdout.write(f"{former.name} is no channel any more.")

    def _made(self, made: operations.MadeChannel) -> None:
        self._line(made.channel)
        if made.secret is not None:
            self.stdout.write(f"Its secret, shown this once: {made.secret}")

    def _line(self, one: Channel) -> None:
        body = one.body
        whither = {
            ChannelKind.WEBHOOK: body.url,
            ChannelKind.SLACK: "Slack",
            ChannelKind.MAIL: ", ".join(body.to),
            ChannelKind.PERSONS: "whom a message is about",
        }
        self.stdout.write(
            f"{one.number:>4}  {one.name}  {body.kind} to {whither[body.kind]}, {body.per_minute} a minute at most"
        )


def _content(path: Path) -> str:
    try:
        return path.read_text().strip()
    except (OSError, ValueError) as error:
        raise CommandError(f"It cannot be read: {error}. Remedy: a file with the token alone.") from error


def _named(name: str) -> Channel:
    found = next((one for one in channels() if one.name == name), None)
    if found is None:
        raise CommandError(f"There is no channel {name!r}. Remedy: `channel list` tells those there are.")
    return found
