"""The mutation that imports a small table, as ``manage.py import`` does files."""

from enum import StrEnum
from typing import Any, Final, Self, TypedDict, cast

import strawberry
from pydantic import JsonValue

from engage_server.access.principal import Permission
from engage_server.api.context import Info
from engage_server.api.exceptions import BadUserInputError
from engage_server.api.permissions import requires
from engage_server.api.types.event_writes import spend_events
from engage_server.api.types.subjects import plain
from engage_server.api.types.writes import WriteInput, WritePayload, carry_out
from engage_server.ingest.imports.kinds import KINDS
from engage_server.ingest.items import Reject
from engage_server.operations import pasted_rows
from engage_server.operations.writes import Facts
from engage_server.sdk.graphql import expose_enum

MOST_SHOWN: Final = 100
MAPPED: Final = "What its columns mean; null: each target takes the column of its own name."
ImportKind = StrEnum("ImportKind", {name.upper(): name for name in sorted(KINDS)})  # type: ignore[misc]
expose_enum(
    ImportKind,
    name="ImportKind",
    description="What the rows are; `manage.py import --help` lists the target fields of each.",
)


class Mapped(TypedDict):
    """Names of columns and constants by their targets, and the columns that are kept beside them."""

    columns: dict[str, str]
    constants: dict[str, str]
    extras: tuple[str, ...]


@strawberry.input(description="Which column of the table feeds a target field.")
class ColumnInput:
    target: str = strawberry.field(description="Name of the field, such as `external_id`.")
    column: str = strawberry.field(description="A column's name, or several with `+` between them.")


@strawberry.input(description="A target field that is the same in every row.")
class ConstantInput:
    target: str = strawberry.field(description="Name of the field.")
    value: str = strawberry.field(description="As it would stand in the table.")


@strawberry.input(
    description="What columns mean. A target that none is named for takes that of its own name."
)
class MappingInput:
    columns: list[ColumnInput] = strawberry.field(
        default_factory=list, description="Columns of other names than their targets."
    )
    constants: list[ConstantInput] = strawberry.field(
        default_factory=list, description="What stands in no column."
    )
    keep: list[str] = strawberry.field(
        default_factory=list,
        description="Columns that are kept as properties of an event, or as traits of a person or account: `name`, "
        "`name:number`, `name:bool` or `name:text`.",
    )

    def mapped(self) -> Mapped:
        """The same for the operations.

        Raises:
            BadUserInputError: a target is named twice, or a text is none that can be stored.
        """
        targets = [*(one.target for one in self.columns), *(one.target for one in self.constants)]
        if len(set(targets)) < len(targets):
            raise BadUserInputError("A target is named twice. Remedy: one column or one constant for each.")
        return Mapped(
            columns={plain(one.target): plain(one.column) for one in self.columns},
            constants={plain(one.target): plain(one.value) for one in self.constants},
            extras=tuple(plain(one) for one in self.keep),
        )


@strawberry.input(description="A table of at most 1,000 rows, and what its columns mean.")
class ImportRowsInput(WriteInput):
    kind: ImportKind
    csv: str = strawberry.field(description="The table with a header, at most 65,536 characters.")
    mapping: MappingInput | None = strawberry.field(default=None, description=MAPPED)
    separator: str | None = strawberry.field(
        default=None, description="One character, or `tab`; null: found in the table."
    )
    source: str = strawberry.field(
        default="import", description="Events are unique by source and message id."
    )

    def as_rows(self) -> pasted_rows.PastedRows:
        """The same for the operation.

        Raises:
            BadUserInputError: as ``MappingInput.mapped``.
        """
        return pasted_rows.PastedRows(
            kind=self.kind.value,
            csv=plain(self.csv),
            separator=self.separator,
            source=plain(self.source),
            **mapped(self.mapping),
        )


def mapped(given: MappingInput | None) -> Mapped:
    """What columns mean; nothing where nothing is said.

    Raises:
        BadUserInputError: as ``MappingInput.mapped``.
    """
    return (given or MappingInput()).mapped()


@strawberry.type(description="A row that was not taken, or not whole.")
class RowNotTaken:
    row: int = strawberry.field(description="Its place in the table, from 1, without the header.")
    code: str = strawberry.field(description="Why, as in the file of rejects of `manage.py import`.")
    message: str | None = strawberry.field(
        description="May quote the row: of a file's import null without `personal:read`. Null for a repetition under the "
        "same key."
    )

    @classmethod
    def of(cls, kept: Any, message: str | None) -> Self:
        """The node of what the facts keep."""
        return cls(row=kept["row"], code=kept["code"], message=message)


@strawberry.type(description="What became of the rows: read = stored + duplicates + rejected.")
class ImportPayload(WritePayload):
    messages: strawberry.Private[list[str]]

    @strawberry.field(description="Rows of the table, without its header.")
    def read(self) -> int:
        return self.number("read")

    @strawberry.field(description="With `dryRun`: that would be.")
    def stored(self) -> int:
        return self.number("stored")

    @strawberry.field(description="Known already, with the same content.")
    def duplicates(self) -> int:
        return self.number("duplicates")

    @strawberry.field(description="Of those stored, without a part that could not be kept.")
    def incomplete(self) -> int:
        return self.number("incomplete")

    @strawberry.field(description="That cannot be taken as they are.")
    def rejected(self) -> int:
        return self.number("rejected")

    @strawberry.field(
        description=f"The first {MOST_SHOWN} that were not taken whole: correct them, and send them once more."
    )
    def not_taken(self) -> list[RowNotTaken]:
        kept = cast("list[JsonValue]", self.written.facts["not_taken"])
        return [
            RowNotTaken.of(one, self.messages[place] if place < len(self.messages) else None)
            for place, one in enumerate(kept)
        ]


@strawberry.type
class ImportMutation:
    @strawberry.mutation(
        description="Import a small table, row by row as `manage.py import` does a file: accounts, persons, memberships, "
        "subscriptions, answers, money or events. They count against the limits of events. `dryRun` says which rows "
        "would be refused.",
        extensions=[requires(Permission.EVENTS_WRITE)],
    )
    def import_rows(self, info: Info, input: ImportRowsInput) -> ImportPayload:
        given = input.as_rows()
        messages: list[str] = []

        def change() -> Facts:
            tally, rejects = pasted_rows.import_rows(given)
            shown: list[Reject] = rejects[:MOST_SHOWN]
            messages.extend(one.message for one in shown)
            return {
                "read": tally.read,
                "stored": tally.stored,
                "duplicates": tally.duplicates,
                "incomplete": tally.incomplete,
                "rejected": tally.rejected,
                "not_taken": [{"row": one.index + 1, "code": one.code} for one in shown],
            }

        # Outside of the transaction: a portion that is taken back would be used twice.
        spend_events(info.context, min(pasted_rows.row_count(given.csv), pasted_rows.MOST_ROWS))
        return ImportPayload(messages=messages, **carry_out(info, input, change))
