"""Imports of files too long for one request: a request, the file in parts, and what a worker makes of it."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from operator import attrgetter, itemgetter
from typing import Any, Final, Self
from uuid import UUID

import msgspec
import strawberry

from engage_server.access.principal import Permission
from engage_server.api import ids
from engage_server.api.context import Context, Info
from engage_server.api.permissions import requires
from engage_server.api.types.imports import MAPPED, MappingInput, RowNotTaken, mapped
from engage_server.api.types.nodes import Node
from engage_server.api.types.pages import USUAL_PAGE, Connection, numbered, page, page_request
from engage_server.api.types.subjects import plain
from engage_server.api.types.writes import WRITTEN_NODE, IdInput, WriteInput, WritePayload, carry_out_one
from engage_server.engine import models
from engage_server.ingest.imports import uploads
from engage_server.ingest.imports.exceptions import UnknownFileImportError
from engage_server.ingest.imports.exports import SHAPES
from engage_server.ingest.imports.kinds import KINDS
from engage_server.ingest.imports.requests import FileFormat, ImportFault, ImportRequest
from engage_server.operations import file_imports
from engage_server.operations.exceptions import UnknownRecordError
from engage_server.sdk.graphql import expose_enum

FILE_IMPORT: Final = "FileImport"
LIST: Final = "fileImports"
FileImportKind = StrEnum(  # type: ignore[misc]
    "FileImportKind", {name.upper(): name for name in [*sorted(KINDS), *sorted(SHAPES)]}
)
expose_enum(
    FileImportKind,
    name="FileImportKind",
    description="What the rows are, as in `ImportKind`, or the tool whose export of events is taken as it is.",
)
expose_enum(
    FileFormat,
    name="FileFormat",
    description="How a file is written; docs/importing.md says how each is read.",
)
expose_enum(
    ImportFault,
    name="FileImportFault",
    description="Why an import failed. GIVEN_UP: workers died at the same rows again and again. PERSON_ERASED: somebody was "
    "erased meanwhile, whom the file may name.",
)
expose_enum(
    models.FileImport.State,
    name="FileImportState",
    description="UPLOADING takes parts; WAITING and RUNNING are a worker's; DONE, FAILED and CANCELLED are final.",
)


@strawberry.type(name=FILE_IMPORT, description="A file that is imported by a worker, kept for a week.")
class FileImportNode(Node):
    kind: FileImportKind
    format: FileFormat
    source: str
    check_only: bool = strawberry.field(description="Its rows are looked at, and none is stored.")
    state: models.FileImport.State
    upload_path: str = strawberry.field(
        description="PUT part n of the file to this path, a slash and n at the same host, with the same key."
    )
    bytes: int = strawberry.field(description="That have come of the file.")
    progress: float = strawberry.field(description="Share of the file that was read, 0 to 1.")
    read: int = strawberry.field(
        description="Rows so far: read = stored + duplicates + described + rejected."
    )
    stored: int = strawberry.field(description="With `checkOnly`: that could be.")
    duplicates: int = strawberry.field(description="Known already, with the same content.")
    described: int = strawberry.field(description="Rows of another tool's export that hold no event.")
    incomplete: int = strawberry.field(description="Of those stored, without a part that could not be kept.")
    rejected: int = strawberry.field(description="That cannot be taken as they are.")
    dropped: int = strawberry.field(
        description="Of those rejected, kept nowhere to protect their persons: nothing is wrong with them."
    )
    author: str = strawberry.field(description="Who ordered it, as in the audit log.")
    created_at: datetime
    started_at: datetime | None = strawberry.field(description="When the file was whole.")
    finished_at: datetime | None
    code: ImportFault | None = strawberry.field(description="Why it failed; null where it did not.")
    error: str | None
    number: strawberry.Private[UUID]

    @strawberry.field(
        description="The rows that were not taken whole, in the file's order: the first 10,000 at most. Below `uploadPath`, "
        "/refused gives them as lines to correct and import again."
    )
    def refused(
        self,
        info: Info,
        first: int | None = USUAL_PAGE,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Connection[RowNotTaken]:
        shows = info.context.principal.may(Permission.PERSONAL_READ)
        rows = [
            msgspec.json.decode(line)
            for piece in uploads.rejects_of(self.number)
            for line in piece.splitlines()
        ]
        return numbered(
            rows,
            of="fileImportRefused",
            asked=page_request(first, after, last, before),
            key=itemgetter("_row"),
            nodes=lambda found: [
                RowNotTaken(row=one["_row"], code=one["_code"], message=one["_message"] if shows else None)
                for one in found
            ],
        )

    @classmethod
    def of(cls, row: models.FileImport, context: Context) -> Self:
        """The node of an import of the context's tenant."""
        request, tally = uploads.request_of(row), uploads.tally_of(row)
        id = ids.global_id(FILE_IMPORT, tenant_id=context.tenant.id, pk=row.id)
        return cls(
            id=strawberry.ID(id),
            kind=FileImportKind(request.kind),
            format=request.format,
            source=request.source,
            check_only=request.dry_run,
            state=models.FileImport.State(row.state),
            upload_path=f"/graphql/imports/{id}",
            bytes=row.size,
            progress=row.progress,
            author=row.author,
            created_at=row.created_at,
            started_at=row.started_at,
            finished_at=row.finished_at,
            code=ImportFault(row.code) if row.code else None,
            error=row.error or None,
            number=row.id,
            **msgspec.to_builtins(tally),
        )


def import_node(context: Context, number: UUID) -> FileImportNode | None:
    """The import of this number; None where there is none."""
    row = _kept(number)
    return None if row is None else FileImportNode.of(row, context)


@strawberry.type
class FileImportQuery:
    @strawberry.field(
        description="Imports of files by request, the newest first.",
        extensions=[requires(Permission.EVENTS_WRITE)],
    )
    def file_imports(
        self,
        info: Info,
        first: int | None = USUAL_PAGE,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Connection[FileImportNode]:
        asked = page_request(first, after, last, before)
        place = None if asked.cursor is None else ids.uuid_before(asked.cursor, of=LIST)

        def nodes(found: Sequence[models.FileImport]) -> list[FileImportNode]:
            return [FileImportNode.of(row, info.context) for row in found]

        return page(
            uploads.newest(asked.size + 1, place=place, is_backwards=asked.is_backwards),
            of=LIST,
            asked=asked,
            key=attrgetter("id"),
            nodes=nodes,
            count=uploads.count,
        )

    @strawberry.field(description="One import of a file.", extensions=[requires(Permission.EVENTS_WRITE)])
    def file_import(self, info: Info, id: strawberry.ID) -> FileImportNode:
        found = _kept(_number(info.context, id))
        if found is None:
            raise _unknown()
        return FileImportNode.of(found, info.context)


@strawberry.input(
    description="What a file is, and what its columns mean: as the options of `manage.py import`."
)
class OpenFileImportInput(WriteInput):
    kind: FileImportKind
    format: FileFormat
    is_packed: bool = strawberry.field(default=False, description="By gzip; not of Parquet.")
    mapping: MappingInput | None = strawberry.field(default=None, description=MAPPED)
    separator: str | None = strawberry.field(
        default=None, description="Of CSV: one character, or `tab`; null: found in the file."
    )
    encoding: str | None = strawberry.field(
        default=None, description="Of a text, such as cp1252; null: UTF-8, or what its first bytes say."
    )
    null_words: list[str] = strawberry.field(
        default_factory=list, description="Words that stand for a blank value, beside the usual ones."
    )
    exact: bool = strawberry.field(
        default=False, description="Texts as they stand, as in the files of `tenant export`."
    )
    source: str = strawberry.field(
        default="import", description="Events are unique by source and message id."
    )
    check_only: bool = strawberry.field(default=False, description="Look at every row, and store none.")

    def as_request(self) -> ImportRequest:
        """The same for the operation.

        Raises:
            BadUserInputError: as ``MappingInput.mapped``.
        """
        return ImportRequest(
            kind=self.kind.value,
            format=self.format,
            is_packed=self.is_packed,
            separator=None if self.separator is None else plain(self.separator),
            encoding=None if self.encoding is None else plain(self.encoding),
            null_words=tuple(plain(one) for one in self.null_words),
            exact=self.exact,
            source=plain(self.source),
            dry_run=self.check_only,
            **mapped(self.mapping),
        )


@strawberry.input(description="The import whose file is whole.")
class StartFileImportInput(IdInput):
    bytes: int = strawberry.field(description="Of all parts together, so that none is missing.")


@strawberry.type(description="The import as it is now.")
class FileImportPayload(WritePayload):
    file_import: FileImportNode | None = strawberry.field(description=WRITTEN_NODE)


@strawberry.type
class FileImportMutation:
    @strawberry.mutation(
        description=f"Begin to import a file of up to {uploads.MOST_BYTES // 2**20} MiB, as it is sent: then PUT it "
        f"in parts of at most {uploads.MOST_PART_BYTES // 2**20} MiB to `uploadPath`, and start it. "
        f"{uploads.MOST_OPEN} may be under way at once.",
        extensions=[requires(Permission.EVENTS_WRITE)],
    )
    def open_file_import(self, info: Info, input: OpenFileImportInput) -> FileImportPayload:
        request = input.as_request()
        return FileImportPayload(**_written(info, input, lambda: file_imports.open_import(request)))

    @strawberry.mutation(
        description="Have a worker store the rows of a file that has come as a whole. They count against the limits of "
        "events: where these are used up, the import waits.",
        extensions=[requires(Permission.EVENTS_WRITE)],
    )
    def start_file_import(self, info: Info, input: StartFileImportInput) -> FileImportPayload:
        number = _number(info.context, input.id)
        return FileImportPayload(
            **_written(info, input, lambda: file_imports.start_import(number, input.bytes))
        )

    @strawberry.mutation(
        description="End an import that is not over: its file goes, what is stored stays.",
        extensions=[requires(Permission.EVENTS_WRITE)],
    )
    def cancel_file_import(self, info: Info, input: IdInput) -> FileImportPayload:
        number = _number(info.context, input.id)
        return FileImportPayload(**_written(info, input, lambda: file_imports.cancel_import(number)))


def _written(info: Info, given: WriteInput, change: Any) -> dict[str, Any]:
    return carry_out_one(
        info,
        given,
        change,
        name="file_import",
        node=lambda row: FileImportNode.of(row, info.context),
        fact=lambda row: str(row.id),
        again=lambda id: _kept(UUID(id)),
    )


def _kept(number: UUID) -> models.FileImport | None:
    try:
        return uploads.file_import(number)
    except UnknownFileImportError:
        return None


def _number(context: Context, id: str) -> UUID:
    number = ids.uuid_of(id, type_name=FILE_IMPORT, tenant_id=context.tenant.id)
    if number is None:
        raise _unknown()
    return number


def _unknown() -> UnknownRecordError:
    return UnknownRecordError(
        "There is no such import. Remedy: the id that `openFileImport` gave.", field="id"
    )
