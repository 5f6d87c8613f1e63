"""What the metrics share: their types, and small functions on rows."""

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from engage_adoption.config import AdoptionConfig
from engage_server.sdk import Answer, Computation, Subject

Row = Mapping[str, Any]
Rows = Computation[AdoptionConfig]
Answers = Iterator[tuple[Subject, Answer]]


def percent(part: int, whole: int) -> float | None:
    """``100 * part / whole``, rounded once; null where the whole is zero."""
    return 100 * part / whole if whole else None


def account_ids(*frames: pl.DataFrame) -> pl.DataFrame:
    """The distinct known accounts of several frames, in order: one column ``account``."""
    return pl.concat([frame.select("account") for frame in frames]).drop_nulls().unique().sort("account")
