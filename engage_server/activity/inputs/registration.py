"""Registers resolvers of inputs that are made of events."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import TypeVar

import polars as pl

from engage_server.activity.rollups.freshness import require_current
from engage_server.customers import input_resolvers
from engage_server.sdk import InputSpec, Window

Spec = TypeVar("Spec", bound=InputSpec)


def resolves(
    kind: type[Spec],
) -> Callable[[Callable[[Spec, Window], pl.DataFrame]], Callable[[Spec, Window], pl.DataFrame]]:
    """Register the decorated function to answer the input; it is called inside ``current_rollups()`` alone."""

    def register(resolver: Callable[[Spec, Window], pl.DataFrame]) -> Callable[[Spec, Window], pl.DataFrame]:
        @wraps(resolver)
        def resolve(spec: Spec, window: Window) -> pl.DataFrame:
            require_current()
            return resolver(spec, window)

        return input_resolvers.resolves(kind)(resolve)

    return register


def resolves_range(
    kind: type[Spec],
) -> Callable[
    [Callable[[Spec, Sequence[Window]], input_resolvers.Cut]],
    Callable[[Spec, Sequence[Window]], input_resolvers.Cut],
]:
    """As ``resolves``, for a range of days."""

    def register(
        reader: Callable[[Spec, Sequence[Window]], input_resolvers.Cut],
    ) -> Callable[[Spec, Sequence[Window]], input_resolvers.Cut]:
        @wraps(reader)
        def read(spec: Spec, windows: Sequence[Window]) -> input_resolvers.Cut:
            require_current()
            return reader(spec, windows)

        return input_resolvers.resolves_range(kind)(read)

    return register
