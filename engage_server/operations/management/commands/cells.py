"""Look at the installations beside this one, and write what a proxy in front of them needs."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from engage_server.audit.management.base import OperatorCommand
from engage_server.operations.routes.directory import directory
from engage_server.operations.routes.proxies import FORMATS, PORT
from engage_server.tenancy.cells import cells

PORTS = range(1, 65536)


class Command(OperatorCommand):
    """Look at the installations beside this one, and write what a proxy in front of them needs."""

    help = "List the cells; write the routes of a proxy that sends each request to the cell where its tenant lives."

    def add_arguments(self, parser: CommandParser) -> None:
        """One sub-command for each thing that can be done."""
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser("list", help="names and addresses")
        routes = actions.add_parser("routes", help="write a proxy's configuration; again after each move")
        routes.add_argument("--format", choices=sorted(FORMATS), required=True)
        routes.add_argument(
            "--to", type=Path, required=True, metavar="FOLDER", help="where the proxy reads them"
        )
        routes.add_argument("--port", type=int, default=PORT, help="on which the proxy listens")

    def handle(self, *, action: str, **options: Any) -> None:
        """Call the sub-command."""
        getattr(self, f"_{action}")(options)

    def _list(self, options: Mapping[str, Any]) -> None:
        for one in cells().values():
            self.stdout.write(f"{one.name:<17}{one.address}")

    def _routes(self, options: Mapping[str, Any]) -> None:
        folder, port = options["to"].absolute(), options["port"]
        if not folder.is_dir():
            raise CommandError(f"There is no folder {folder}. Remedy: make it, readable by the proxy.")
        if port not in PORTS:
            raise CommandError("A port is a number from 1 to 65535.")
        found = directory()
        for name, text in FORMATS[options["format"]](found, folder=str(folder), port=port).items():
            _replace(folder / name, text)
        self.stdout.write(
            f"{len(found.hosts)} hosts and {len(found.keys)} keys that live elsewhere than their text says, over "
            f"{len(found.cells)} cells. Reload the proxy."
        )


def _replace(path: Path, text: str) -> None:
    """Whole or not at all: the proxy may be reading."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as file:
        file.write(text)
    written = Path(file.name)
    written.chmod(0o644)  # no secret is in it, and the proxy runs as another user
    written.replace(path)
