"""Import customers' files: events, accounts, persons, memberships, subscriptions, responses, other tools' exports."""

import sys
from argparse import RawDescriptionHelpFormatter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec
from django.conf import settings
from django.core.management.base import CommandError, CommandParser, DjangoHelpFormatter
from django.db import DatabaseError, OperationalError

from engage_server.activity.sources import source_kind
from engage_server.audit.management.base import TenantCommand
from engage_server.ingest.imports import exports, kinds, mapping, progress, runner
from engage_server.ingest.imports.columns import Context
from engage_server.ingest.imports.csv_files import NULL_WORDS
from engage_server.ingest.imports.csv_separators import NAMES, separator_of
from engage_server.ingest.imports.exceptions import ImportFileError
from engage_server.ingest.imports.export_runner import ExportFile, run_export
from engage_server.ingest.imports.formats import open_source, require_unchanged
from engage_server.ingest.imports.rejects import RejectFile
from engage_server.ingest.imports.sources import Reading, Source
from engage_server.tenancy.scope import TenantRef

BATCH_ROWS: Final = 5_000
SOURCE_LENGTH: Final = 63
NOT_ALL_TAKEN: Final = 3  # exit status; 1 is a failure, 2 a mistake in the options
EPILOG: Final = f"""target fields (* required; a target without --map takes the column of its own name):

{kinds.table()}

exports of other tools' events, as they are (a JSON object a line, also .gz; no --map):

{exports.table()}

A text target can join columns: external_id=response_id+question gives "r1:nps".
Times: ISO 8601; without offset they are local to the tenant; 9 to 13 digits are seconds or milliseconds.
A column whose name has a comma is named as in CSV: --map 'person=Email,"score=Well, how likely?"'.
Importing a file twice stores nothing twice. Rows that cannot be taken go to the rejects file; the exit status is then
{NOT_ALL_TAKEN}, 1 if nothing was taken or the file cannot be read, and 0 only if every row was taken whole.
"""


class _HelpFormatter(DjangoHelpFormatter, RawDescriptionHelpFormatter):
    """Keeps the table of fields as it is."""


class Command(TenantCommand):
    """Read a file, map its columns, store its rows, set aside those that cannot be taken."""

    expected = (ImportFileError, OSError, DatabaseError)
    active_only = True
    help = "Import a CSV, NDJSON or Parquet file (text also as .gz) into a tenant."

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Django's, with the table of fields below the options."""
        return super().create_parser(
            prog_name, subcommand, formatter_class=_HelpFormatter, epilog=EPILOG, **kwargs
        )

    def add_arguments(self, parser: CommandParser) -> None:
        """What, from where, to whom, and how columns become fields."""
        parser.add_argument("kind", choices=[*sorted(kinds.KINDS), *exports.SHAPES])
        parser.add_argument("file", type=Path)
        super().add_arguments(parser)
        parser.add_argument("--map", action="append", default=[], metavar="target=column,…")
        parser.add_argument("--set", action="append", default=[], metavar="target=value,…")
        extras = parser.add_mutually_exclusive_group()
        extras.add_argument(
            "--properties",
            default="",
            metavar="column[:number|bool|text],…",
            help="columns kept with an event",
        )
        extras.add_argument(
            "--traits",
            default="",
            metavar="column[:number|bool|text],…",
            help="columns kept with a person or account",
        )
        parser.add_argument(
            "--null",
            action="append",
            default=[],
            metavar="WORD",
            help="a word that stands for a blank value; in CSV these do anyhow: "
            + " ".join(sorted(NULL_WORDS)),
        )
        parser.add_argument(
            "--separator", help=f"of a CSV file: one character, or {', '.join(NAMES)}; default: found in it"
        )
        parser.add_argument(
            "--exact",
            action="store_true",
            help="texts as they stand, as in the Parquet files of `tenant export`",
        )
        parser.add_argument("--encoding", help="of a text file; default: UTF-8, or what its first bytes say")
        parser.add_argument("--source", default="import", help="events are unique by source and message id")
        parser.add_argument("--batch-size", type=int, default=BATCH_ROWS, help="rows per transaction")
        parser.add_argument("--rejects", type=Path, help="default: <name>.rejects.ndjson, here")
        parser.add_argument("--dry-run", action="store_true", help="check every row, store none")
        parser.add_argument("--json", action="store_true", help="print the summary as JSON")

    def explain(self, error: Exception) -> str:
        """What is wrong with the file, or that the database gave up."""
        if isinstance(error, OperationalError):
            return f"The database gave up: {error}. Remedy: import the file again; nothing is stored twice."
        if isinstance(error, DatabaseError):
            return (
                f"The database refuses every row of a batch, and none is to blame: {error}. The batches before are "
                "stored. Remedy: report this; then import the file again, nothing is stored twice."
            )
        return super().explain(error)

    def run(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        """Import, print the summary; fails unless every row was taken whole."""
        file = options["file"]
        with RejectFile(_rejects_path(file, options)) as rejects, require_unchanged(file):
            tally = self._import(file, tenant, rejects, options)
        where = str(rejects.path) if tally.rejected or tally.incomplete else None
        self._print(tally, where, options)
        if tally.faulty and tally.faulty == tally.read:
            raise CommandError(f"No row could be taken. Remedy: read the reasons in {where}.")
        if tally.faulty or tally.incomplete:
            raise CommandError(
                f"{tally.faulty:,} rows were not taken, {tally.incomplete:,} not whole; all others are stored. "
                f"Remedy: correct them in {where} and import that file with the same mapping.",
                returncode=NOT_ALL_TAKEN,
            )

    def _import(
        self, file: Path, tenant: TenantRef, rejects: RejectFile, options: Mapping[str, Any]
    ) -> runner.Tally:
        if options["batch_size"] < 1 or not 0 < len(options["source"]) <= SOURCE_LENGTH:
            raise CommandError(
                f"--batch-size has to be at least 1, and --source 1 to {SOURCE_LENGTH} characters long."
            )
        if options["kind"] in exports.SHAPES:
            return self._import_export(file, tenant, rejects, options)
        source: Source = open_source(file, _reading(options))
        for note in source.notes:
            self.stderr.write(f"{file.name}: {note}")
        context = Context(
            zone=tenant.zone,
            now=datetime.now(UTC),
            future_tolerance=timedelta(seconds=settings.ENGAGE_FUTURE_TOLERANCE_S),
            placeholder_ids=tenant.placeholder_ids,
            exact=options["exact"],
        )
        plan = mapping.resolve(
            kinds.KINDS[options["kind"]],
            source.columns,
            mapping.parse_options(options),
            context,
            repeated=source.repeated,
            may_have_more=source.may_have_more,
        )
        with progress.show_progress(source, sys.stderr) as report:
            _require_live(options["source"])
            return runner.run(
                source,
                plan,
                context=context,
                source_name=options["source"],
                batch_size=options["batch_size"],
                rejects=rejects,
                dry_run=options["dry_run"],
                progress=report,
            )

    def _import_export(
        self, file: Path, tenant: TenantRef, rejects: RejectFile, options: Mapping[str, Any]
    ) -> runner.Tally:
        if any(options[name] for name in ("map", "set", "properties", "traits", "null", "separator")):
            raise CommandError(
                "An export of another tool is taken as it is. Remedy: no mapping, columns, null words or separator."
            )
        source = ExportFile(file, options["encoding"])
        with progress.show_progress(source, sys.stderr) as report:
            _require_live(options["source"])
            return run_export(
                source,
                exports.SHAPES[options["kind"]],
                now=datetime.now(UTC),
                source_name=options["source"],
                batch_size=options["batch_size"],
                rejects=rejects,
                dry_run=options["dry_run"],
                progress=report,
            )

    def _print(self, tally: runner.Tally, rejects: str | None, options: Mapping[str, Any]) -> None:
        if options["json"]:
            summary = {**msgspec.to_builtins(tally), "rejects": rejects, "dry_run": options["dry_run"]}
            self.stdout.write(msgspec.json.encode(summary).decode())
            return
        stored = "could be stored" if options["dry_run"] else "stored"
        self.stdout.write(
            f"read {tally.read:,} · {stored} {tally.stored:,} · duplicate {tally.duplicates:,} · "
            f"rejected {tally.rejected:,}"
        )
        if tally.described:
            self.stdout.write(f"persons and accounts described in {tally.described:,} rows")
        if tally.incomplete:
            self.stdout.write(f"of the stored, incomplete {tally.incomplete:,}")
        if rejects:
            self.stdout.write(f"rejects: {rejects}")


def _require_live(source: str) -> None:
    if source_kind(source).is_test:
        raise CommandError(
            f"{source!r} is a test source, and what is imported counts. Remedy: another --source."
        )


def _reading(options: Mapping[str, Any]) -> Reading:
    separator = options["separator"]
    return Reading(
        encoding=options["encoding"],
        separator=None if separator is None else separator_of(separator),
        null_words=frozenset(options["null"]),
    )


def _rejects_path(file: Path, options: Mapping[str, Any]) -> Path:
    stem = file.name.removesuffix(".gz")
    path: Path = options["rejects"] or Path(Path(stem).stem + ".rejects.ndjson")
    if path.resolve() == file.resolve():
        raise CommandError(
            "The rejects would overwrite the file itself. Remedy: name another with --rejects."
        )
    return path
