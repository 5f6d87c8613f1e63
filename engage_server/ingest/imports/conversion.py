"""A batch of columns becomes items, and rejects for the rows that cannot."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import polars as pl

from engage_server.ingest.imports.columns import Column, Context, join_columns, texts
from engage_server.ingest.imports.exceptions import InvalidValueError
from engage_server.ingest.imports.kinds import Field
from engage_server.ingest.imports.mapping import Plan
from engage_server.ingest.imports.sources import Batch
from engage_server.ingest.items import Item, Reject


@dataclass(frozen=True, slots=True)
class Converted:
    """``rows`` says for each item which row of the batch it came from."""

    items: Sequence[Item]
    rows: Sequence[int]
    rejects: Sequence[Reject]


def convert(batch: Batch, plan: Plan, context: Context) -> Converted:
    """All rows of the batch, each either an item or a reject; a row's first fault is reported."""
    faults: dict[int, InvalidValueError] = {}
    columns: dict[str, list[Any]] = {}
    for field in plan.kind.fields:
        columns[field.name] = _field(field, batch, plan, context, faults)
    if plan.extras:
        columns[plan.kind.extras] = _extras(columns[plan.kind.extras], batch, plan, context, faults)
    items: list[Item] = []
    rows: list[int] = []
    names = tuple(columns)
    for row, values in enumerate(zip(*columns.values(), strict=True)):
        if row in faults:
            continue
        try:
            items.append(plan.kind.build(dict(zip(names, values, strict=True)), context.now))
            rows.append(row)
        except InvalidValueError as fault:
            faults[row] = fault
    return Converted(items, rows, [reject(batch, row, fault) for row, fault in sorted(faults.items())])


def reject(batch: Batch, row: int, fault: InvalidValueError) -> Reject:
    """The reject of one row, with what the file said."""
    payload = msgspec.json.encode(batch.record(row)).decode()
    return Reject(batch.places[row], fault.code, fault.reason, payload)


def _field(
    field: Field, batch: Batch, plan: Plan, context: Context, faults: dict[int, InvalidValueError]
) -> list[Any]:
    sources = plan.columns.get(field.name)
    if sources is None:
        return [plan.constants.get(field.name)] * len(batch.places)
    series = [batch.columns[source] for source in sources]
    column = series[0] if len(series) == 1 else join_columns(series)
    parsed = field.parse(column, context)
    label = f"{field.name} (column {'+'.join(sources)})"
    _note(faults, label, column, parsed)
    if field.required:
        blank = InvalidValueError("MISSING_FIELD", f"{label} is blank and has to be filled.")
        for row, value in enumerate(parsed.values):
            if value is None:
                faults.setdefault(row, blank)
    return parsed.values


def _extras(
    base: list[Any], batch: Batch, plan: Plan, context: Context, faults: dict[int, InvalidValueError]
) -> list[dict[str, Any]]:
    """The mapped JSON object of each row, overlaid with the extra columns that are not blank."""
    merged = [dict(value or {}) for value in base]
    for extra in plan.extras:
        column = batch.columns[extra.column]
        parsed = extra.parse(column, context)
        _note(faults, f"column {extra.column}", column, parsed)
        for target, value in zip(merged, parsed.values, strict=True):
            if value is not None:
                target[extra.column] = value
    return merged


def _note(faults: dict[int, InvalidValueError], label: str, column: pl.Series, parsed: Column) -> None:
    for row, problem in parsed.problems.items():
        cell = texts(column[row : row + 1])[0]
        message = f"{label} {_short(cell)} {problem.reason}."
        faults.setdefault(row, InvalidValueError(problem.code, message))


def _short(value: str | None, limit: int = 80) -> str:
    text = value or ""
    return repr(text if len(text) <= limit else text[:limit] + "…")
