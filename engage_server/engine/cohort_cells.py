"""Who is behind a cell of a metric of retention: its input, read for one cohort under the configuration in force.

Works inside the tenant's scope.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from engage_server.activity.cohort_members import CohortCell, cohort_cell
from engage_server.activity.retention_counts import cohort_of
from engage_server.activity.rollups.freshness import current_rollups
from engage_server.customers.windows import day_window
from engage_server.engine.data_retention import require_kept
from engage_server.engine.exceptions import UnknownCohortError
from engage_server.plugin_host import guard
from engage_server.plugin_host.activation import ActivePlugin, active_plugin
from engage_server.sdk import Retention
from engage_server.tenancy.scope import current_tenant


@dataclass(frozen=True, slots=True)
class CellAsked:
    """A cell of a metric's cohorts on a day: ``cohort`` is the first day of one, ``offset`` a period of the details."""

    metric: str
    day: date
    cohort: date
    offset: int

    def spec(self) -> Retention:
        """The input behind the metric.

        Raises:
            UnknownPluginError, PluginDisabledError, PluginFailedError
            UnknownCohortError: the metric has no cohorts, or not this one.
        """
        plugin_id, _, metric_id = self.metric.partition(".")
        spec = _retention(active_plugin(plugin_id), metric_id)
        first = spec.first_day(self.day)
        if not first <= self.cohort <= self.day or cohort_of(spec, self.cohort) != self.cohort:
            raise UnknownCohortError(
                f"{self.cohort} is the first day of no cohort of {self.metric} on {self.day}, which has one for each "
                f"{spec.cohort} from {first} on. Remedy: a `cohort` of the value's `cells`."
            )
        offsets = [one for one, _ in spec.stretches]
        if self.offset not in offsets:
            raise UnknownCohortError(
                f"{self.metric} has no period {self.offset}. Remedy: one of {', '.join(map(str, offsets))}."
            )
        return spec


def members_of(asked: CellAsked) -> tuple[Literal["person", "account"], CohortCell]:
    """Whose cell it is, and who is in it.

    Raises:
        UnknownPluginError, PluginDisabledError, PluginFailedError, UnknownCohortError: see ``CellAsked.spec``.
        BeyondRetentionError: events that tell it are no longer kept.
    """
    spec = asked.spec()
    require_kept(current_tenant(), [spec], asked.day)
    window = day_window(asked.day, current_tenant().timezone)
    with current_rollups():
        return spec.subject, cohort_cell(spec, window, cohort=asked.cohort, offset=asked.offset)


def _retention(active: ActivePlugin, metric_id: str) -> Retention:
    everything = guard.inputs(active.plugin, active.config)
    own = active.plugin.metric(metric_id).inputs_for(active.config) or everything
    found = [spec for spec in own.values() if isinstance(spec, Retention)]
    if len(found) != 1:
        raise UnknownCohortError(
            f"{active.plugin.id}.{metric_id} has no cohorts. Remedy: a metric whose value has `cells` among its details."
        )
    return found[0]
