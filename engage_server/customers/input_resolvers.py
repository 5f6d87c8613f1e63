"""Which function of the server answers which input of the SDK: each registers itself, under the specification's class."""

from collections.abc import Callable
from typing import Any, Final, TypeVar

import polars as pl

from engage_server.customers.exceptions import DuplicateResolverError
from engage_server.sdk import InputSpec, Window

Spec = TypeVar("Spec", bound=InputSpec)
Resolver = Callable[[Any, Window], pl.DataFrame]

RESOLVERS: Final[dict[type[InputSpec], Resolver]] = {}


def resolves(
    kind: type[Spec],
) -> Callable[[Callable[[Spec, Window], pl.DataFrame]], Callable[[Spec, Window], pl.DataFrame]]:
    """Register the decorated function as the one that answers specifications of this class.

    Raises:
        DuplicateResolverError: another one does already.
    """

    def register(resolver: Callable[[Spec, Window], pl.DataFrame]) -> Callable[[Spec, Window], pl.DataFrame]:
        if kind in RESOLVERS:
            raise DuplicateResolverError(
                f"{kind.__name__} has two resolvers, {name_of(RESOLVERS[kind])} and {name_of(resolver)}. "
                "Remedy: remove one."
            )
        RESOLVERS[kind] = resolver
        return resolver

    return register


def name_of(resolver: Resolver) -> str:
    """Where the function stands."""
    return f"{resolver.__module__}.{resolver.__qualname__}"
