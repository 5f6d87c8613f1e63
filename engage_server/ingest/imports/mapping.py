"""Says which columns of a file feed which target fields, and refuses what does not fit before anything is read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from engage_server.ingest.imports.columns import Context, Parser
from engage_server.ingest.imports.entries import split_entries
from engage_server.ingest.imports.exceptions import MappingError
from engage_server.ingest.imports.kinds import EXTRA_TYPES, Field, Kind
from engage_server.ingest.imports.suggestions import suggestion

JOIN: Final = "+"


@dataclass(frozen=True, slots=True)
class MappingOptions:
    """What the user said: target → column(s), target → constant, and columns that become JSON."""

    columns: Mapping[str, str]
    constants: Mapping[str, str]
    extras: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Extra:
    """A column that becomes a property or trait of the same name."""

    column: str
    parse: Parser


@dataclass(frozen=True, slots=True)
class Plan:
    """A mapping that fits the file. ``columns`` gives for each mapped field the columns that are joined for it."""

    kind: Kind
    columns: Mapping[str, tuple[str, ...]]
    constants: Mapping[str, Any]
    extras: tuple[Extra, ...]

    @property
    def needed(self) -> tuple[str, ...]:
        """Every column that has to be read, once, in a stable order."""
        mapped = [column for columns in self.columns.values() for column in columns]
        return tuple(dict.fromkeys([*mapped, *(extra.column for extra in self.extras)]))


def pairs(arguments: Sequence[str]) -> dict[str, str]:
    """``["a=b,c=d", "e=f"]`` as a dictionary; quotes as in CSV: ``a=b,"c=d, or e"``.

    Raises:
        MappingError: an entry has no ``=``, or a target occurs twice.
    """
    found: dict[str, str] = {}
    for entry in split_entries(arguments):
        target, equals, value = (part.strip() for part in entry.partition("="))
        if not (target and equals and value):
            raise MappingError(
                f"Cannot read {entry!r}. Remedy: write target=column, separated by commas; an entry that has a "
                'comma or begins with a quote is quoted as in CSV, e.g. "score=Well, how likely?".'
            )
        if target in found:
            raise MappingError(f"The target {target!r} is given twice. Remedy: keep one of them.")
        found[target] = value
    return found


def parse_options(options: Mapping[str, Any]) -> MappingOptions:
    """The mapping in the options of a command line.

    Raises:
        MappingError: see ``pairs``.
    """
    extras = options["properties"] or options["traits"]
    return MappingOptions(
        pairs(options["map"]),
        pairs(options["set"]),
        [name.strip() for name in split_entries([extras]) if name.strip()],
    )


def resolve(
    kind: Kind,
    available: Sequence[str],
    options: MappingOptions,
    context: Context,
    *,
    repeated: Sequence[str] = (),
    may_have_more: bool = False,
) -> Plan:
    """Fit the user's options to the columns of the file; an unmapped target takes the column of its own name.

    ``repeated`` names stand over several columns, so that none of them can be asked for. With ``may_have_more`` a
    target takes the column of its own name also if that appears only later.

    Raises:
        MappingError: an unknown target or column, a required target without a column, an unreadable constant;
            names what the file has and a mapping to paste.
    """
    unknown = [target for target in (*options.columns, *options.constants) if kind.field(target) is None]
    both = options.columns.keys() & options.constants.keys()
    if unknown or both:
        raise MappingError(_target_fault(kind, unknown, both))
    columns = {target: _split(source, available) for target, source in options.columns.items()}
    for field in kind.fields:
        if field.name not in columns and field.name not in options.constants and field.name in available:
            columns[field.name] = (field.name,)
    extras = _extras(kind, options.extras, available)
    _refuse_repeated(kind, columns, options, extras, repeated)
    faults = _faults(kind, columns=columns, constants=options.constants, extras=extras, available=available)
    if faults:
        remedy = suggestion(kind, available=available, mapped=columns, constants=options.constants)
        raise MappingError(
            f"{'; '.join(faults)}. The file has the columns {', '.join(available)}. Remedy, for example: {remedy}"
        )
    if may_have_more:
        for field in kind.fields:
            if field.name not in options.constants:
                columns.setdefault(field.name, (field.name,))
    constants = {
        field.name: _constant(field, options.constants[field.name], context)
        for field in kind.fields
        if field.name in options.constants
    }
    return Plan(kind, columns, constants, extras)


def _split(source: str, available: Sequence[str]) -> tuple[str, ...]:
    """The columns that are joined: as few as there are, so that a column's own name may hold the sign too."""
    if source in available:
        return (source,)
    parts = source.split(JOIN)
    for end in range(len(parts) - 1, 0, -1):
        name = JOIN.join(parts[:end]).strip()
        if name in available:
            return name, *_split(JOIN.join(parts[end:]).strip(), available)
    return tuple(part.strip() for part in parts)


def _refuse_repeated(
    kind: Kind,
    columns: Mapping[str, tuple[str, ...]],
    options: MappingOptions,
    extras: Sequence[Extra],
    repeated: Sequence[str],
) -> None:
    asked = {column for sources in columns.values() for column in sources}
    asked |= {extra.column for extra in extras}
    asked |= {field.name for field in kind.fields if field.name not in {*columns, *options.constants}}
    if found := sorted(asked & set(repeated)):
        raise MappingError(
            f"Several columns are named {', '.join(map(repr, found))}, so that it cannot be told which is meant. "
            "Remedy: rename all but one of them in the file's first line."
        )


def _extras(kind: Kind, names: Sequence[str], available: Sequence[str]) -> tuple[Extra, ...]:
    if names and not kind.extras:
        raise MappingError(f"{kind.name} have neither properties nor traits. Remedy: leave the option out.")
    extras = []
    for name in names:
        column, colon, type_name = name.rpartition(":")
        if name in available or not colon:
            column, type_name = name, "as_is"
        if type_name not in EXTRA_TYPES:
            raise MappingError(f"Unknown type in {name!r}. Remedy: one of {', '.join(EXTRA_TYPES)}.")
        extras.append(Extra(column, EXTRA_TYPES[type_name]))
    return tuple(extras)


def _target_fault(kind: Kind, unknown: Sequence[str], both: set[str]) -> str:
    if both:
        return f"{', '.join(sorted(both))} is both mapped and set. Remedy: keep one of them."
    known = ", ".join(field.name for field in kind.fields)
    return f"{kind.name} have no target {', '.join(map(repr, unknown))}. Remedy: one of {known}."


def _faults(
    kind: Kind,
    *,
    columns: Mapping[str, tuple[str, ...]],
    constants: Mapping[str, str],
    extras: Sequence[Extra],
    available: Sequence[str],
) -> list[str]:
    wanted = [column for sources in columns.values() for column in sources]
    wanted += [extra.column for extra in extras]
    absent = [column for column in dict.fromkeys(wanted) if column not in available]
    given = columns.keys() | constants.keys()
    missing = [field.name for field in kind.fields if field.required and field.name not in given]
    if kind.one_of and not any(given >= set(group) for group in kind.one_of):
        missing.append(" or ".join(" with ".join(group) for group in kind.one_of))
    faults = []
    if absent:
        faults.append(f"There is no column {', '.join(map(repr, absent))}")
    if missing:
        faults.append(f"No column feeds {', '.join(missing)}")
    return faults


def _constant(field: Field, text: str, context: Context) -> Any:
    parsed = field.parse(pl.Series([text]), context)
    if parsed.problems:
        raise MappingError(f"--set {field.name}={text}: {text!r} {parsed.problems[0].reason}.")
    return parsed.values[0]
