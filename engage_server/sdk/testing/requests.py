"""Compute requests from plain rows."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from engage_server.sdk.compute import ComputeRequest, Window
from engage_server.sdk.inputs import InputSpec
from engage_server.sdk.manifest import Manifest, PluginConfig

DAY = date(2026, 6, 30)
"""The day of a request for which none is named."""


def frame(spec: InputSpec, rows: Iterable[Mapping[str, Any]] = ()) -> pl.DataFrame:
    """A frame of the specification's columns; columns that a row leaves out are null, times and amounts may be text.

    Raises:
        ValueError: a row has a column that the specification does not know.
    """
    rows = list(rows)
    unknown = {key for row in rows for key in row} - set(spec.columns)
    if unknown:
        raise ValueError(
            f"{type(spec).__name__} has no column {', '.join(sorted(unknown))}; "
            f"it has {', '.join(spec.columns)}."
        )
    complete = [{key: _read(row.get(key), kind) for key, kind in spec.columns.items()} for row in rows]
    return pl.DataFrame(complete, schema=spec.columns)


def _read(value: Any, kind: Any) -> Any:
    if not isinstance(value, str):
        return value
    if kind.is_decimal():
        return Decimal(value)
    if not kind.is_temporal():
        return value
    return date.fromisoformat(value) if kind == pl.Date else datetime.fromisoformat(value)


def window_for(day: date, timezone: str = "UTC") -> Window:
    """The window of one calendar day in a zone."""
    zone = ZoneInfo(timezone)
    start = datetime(day.year, day.month, day.day, tzinfo=zone)
    following = day + timedelta(days=1)
    end = datetime(following.year, following.month, following.day, tzinfo=zone)
    return Window(day=day, start=start, end=end, timezone=timezone)


def request_for(
    manifest: Manifest,
    rows: Mapping[str, Iterable[Mapping[str, Any]]] | None = None,
    *,
    config: PluginConfig | None = None,
    day: date = DAY,
    timezone: str = "UTC",
) -> ComputeRequest[Any]:
    """A request with the given rows per input name; inputs that are left out are empty frames.

    Raises:
        ValueError: ``rows`` names an input that the manifest does not declare.
    """
    config = manifest.config() if config is None else config
    specs = manifest.inputs_for(config)
    rows = rows or {}
    unknown = set(rows) - set(specs)
    if unknown:
        raise ValueError(
            f"{manifest.id} declares no input {', '.join(sorted(unknown))}; it has {', '.join(specs)}."
        )
    return ComputeRequest(
        config=config,
        window=window_for(day, timezone),
        inputs={name: frame(spec, rows.get(name, ())) for name, spec in specs.items()},
    )
