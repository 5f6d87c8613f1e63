"""What resolvers reach through ``info.context``: made for each request, inside the tenant's scope."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

import strawberry

from engage_server.access.principal import Principal
from engage_server.api.account_loader import AccountLoader
from engage_server.api.annotation_book import AnnotationBook
from engage_server.api.asked_metrics import metrics_asked
from engage_server.api.delivery_loader import DeliveryLoader
from engage_server.api.exceptions import DisabledMetricError, UnknownMetricError
from engage_server.api.feature_loader import FeatureLoader
from engage_server.api.goal_values import GoalValues
from engage_server.api.person_loader import PersonLoader
from engage_server.api.restricted_reader import RestrictedMetricReader
from engage_server.api.segment_values import SegmentValues
from engage_server.api.signal_loader import SignalLoader
from engage_server.plugin_host.registry import Plugin, Registry, registry
from engage_server.sdk import Metric
from engage_server.tenancy.scope import TenantRef

MOST_CATALOGUES: Final = 256  # sets of plugins
_catalogues: Final[dict[frozenset[str], tuple[Registry, Mapping[str, tuple[Plugin, Metric]]]]] = {}


@dataclass(frozen=True, slots=True)
class Context:
    """The request's principal, its tenant's enabled plugins, and the readers that remember what the request asked before.

    ``names_operation``: whether it says which operation of its document is meant. ``takes_json``: whether its answer may
    hold parts that are JSON text already (see ``engage_server.api.database_json``).
    """

    principal: Principal
    plugins: frozenset[str]
    names_operation: bool = True
    takes_json: bool = False
    metrics: RestrictedMetricReader = field(init=False)
    _catalogue: Mapping[str, tuple[Plugin, Metric]] = field(init=False)
    accounts: AccountLoader = field(init=False)
    persons: PersonLoader = field(init=False)
    features: FeatureLoader = field(init=False)
    signals: SignalLoader = field(init=False)
    deliveries: DeliveryLoader = field(init=False)
    segments: SegmentValues = field(init=False)
    goals: GoalValues = field(init=False)
    annotations: AnnotationBook = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "metrics", RestrictedMetricReader(self.principal))
        object.__setattr__(self, "persons", PersonLoader())
        object.__setattr__(self, "features", FeatureLoader())
        loader = AccountLoader(self.metrics, self.persons, only=self.principal.account_id)
        object.__setattr__(self, "accounts", loader)
        object.__setattr__(self, "signals", SignalLoader(loader))
        object.__setattr__(self, "deliveries", DeliveryLoader(loader, self.persons))
        object.__setattr__(self, "segments", SegmentValues(self.principal, self.metrics))
        object.__setattr__(self, "goals", GoalValues(self.metrics, self.plugins))
        object.__setattr__(self, "annotations", AnnotationBook(self.principal))
        # Once: every result of a page may ask for its definition.
        object.__setattr__(self, "_catalogue", _catalogue(self.plugins))

    @property
    def tenant(self) -> TenantRef:
        """The tenant that the request is inside of."""
        return self.principal.tenant

    def foresee(self, info: "Info") -> None:
        """Tell the reader which metrics the operation asks for; once, by whoever reads one of them first."""
        if not self.metrics.is_foreseen:
            raw = info._raw_info
            self.metrics.foresee(metrics_asked(raw.operation, raw.fragments, self._catalogue))

    @property
    def today(self) -> date:
        """The tenant's present day."""
        return datetime.now(self.tenant.zone).date()

    def catalogue(self) -> Mapping[str, tuple[Plugin, Metric]]:
        """The metrics of the enabled plugins by full id, in the order of plugins and manifests."""
        return self._catalogue

    def metric_ids(self, kind: str) -> list[str]:
        """Full ids of the enabled metrics that are measured for a kind of subject."""
        return [name for name, (_, metric) in self.catalogue().items() if kind in metric.subjects]

    def metric(self, name: str) -> tuple[Plugin, Metric]:
        """The enabled metric of a full id.

        Raises:
            UnknownMetricError: there is none; lists those there are.
            DisabledMetricError: its plugin is not enabled for the tenant.
        """
        catalogue = self.catalogue()
        if name in catalogue:
            return catalogue[name]
        plugin_id, _, metric_id = name.partition(".")
        plugin = registry().plugins.get(plugin_id)
        if plugin and plugin_id not in self.plugins and metric_id in {m.id for m in plugin.manifest.metrics}:
            raise DisabledMetricError(
                f"The metric {name!r} belongs to the plugin {plugin_id!r}, which is not enabled for this tenant. "
                f"Remedy: `manage.py plugin enable {plugin_id} --tenant {self.tenant.slug}`."
            )
        known = ", ".join(catalogue) or "none, since no plugin is enabled"
        raise UnknownMetricError(f"There is no metric {name!r}. Remedy: ask for one of these: {known}.")


def _catalogue(plugins: frozenset[str]) -> Mapping[str, tuple[Plugin, Metric]]:
    """Made once for a set of plugins: every request asks for it."""
    of = registry()
    known = _catalogues.get(plugins)
    if known is None or known[0] is not of:
        if len(_catalogues) >= MOST_CATALOGUES:
            _catalogues.clear()
        known = _catalogues[plugins] = (of, _read_catalogue(plugins, of))
    return known[1]


def _read_catalogue(plugins: frozenset[str], of: Registry) -> Mapping[str, tuple[Plugin, Metric]]:
    installed = of.plugins
    return {
        f"{plugin_id}.{metric.id}": (installed[plugin_id], metric)
        for plugin_id in sorted(plugins)
        for metric in installed[plugin_id].manifest.metrics
    }


Info = strawberry.Info[Context, None]
