"""Which function of the server answers which input of the SDK: each registers itself, under the specification's class.

Some inputs are also answered for a range of days by one statement; what is not is asked day by day.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

import polars as pl

from engage_server.customers.exceptions import DuplicateResolverError
from engage_server.sdk import InputSpec, Window
from engage_server.tenancy.late_registration import LateMapping

Spec = TypeVar("Spec", bound=InputSpec)
Resolver = Callable[[Any, Window], pl.DataFrame]

# What cuts the frame of one window out of the rows that were read for all of them.
Cut = Callable[[Window], pl.DataFrame]
RangeResolver = Callable[[Any, Sequence[Window]], Cut]

RESOLVERS: Final[LateMapping[type[InputSpec], Resolver]] = LateMapping()
RANGE_RESOLVERS: Final[LateMapping[type[InputSpec], RangeResolver]] = LateMapping()


def resolves(
    kind: type[Spec],
) -> Callable[[Callable[[Spec, Window], pl.DataFrame]], Callable[[Spec, Window], pl.DataFrame]]:
    """Register the decorated function as the one that answers specifications of this class.

    Raises:
        DuplicateResolverError: another one does already.
    """

    def register(resolver: Callable[[Spec, Window], pl.DataFrame]) -> Callable[[Spec, Window], pl.DataFrame]:
        if kind in RESOLVERS.registered:
            raise DuplicateResolverError(
                f"{kind.__name__} has two resolvers, {name_of(RESOLVERS.registered[kind])} and {name_of(resolver)}. "
                "Remedy: remove one."
            )
        RESOLVERS[kind] = resolver
        return resolver

    return register


def resolves_range(
    kind: type[Spec],
) -> Callable[[Callable[[Spec, Sequence[Window]], Cut]], Callable[[Spec, Sequence[Window]], Cut]]:
    """Register the decorated function as the one that answers specifications of this class for a range of days.

    Raises:
        DuplicateResolverError: another one does already.
    """

    def register(
        reader: Callable[[Spec, Sequence[Window]], Cut],
    ) -> Callable[[Spec, Sequence[Window]], Cut]:
        if kind in RANGE_RESOLVERS.registered:
            raise DuplicateResolverError(
                f"{kind.__name__} is read for ranges twice, by {name_of(RANGE_RESOLVERS.registered[kind])} and "
                f"{name_of(reader)}. Remedy: remove one."
            )
        RANGE_RESOLVERS[kind] = reader
        return reader

    return register


def name_of(resolver: Callable[..., Any]) -> str:
    """Where the function stands."""
    return f"{resolver.__module__}.{resolver.__qualname__}"
