"""How each input is answered for slices: every class says so itself, and one that does not is refused by name.

A slicer answers for several slices at once, so that the groups of a dimension are cut from one read.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

import polars as pl

from engage_server.customers.exceptions import DuplicateResolverError, NotSliceableError
from engage_server.customers.input_resolvers import RESOLVERS
from engage_server.customers.slices import Ids, Slice, hull, sliced_by
from engage_server.sdk import InputSpec, Window

Spec = TypeVar("Spec", bound=InputSpec)
Frames = list[pl.DataFrame]
Slicer = Callable[[Any, Window, Sequence[Slice]], Frames]

SLICERS: Final[dict[type[InputSpec], Slicer]] = {}


def answer_slices(spec: InputSpec, window: Window, parts: Sequence[Slice]) -> Frames:
    """The frame of the input for each of the slices.

    Raises:
        NotSliceableError: the input cannot be cut so; names it.
    """
    slicer = SLICERS.get(type(spec))
    if slicer is None:
        raise NotSliceableError(
            f"The input {type(spec).__name__} cannot be cut into slices, so no metric that reads it has values by "
            "segment. Remedy: ask for the whole."
        )
    return slicer(spec, window, parts)


def slices(
    kind: type[Spec],
) -> Callable[
    [Callable[[Spec, Window, Sequence[Slice]], Frames]], Callable[[Spec, Window, Sequence[Slice]], Frames]
]:
    """Register the decorated function to answer specifications of this class for slices.

    Raises:
        DuplicateResolverError: another one does already.
    """

    def register(
        slicer: Callable[[Spec, Window, Sequence[Slice]], Frames],
    ) -> Callable[[Spec, Window, Sequence[Slice]], Frames]:
        if kind in SLICERS:
            raise DuplicateResolverError(f"{kind.__name__} has two slicers. Remedy: remove one.")
        SLICERS[kind] = slicer
        return slicer

    return register


def slice_rows(
    kind: type[InputSpec], *, account: str | None, person: str | None, narrow_accounts: bool = True
) -> None:
    """Have the input read once and its rows sorted out by these columns.

    Right where no row depends on those of others.

    Args:
        kind: the input's class.
        account: the column of the account; None: the input cannot be restricted to accounts.
        person: likewise of the person.
        narrow_accounts: whether the statement may leave out what was done in accounts of none of the slices.
    """

    @slices(kind)
    def slicer(spec: InputSpec, window: Window, parts: Sequence[Slice]) -> Frames:
        for part in parts:
            require_sliceable(spec, part, account=account, person=person)
        around = hull(parts)
        with sliced_by(around if narrow_accounts else Slice(persons=around.persons)):
            frame = RESOLVERS[kind](spec, window)
        return [rows_of(frame, part, account=account, person=person) for part in parts]


def slice_statements(kind: type[InputSpec]) -> None:
    """Have the input's own statement run for each slice; it heeds the slice in force."""

    @slices(kind)
    def slicer(spec: InputSpec, window: Window, parts: Sequence[Slice]) -> Frames:
        frames = []
        for part in parts:
            with sliced_by(part):
                frames.append(RESOLVERS[kind](spec, window))
        return frames


def slice_nothing(kind: type[InputSpec]) -> None:
    """Have the input be the same in every slice: it lists what there is, and says of nobody what they did."""

    @slices(kind)
    def slicer(spec: InputSpec, window: Window, parts: Sequence[Slice]) -> Frames:
        return [RESOLVERS[kind](spec, window)] * len(parts)


def rows_of(frame: pl.DataFrame, part: Slice, *, account: str | None, person: str | None) -> pl.DataFrame:
    """The rows that are in the slice, by these columns."""
    for column, ids in ((account, part.accounts), (person, part.persons)):
        if column is not None and ids is not None:
            frame = frame.join(_column(column, ids), on=column, how="semi", maintain_order="left")
    return frame


def require_sliceable(spec: InputSpec, part: Slice, *, account: str | None, person: str | None) -> None:
    """Go on where the input has a column for each restriction.

    Raises:
        NotSliceableError: it has none; names the input.
    """
    for column, ids, subject in ((account, part.accounts, "accounts"), (person, part.persons, "persons")):
        if column is None and ids is not None:
            raise NotSliceableError(
                f"The input {type(spec).__name__} cannot be restricted to {subject}, so no metric that reads it has "
                f"values by a segment of {subject}. Remedy: a segment of "
                f"{'persons' if subject == 'accounts' else 'accounts'}, or the whole."
            )


def _column(name: str, ids: Ids) -> pl.DataFrame:
    return pl.DataFrame({name: pl.Series(name, list(ids), dtype=pl.Int64)})
