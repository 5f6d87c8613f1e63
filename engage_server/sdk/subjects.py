"""Which subjects a day knows, and which rows of the inputs are about each of them."""

from collections.abc import Iterator, Mapping
from datetime import UTC, timedelta
from typing import Any, Final

import polars as pl

from engage_server.sdk.computation import Computation
from engage_server.sdk.compute import Subject
from engage_server.sdk.inputs import InputSpec
from engage_server.sdk.inputs.activity import Features
from engage_server.sdk.inputs.customers import Accounts
from engage_server.sdk.inputs.metrics import MetricBands, MetricValues

LISTS: Final[Mapping[str, type[InputSpec]]] = {"account": Accounts, "feature": Features}
"""The inputs that list all subjects of a kind, whether anything happened or not."""


class Grouping:
    """Cuts frames into those of each subject of a kind; each frame once, however many metrics read it."""

    def __init__(self, kind: str) -> None:
        """Prepare for a kind of subject."""
        self._kind = kind
        self._cut: dict[int, tuple[pl.DataFrame, dict[int, pl.DataFrame]]] = {}

    def by_subject(
        self, inputs: Mapping[str, pl.DataFrame], specs: Mapping[str, InputSpec]
    ) -> Iterator[tuple[Subject, dict[str, pl.DataFrame]]]:
        """The subjects with a row in an input that is no list of all of them, by id, and each one's frames."""
        cut = {
            name: self._by_id(frame, specs[name]) for name, frame in inputs.items() if self._is_about(frame)
        }
        lists = tuple(LISTS.values())
        ids = {id for name, found in cut.items() if not isinstance(specs[name], lists) for id in found}
        whole = {name: frame for name, frame in inputs.items() if name not in cut}
        none = {name: inputs[name].clear() for name in cut}
        for id in sorted(ids):
            yield (
                Subject(self._kind, id),
                whole | {name: found.get(id, none[name]) for name, found in cut.items()},
            )

    def _is_about(self, frame: pl.DataFrame) -> bool:
        return self._kind in frame.columns or "subject_kind" in frame.columns

    def _by_id(self, frame: pl.DataFrame, spec: InputSpec) -> dict[int, pl.DataFrame]:
        # The frame is kept with its parts, so that no other one can have its id.
        known = self._cut.get(id(frame))
        if known is None:
            column = self._kind
            rows = frame
            if isinstance(spec, MetricValues | MetricBands):
                column, rows = "subject", frame.filter(pl.col("subject_kind") == self._kind)
            parts = rows.drop_nulls(column).partition_by(column, as_dict=True, maintain_order=True)
            known = (frame, {int(key[0]): part for key, part in parts.items()})
            self._cut[id(frame)] = known
        return known[1]


def known_subjects(
    kind: str, inputs: Mapping[str, pl.DataFrame], specs: Mapping[str, InputSpec]
) -> Iterator[Subject]:
    """All subjects of a kind that the day knows, by id; none where no input lists them."""
    listed = LISTS.get(kind)
    for name, spec in specs.items():
        if listed is not None and isinstance(spec, listed):
            for id in inputs[name][kind].drop_nulls().unique().sort():
                yield Subject(kind, id)
            return


def ages(
    min_age_days: int, rows: Computation[Any], specs: Mapping[str, InputSpec]
) -> frozenset[Subject] | set[Subject]:
    """The accounts that are younger than ``min_age_days`` whole days at the end of the window; their start is known."""
    if not min_age_days:
        return frozenset()
    latest = rows.window.end.astimezone(UTC) - timedelta(days=min_age_days)
    return {
        Subject("account", id)
        for name, spec in specs.items()
        if isinstance(spec, Accounts)
        for id in rows[name].filter(pl.col("started_at") > latest)["account"]
    }
