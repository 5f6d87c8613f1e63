"""Register the GraphQL documents of a tenant's applications: the last step of their builds."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from engage_server.audit.management.base import TenantActionsCommand
from engage_server.definitions.documents import demands, digest_of, documents
from engage_server.definitions.exceptions import DefinitionsError
from engage_server.operations import documents as operations
from engage_server.tenancy.scope import TenantRef


class Command(TenantActionsCommand):
    """Register the GraphQL documents of a tenant's applications."""

    expected = (DefinitionsError,)
    active_only = True
    help = "List, register and retire trusted GraphQL documents; say who may send no others."

    def add_actions(self, actions: Any) -> None:
        """One sub-command for each thing that can be done; documents go by their ids."""
        actions.add_parser("list", help="the documents, and who may send no others")
        registering = actions.add_parser("register", help="add the documents of files")
        registering.add_argument(
            "files",
            nargs="+",
            type=Path,
            help="*.graphql, or manifests in JSON as Apollo, Relay and graphql-codegen write them",
        )
        actions.add_parser("retire", help="answer a document no more").add_argument("id")
        for action, said in (
            ("require", "of whom only registered documents are answered"),
            ("allow", "lift that"),
        ):
            whom = actions.add_parser(action, help=said)
            whom.add_argument("of", help="members, accounts or key:<public id>")

    def _list(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        for one in documents():
            self.stdout.write(f"{one.name}  {' '.join(one.body.text.split())[:60]}")
        for demand in demands():
            self.stdout.write(f"required of {demand.name}")

    def _register(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        texts = dict(_documents(options["files"]))
        fresh = operations.register_documents(texts)
        self.stdout.write(
            f"{len(fresh)} documents are new, {len(texts) - len(fresh)} were registered already."
        )

    def _retire(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        if not operations.retire_document(options["id"]):
            raise CommandError(f"There is no document {options['id']!r}. Remedy: list those there are.")
        self.stdout.write("It is answered no more.")

    def _require(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        operations.demand_documents(options["of"])
        self.stdout.write(f"Of {options['of']} only registered documents are answered.")

    def _allow(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        if not operations.lift_demand(options["of"]):
            raise CommandError(f"Nothing is required of {options['of']!r}. Remedy: list of whom it is.")
        self.stdout.write(f"Other documents of {options['of']} are answered, too.")


def _documents(files: Sequence[Path]) -> Iterator[tuple[str, str]]:
    """The documents of the files, by their ids.

    Raises:
        CommandError: a file cannot be read, or is no manifest that is known here.
    """
    for file in files:
        try:
            text = file.read_text(encoding="utf-8")
            manifest = json.loads(text) if file.suffix == ".json" else None
        except (OSError, ValueError) as error:
            raise CommandError(f"{file} cannot be read: {error}.") from None
        yield from [(digest_of(text), text)] if manifest is None else _of_manifest(file, manifest)


def _of_manifest(file: Path, manifest: Any) -> Iterator[tuple[str, str]]:
    """Apollo's has ``operations`` with ``id`` and ``body``; Relay's and graphql-codegen's have texts by ids."""
    if isinstance(manifest, dict) and isinstance(manifest.get("operations"), list):
        manifest = {one.get("id"): one.get("body") for one in manifest["operations"] if isinstance(one, dict)}
    if not isinstance(manifest, dict) or not all(
        isinstance(part, str) for pair in manifest.items() for part in pair
    ):
        raise CommandError(
            f"{file} is no manifest of documents. Remedy: an object with texts by ids, or Apollo's with `operations`."
        )
    yield from manifest.items()
