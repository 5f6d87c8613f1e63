"""Says which plugins the engine could not run as they are: a schedule that never fires, an input that nobody answers.

They are put aside at the start, before any tenant enables them.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from engage_server.customers.input_resolvers import RESOLVERS
from engage_server.engine.cron import next_fire
from engage_server.engine.exceptions import InvalidCronError
from engage_server.plugin_host.loading import Plugin, fault
from engage_server.sdk import InputSpec
from engage_server.sdk.inputs.metrics import MetricValues

SOME_DAY: Final = datetime(2026, 1, 1, tzinfo=UTC)


def unrunnable(plugins: Sequence[Plugin]) -> Mapping[str, str]:
    """Which of these plugins cannot be run under their defaults, and why, by their ids."""
    metrics = {plugin.id: {metric.id for metric in plugin.manifest.metrics} for plugin in plugins}
    return {
        plugin.id: fault(plugin, "engage_manifest", problem, "correct it")
        for plugin in plugins
        if (problem := next(_problems(plugin, metrics), None)) is not None
    }


def _problems(plugin: Plugin, metrics: Mapping[str, set[str]]) -> Iterator[str]:
    try:
        next_fire(plugin.manifest.schedule, SOME_DAY, "UTC")
    except InvalidCronError as error:
        yield f"its default schedule is none. {error}".rstrip(".")
    for name, spec in plugin.manifest.inputs_for(plugin.manifest.config()).items():
        yield from _input_problems(name, spec, metrics)


def _input_problems(name: str, spec: InputSpec, metrics: Mapping[str, set[str]]) -> Iterator[str]:
    if type(spec) not in RESOLVERS:
        yield f"the input {name!r} is {type(spec).__name__}, which this server cannot answer"
    if not isinstance(spec, MetricValues):
        return
    for metric in spec.metrics:
        owner, _, wanted = metric.partition(".")
        if not wanted or (owner in metrics and wanted not in metrics[owner]):
            known = ", ".join(f"{owner}.{one}" for one in sorted(metrics.get(owner, ())))
            yield f"the input {name!r} asks for the metric {metric!r}, which is none (known: {known or 'plugin.metric'})"
