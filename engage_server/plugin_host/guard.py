"""Calls a plugin's compute hook so that whatever it does wrong is its own failure, with its name on it."""

from dataclasses import dataclass
from typing import Any

from engage_server.plugin_host.exceptions import PluginHostError
from engage_server.plugin_host.registry import Plugin
from engage_server.sdk import ComputeRequest, Measurement
from engage_server.sdk.testing.conformance import measurement_problems

MAX_MEASUREMENTS = 1_000_000


class PluginFailedError(PluginHostError):
    """The hook raised, or returned what the contract forbids; nothing of the run is stored."""


@dataclass(frozen=True, slots=True)
class Computed:
    """What a sound call returned."""

    measurements: tuple[Measurement, ...]


def compute(plugin: Plugin, request: ComputeRequest[Any]) -> Computed:
    """Call the hook and check every measurement against manifest and contract.

    Raises:
        PluginFailedError: says plugin, cause and, for a broken contract, the first faults.
    """
    try:
        returned = plugin.compute(request)
        measurements = tuple(returned) if returned is not None else None
    except Exception as error:  # foreign code: whatever it raises is its own run's failure
        raise PluginFailedError(f"The plugin {plugin.id!r} raised {type(error).__name__}: {error}") from error
    if measurements is None:
        raise PluginFailedError(
            f"The plugin {plugin.id!r} returned None from engage_compute; an empty list is legal."
        )
    if len(measurements) > MAX_MEASUREMENTS:
        raise PluginFailedError(
            f"The plugin {plugin.id!r} returned more than {MAX_MEASUREMENTS} measurements."
        )
    problems = [
        problem
        for measurement in measurements
        for problem in measurement_problems(plugin.manifest, measurement)
    ]
    if not problems and len({(m.metric, m.subject) for m in measurements}) != len(measurements):
        problems.append("It measured the same metric of the same subject twice.")
    if problems:
        raise PluginFailedError(f"The plugin {plugin.id!r} broke the contract. {' '.join(problems[:3])}")
    return Computed(measurements)
