"""A plugin that tells what one input has in it, and its history of some days that is computed again by notes alone."""

import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

import polars as pl
import pytest

from engage_server.activity.rollups.compaction import ensure_current
from engage_server.engine import executor, restatement
from engage_server.engine.models import Run
from engage_server.metrics.models import MetricValue
from engage_server.plugin_host import activation
from engage_server.plugin_host import registry as plugin_registry
from engage_server.plugin_host.registry import Candidate
from engage_server.sdk import (
    TENANT,
    Card,
    ComputeRequest,
    Direction,
    InputSpec,
    Manifest,
    Measurement,
    Metric,
    PluginConfig,
    Vector,
    hookimpl,
)
from engage_server.tenancy.scope import TenantRef, shared_scope, tenant_scope

CARD = Card(formula="rows", source="ours", edge_rules=("None: 0.",), vectors=(Vector("1 row", "1", "ours"),))
METRIC = Metric(
    id="rows", title="Rows", unit="", direction=Direction.UP, subjects=("tenant",), card=CARD,
    titles={"en": "Rows"}, units={"en": ""},
)  # fmt: skip


def tally(spec: InputSpec) -> types.ModuleType:
    """The value counts the persons (or rows) of the input; the details add up what can be added up."""

    def engage_manifest() -> Manifest:
        return Manifest(
            id="tally", sdk=">=2,<3", title="Tally", config=PluginConfig, metrics=(METRIC,),
            inputs={"asked": spec}, starter=False,
        )  # fmt: skip

    def engage_compute(request: ComputeRequest) -> list[Measurement]:
        frame = request.inputs["asked"]
        number = frame["person"].n_unique() if "person" in frame.columns else frame.height
        sums = {
            name: float(frame[name].sum())
            for name, kind in frame.schema.items()
            if name not in {"person", "account", "feature"} and kind in (pl.Int64, pl.Float64)
        }
        placed = frame["account"].drop_nulls().len() if "account" in frame.columns else 0
        return [Measurement("rows", TENANT, number, number, details={**sums, "placed": placed})]

    made = types.ModuleType("tally")
    hooks: tuple[Callable, ...] = (engage_manifest, engage_compute)
    for hook in hooks:
        setattr(made, hook.__name__, hookimpl(hook))
    return made


@contextmanager
def installed(module: types.ModuleType) -> Iterator[None]:
    """The only plugin there is, for a while."""
    candidate = Candidate(module.__name__, f"engage-{module.__name__}", "1.0", lambda: module)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plugin_registry, "installed_candidates", lambda: [candidate])
        plugin_registry.registry.cache_clear()
        yield
    plugin_registry.registry.cache_clear()


@dataclass(frozen=True)
class Restated:
    """A tenant's computed history of the plugin."""

    tenant: TenantRef

    def compute(self, first: date, last: date) -> None:
        """Compute all days from what is stored."""
        executor.backfill(
            self.tenant, plugins=["tally"], first=first, last=last, progress=lambda plugin, day, count: None
        )

    def stored(self) -> set[tuple]:
        """The revisions in force."""
        with tenant_scope(self.tenant):
            return set(MetricValue.objects.filter(superseded_at=None).values_list("pk", flat=True))

    def days(self) -> set[date]:
        """Open the runs that the notes call for until there are none, and run them; the days that were run."""
        ran: set[date] = set()
        with tenant_scope(self.tenant):
            ensure_current()
        while restatement.open_runs(settle_s=0):
            with shared_scope():
                ran |= set(
                    Run.objects.filter(tenant_id=self.tenant.id, state="PENDING").values_list(
                        "day", flat=True
                    )
                )
            while executor.execute_due(self.tenant).runs:
                pass
        return ran

    def revisions(self) -> dict[date, str]:
        """The reasons of the values in force that are not the first of their day."""
        with tenant_scope(self.tenant):
            rows = MetricValue.objects.filter(superseded_at=None, revision__gt=1)
            return dict(rows.values_list("day", "reason"))

    def value(self, day: date) -> float:
        """What is in force."""
        with tenant_scope(self.tenant):
            return float(MetricValue.objects.get(superseded_at=None, day=day).value)


@contextmanager
def restated_by(tenant: TenantRef, spec: InputSpec, *, first: date, last: date) -> Iterator[Restated]:
    """The days from first to last, computed from what is stored."""
    with installed(tally(spec)):
        with tenant_scope(tenant):
            activation.enable("tally")
        restated = Restated(tenant)
        restated.compute(first, last)
        restated.days()
        yield restated
