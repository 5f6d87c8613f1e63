"""Calls a plugin's code so that whatever it does wrong is its own failure, with its name on it."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import polars as pl

from engage_server.plugin_host import compute_call
from engage_server.plugin_host.exceptions import PluginFailedError
from engage_server.plugin_host.isolation import pool
from engage_server.plugin_host.limits import limits
from engage_server.plugin_host.loading import Plugin, required_plugins
from engage_server.plugin_host.traces import message_of, trace_of
from engage_server.sdk import ComputeRequest, DaysRequest, InputSpec, Measurement, PluginConfig
from engage_server.sdk.inputs.checks import spec_problems
from engage_server.sdk.recent import Recent

log = logging.getLogger("engage.plugins")


@dataclass(frozen=True, slots=True)
class Computed:
    """What a sound call returned."""

    measurements: tuple[Measurement, ...]


def compute(plugin: Plugin, request: ComputeRequest[Any], *, checked: Recent | None = None) -> Computed:
    """Call the hook, here or in a process of its own, and check every measurement against manifest and contract.

    ``checked``, where days follow one another, spares answers that are given again from being checked again.

    Raises:
        PluginFailedError: says plugin, cause and, for a broken contract, the first faults.
    """
    bounds, checked = limits(), checked or Recent()
    rows = sum(frame.height for frame in request.inputs.values())
    if rows > bounds.input_rows:
        raise PluginFailedError(
            f"The inputs of the plugin {plugin.id!r} have {rows} rows and {bounds.input_rows} are allowed. "
            "Remedy: shorten its windows, or raise ENGAGE_PLUGIN_INPUT_ROWS."
        )
    if plugin.foreign:
        measurements = pool.compute(plugin, request, limits=bounds)
        compute_call.require_valid(plugin, measurements, checked)
        return Computed(measurements)
    return Computed(compute_call.call_compute(plugin, request, at_most=bounds.measurements, checked=checked))


def compute_days(plugin: Plugin, request: DaysRequest[Any]) -> Mapping[str, pl.DataFrame] | None:
    """Call the hook for many days at once and check its frames; None: the days are to be computed one by one.

    That is so of a plugin in a process of its own, of one that has no such hook or declines, and of too many rows.

    Raises:
        PluginFailedError: says plugin, cause and, for a broken contract, the first faults.
    """
    rows = sum(frame.height for frame in request.inputs.values())
    return None if rows > limits().input_rows else compute_call.call_compute_days(plugin, request)


def inputs(plugin: Plugin, config: PluginConfig) -> Mapping[str, InputSpec]:
    """The input specifications that the plugin asks for under a configuration.

    Raises:
        PluginFailedError: it raised instead, or one of them cannot be answered; says which.
    """
    try:
        specs = dict(plugin.manifest.inputs_for(config))
    except PluginFailedError:
        raise
    except Exception as error:
        raise PluginFailedError(
            f"The plugin {plugin.id!r} raised {message_of(error)} when asked for its inputs",
            trace=trace_of(error),
        ) from error
    for name, spec in specs.items():
        for problem in spec_problems(spec):
            raise PluginFailedError(
                f"The input {name!r} of the plugin {plugin.id!r} {problem}. Remedy: correct its configuration, "
                "or the plugin."
            )
    return specs


@contextmanager
def answering(plugin_id: str, spec: InputSpec) -> Iterator[None]:
    """Answer one of a plugin's inputs inside: what it asks for and nobody can answer is its own failure.

    Raises:
        PluginFailedError: names the input and what is wrong with it.
    """
    try:
        yield
    except (TypeError, ValueError, ArithmeticError, LookupError) as error:
        raise PluginFailedError(
            f"The plugin {plugin_id!r} asks for {spec!r}, which cannot be answered: {type(error).__name__}: {error}. "
            "Remedy: correct its configuration, or the plugin."
        ) from error


def needs(plugin: Plugin, config: PluginConfig) -> frozenset[str]:
    """Ids of the plugins whose values it asks for under a configuration.

    One that raises needs none, so that the others find their order; its own run fails with the reason.
    """
    try:
        return required_plugins(plugin.id, inputs(plugin, config))
    except PluginFailedError as error:
        log.error("%s", error, extra={"action": "plugin_inputs", "plugin": plugin.id})
        return frozenset()
