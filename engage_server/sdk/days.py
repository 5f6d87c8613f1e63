"""Many days of a metric in one call, as columns: for those who ask for values and bands, and for nothing that explains them.

What-if over half a year is such a question. A metric that answers it says the same as its function does day by day.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any, Final, Generic

import polars as pl

from engage_server.sdk.compute import ConfigT
from engage_server.sdk.manifest import Manifest

ON: Final = "on"
"""The column that says of which computed day a row is."""
VALUES: Final[Mapping[str, pl.DataType | type[pl.DataType]]] = {
    ON: pl.Date,
    "kind": pl.String,
    "subject": pl.Int64,
    "value": pl.Float64,
    "band": pl.String,
}
"""The columns of an answer: day, kind and id of the subject, its value and its band, each null where there is none."""
KEY: Final = (ON, "kind", "subject")


@dataclass(frozen=True, slots=True)
class Days(Generic[ConfigT]):
    """The rows of some days under one configuration, and all that a function of days may look at.

    ``rows["values"]`` is the frame of the input that the metric declares under this name, of all days one below the
    other: the rows of a day have it in the column ``on``, before the columns of the input.
    """

    config: ConfigT
    days: tuple[date, ...]
    inputs: Mapping[str, pl.DataFrame]

    def __getitem__(self, name: str) -> pl.DataFrame:
        """The frame of an input by the metric's name for it."""
        return self.inputs[name]


@dataclass(frozen=True, slots=True)
class DaysRequest(Generic[ConfigT]):
    """What the hook for days may look at: a ComputeRequest of many days, whose frames have the column ``on``.

    Args:
        config: the tenant's settings.
        days: the computed days, ascending.
        inputs: the rows of each input by its name; of what no asked metric reads there is none.
        metrics: ids within the plugin of those that are asked for.
    """

    config: ConfigT
    days: tuple[date, ...]
    inputs: Mapping[str, pl.DataFrame]
    metrics: frozenset[str]


def band_of(details: object) -> str | None:
    """The ``band`` of a measurement's details as it is stored, an enumeration by its name; None where there is none."""
    band = details.get("band") if isinstance(details, Mapping) else getattr(details, "band", None)
    if isinstance(band, Enum):
        return band.name
    return band if isinstance(band, str) else None


def days_problems(manifest: Manifest, request: DaysRequest[Any], answer: object) -> Iterator[str]:
    """What is wrong with the answer of ``engage_compute_days``; the server refuses it on the same grounds."""
    if not isinstance(answer, Mapping) or answer.keys() != request.metrics:
        yield (
            f"{manifest.id} was asked for the days of {', '.join(sorted(request.metrics))} and answered others. "
            "Remedy: a frame for each asked metric, by its id, or None."
        )
        return
    kinds = {metric.id: metric.subjects for metric in manifest.metrics}
    for metric, frame in answer.items():
        for problem in _frame_problems(frame, request.days, kinds[metric]):
            yield f"The days of {manifest.id}.{metric}: {problem}"


def _frame_problems(frame: object, days: tuple[date, ...], kinds: tuple[str, ...]) -> Iterator[str]:
    if not isinstance(frame, pl.DataFrame) or dict(frame.schema) != dict(VALUES):
        said = dict(frame.schema) if isinstance(frame, pl.DataFrame) else type(frame).__name__
        wanted = ", ".join(f"{name}: {kind}" for name, kind in VALUES.items())
        yield f"they are {said}. Remedy: a frame with the columns {wanted}."
        return
    if frame.select(pl.any_horizontal(pl.col(KEY).is_null().any())).item():
        yield "a row lacks its day or its subject. Remedy: leave it out."
    elif not frame[ON].is_in(list(days)).all():
        yield "a row is of a day that was not asked for. Remedy: leave it out."
    elif not frame["kind"].is_in(list(kinds)).all():
        yield f"the manifest declares the metric for {', '.join(kinds)} only."
    elif frame.select(pl.struct(KEY).is_duplicated().any()).item():
        yield "a subject has two values on one day."
    if not frame["value"].is_finite().all():
        yield "a value is no number. Remedy: null where it is not known."
