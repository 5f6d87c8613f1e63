"""Reports inputs of the SDK and resolvers of the server that do not fit together in ``manage.py check``."""

from collections.abc import Collection, Iterator, Mapping

from django.core import checks

from engage_server import sdk
from engage_server.customers.input_resolvers import RESOLVERS, Resolver, name_of
from engage_server.sdk import InputSpec


def offered_inputs() -> list[type[InputSpec]]:
    """The specifications that the SDK offers to plugins."""
    offered = (getattr(sdk, name) for name in sdk.__all__)
    return [
        kind
        for kind in offered
        if isinstance(kind, type) and issubclass(kind, InputSpec) and kind is not InputSpec
    ]


def input_errors(
    offered: Collection[type[InputSpec]], resolvers: Mapping[type[InputSpec], Resolver]
) -> Iterator[checks.CheckMessage]:
    """One error for each input that nobody answers or that declares no read, and for each resolver of no input."""
    for kind in offered:
        if kind not in resolvers:
            yield checks.Error(
                f"The input {kind.__name__} has no resolver.",
                hint=f"Decorate the function that answers it with @resolves({kind.__name__}), in an `inputs` module.",
                id="engine.E001",
            )
        if kind.reads is InputSpec.reads:
            yield checks.Error(
                f"The input {kind.__name__} does not say what it reads.",
                hint="Define `reads` on the specification.",
                id="engine.E002",
            )
    for kind, resolver in resolvers.items():
        if kind not in offered:
            yield checks.Error(
                f"The resolver {name_of(resolver)} answers {kind.__name__}, which is no input of the SDK.",
                hint=f"Export {kind.__name__} from engage_server.sdk, or remove the resolver.",
                id="engine.E003",
            )


def check_inputs() -> list[checks.CheckMessage]:
    """Every input of the SDK has one resolver, and every resolver an input."""
    return list(input_errors(offered_inputs(), RESOLVERS))
