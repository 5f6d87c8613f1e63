"""Calls a compute hook and holds its answer against manifest and contract. Needs neither settings nor database."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import polars as pl

from engage_server.plugin_host.exceptions import PluginFailedError
from engage_server.plugin_host.loading import Plugin
from engage_server.plugin_host.traces import message_of, trace_of
from engage_server.sdk import TENANT, ComputeRequest, DaysRequest, Manifest, Measurement
from engage_server.sdk.contract import measurement_problems
from engage_server.sdk.days import days_problems
from engage_server.sdk.recent import Recent


def call_compute(
    plugin: Plugin, request: ComputeRequest[Any], *, at_most: int, checked: Recent | None = None
) -> tuple[Measurement, ...]:
    """Call the hook; return its measurements if every one of them keeps the contract.

    ``checked``: see ``require_valid``. No more than ``at_most`` + 1 are drawn from the hook, so that an endless generator
    ends here.

    Raises:
        PluginFailedError: says plugin, cause and, for a broken contract, the first faults.
    """
    try:
        returned = plugin.compute(request)
        measurements = None if returned is None else tuple(islice(returned, at_most + 1))
        if measurements is not None and len(measurements) <= at_most:
            require_valid(plugin, measurements, checked or Recent())
    except PluginFailedError:
        raise
    except (Exception, SystemExit) as error:  # foreign code: whatever it raises is its own run's failure
        raise PluginFailedError(
            f"The plugin {plugin.id!r} raised {message_of(error, known=_names(request))}",
            trace=trace_of(error),
        ) from error
    if measurements is None:
        raise PluginFailedError(
            f"The plugin {plugin.id!r} returned None from engage_compute; an empty list is legal."
        )
    if len(measurements) > at_most:
        raise PluginFailedError(
            f"The plugin {plugin.id!r} returned more than {at_most} measurements. "
            "Remedy: let it measure fewer subjects, or raise ENGAGE_PLUGIN_MEASUREMENTS."
        )
    return measurements


def call_compute_days(plugin: Plugin, request: DaysRequest[Any]) -> Mapping[str, pl.DataFrame] | None:
    """Call the hook for many days, where the plugin has it; return its frames by metric if they keep the contract.

    Raises:
        PluginFailedError: says plugin, cause and, for a broken contract, the first faults.
    """
    if plugin.compute_days is None:
        return None
    try:
        frames: Mapping[str, pl.DataFrame] | None = plugin.compute_days(request)
        problems = [] if frames is None else list(islice(days_problems(plugin.manifest, request, frames), 3))
    except (Exception, SystemExit) as error:  # foreign code: whatever it raises is its own run's failure
        raise PluginFailedError(
            f"The plugin {plugin.id!r} raised {message_of(error, known=_names(request))}",
            trace=trace_of(error),
        ) from error
    if problems:
        raise PluginFailedError(f"The plugin {plugin.id!r} broke the contract. {' '.join(problems)}")
    return frames


def _names(request: ComputeRequest[Any] | DaysRequest[Any]) -> frozenset[str]:
    """What a message may quote: names of inputs, columns and fields, which are no tenant's data."""
    columns = [column for frame in request.inputs.values() for column in frame.columns]
    return frozenset((*request.inputs, *columns, *type(request.config).model_fields))


def require_valid(plugin: Plugin, measurements: Sequence[Measurement], checked: Recent) -> None:
    """Return where all is well; ``checked`` holds what was sound on the day before, and then what is now.

    Raises:
        PluginFailedError: names the first three faults.
    """
    problems = list(_problems(plugin.manifest, measurements, checked))
    if not problems and len({(m.metric, m.subject.kind, m.subject.id) for m in measurements}) != len(
        measurements
    ):
        problems.append("It measured the same metric of the same subject twice.")
    if problems:
        raise PluginFailedError(f"The plugin {plugin.id!r} broke the contract. {' '.join(problems[:3])}")


def _problems(manifest: Manifest, measurements: Sequence[Measurement], checked: Recent) -> Iterator[str]:
    """What is wrong with any of them; an answer that is given of many subjects is looked at once."""
    for measurement in measurements:
        details = getattr(measurement, "details", None)
        known = None if details is None else checked.get(id(details))
        if known is not None and measurement.says_as(known) and measurement.subject != TENANT:
            object.__setattr__(measurement, "_encoded", known._encoded)
            continue
        problems = list(measurement_problems(manifest, measurement))
        yield from problems
        if details is not None and not problems:
            checked.keep(id(details), measurement)  # with the details, whose number stays theirs for so long
