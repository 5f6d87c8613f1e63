"""Answers one input of a plugin for a window."""

import polars as pl

from engage_server.customers.input_resolvers import RESOLVERS
from engage_server.engine.exceptions import UnresolvableInputError
from engage_server.plugin_host import guard
from engage_server.sdk import InputSpec, Window


def resolve_input(plugin_id: str, spec: InputSpec, window: Window) -> pl.DataFrame:
    """The frame of an input for a window.

    Raises:
        UnresolvableInputError: the server does not know the input; names it.
    """
    resolver = RESOLVERS.get(type(spec))
    if resolver is None:
        raise UnresolvableInputError(
            f"The plugin {plugin_id!r} asks for {type(spec).__name__}, which this server cannot answer. "
            "Remedy: install a server release that fits the plugin."
        )
    with guard.answering(plugin_id, spec):
        return resolver(spec, window)
