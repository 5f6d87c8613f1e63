"""Switches a sensible set of plugins on in one call, with their configuration; says beforehand what that would change."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from engage_server.audit.log import record
from engage_server.operations.bundle_files import Bundle, BundledPlugin, BundledSegment, bundle
from engage_server.operations.event_dictionary import apply_preset
from engage_server.operations.plugins import configure_plugin, enable_plugin
from engage_server.operations.segments import create_segment
from engage_server.operations.tenants import change_tenant
from engage_server.plugin_host.activation import current_settings, stored_config, validate_config
from engage_server.plugin_host.adopted import agreed_of, reads
from engage_server.plugin_host.consent import not_agreed
from engage_server.plugin_host.exceptions import ConsentNeededError
from engage_server.plugin_host.models import PluginSetting
from engage_server.plugin_host.registry import registry
from engage_server.segments import catalogue
from engage_server.tenancy.scope import TenantRef, tenant_scope
from engage_server.tenancy.services import find_tenant


@dataclass(frozen=True, slots=True)
class PluginStep:
    """What a bundle does to one plugin.

    Args:
        id: the plugin's.
        is_missing: it is not installed, so that nothing can be done.
        enables: it is not enabled yet.
        changes: by field what its configuration says now and is to say.
        reads: what enabling or changing it needs agreement to, beside what was agreed to before: words by name.
    """

    id: str
    is_missing: bool = False
    enables: bool = False
    changes: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    reads: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """What applying a bundle changes; empty texts change nothing."""

    bundle: Bundle
    plugins: tuple[PluginStep, ...]
    cadence: str
    preset: str
    primary_metric: str
    segments: tuple[BundledSegment, ...] = ()

    @property
    def missing(self) -> list[str]:
        """Plugins of the bundle that are not installed."""
        return [step.id for step in self.plugins if step.is_missing]


def plan_bundle(tenant: TenantRef, bundle_id: str) -> Plan:
    """What applying a bundle would change; changes nothing.

    Raises:
        UnknownBundleError: there is none of this name.
        InvalidConfigurationError: with what the tenant set, the bundle's configuration would not be valid.
    """
    wanted = bundle(bundle_id)
    row = find_tenant(tenant.slug)
    with tenant_scope(tenant):
        settings = current_settings()
        steps = tuple(_step(one, settings.get(one.id)) for one in wanted.plugin)
        named = {one.name for one in catalogue.segments()}
    known = {step.id for step in steps if not step.is_missing}
    primary = wanted.primary_metric if wanted.primary_metric.partition(".")[0] in known else ""
    return Plan(
        bundle=wanted,
        plugins=steps,
        cadence=wanted.cadence if wanted.cadence != row.cadence else "",
        preset=wanted.preset,
        primary_metric="" if row.primary_metric else primary,
        segments=tuple(one for one in wanted.segment if one.name not in named),
    )


def apply_bundle(tenant: TenantRef, bundle_id: str, *, agree: bool = False) -> Plan:
    """Apply a bundle, all or nothing, but for plugins that are not installed; return what was changed.

    Args:
        tenant: whose.
        bundle_id: the bundle's name.
        agree: to all that its plugins read, by its configuration too; else they may read what was agreed to before.

    Raises:
        UnknownBundleError, InvalidConfigurationError: as ``plan_bundle``.
        ConsentNeededError: a plugin would read more than was agreed to; nothing was changed.
    """
    with transaction.atomic():
        plan = plan_bundle(tenant, bundle_id)
        if not agree:
            _require_nothing_new(plan)
        change_tenant(tenant.slug, cadence=plan.cadence, primary_metric=plan.primary_metric or None)
        with tenant_scope(tenant):
            if plan.preset:
                apply_preset(plan.preset)
            for one in plan.segments:
                create_segment(one.name, one.model_dump(exclude={"name"}))
        for step in plan.plugins:
            if step.changes:
                configure_plugin(tenant, step.id, {name: new for name, (_, new) in step.changes.items()})
            if step.enables or step.reads:
                enable_plugin(tenant, step.id, agree=agree)
        with tenant_scope(tenant):
            details: dict[str, Any] = {
                "enabled": [step.id for step in plan.plugins if step.enables],
                "missing": plan.missing,
            }
            if plan.segments:
                details["segments"] = len(plan.segments)
            record("bundle.applied", subject=bundle_id, details=details)
    return plan


def _require_nothing_new(plan: Plan) -> None:
    for step in plan.plugins:
        if step.reads:
            remedy = f"agree when you apply the bundle {plan.bundle.id}, or leave it"
            raise ConsentNeededError(step.id, step.reads, remedy=remedy)


def _step(wanted: BundledPlugin, setting: PluginSetting | None) -> PluginStep:
    plugin = registry().plugins.get(wanted.id)
    if plugin is None:
        return PluginStep(wanted.id, is_missing=True)
    stored = stored_config(plugin, setting)
    former = validate_config(plugin, stored)
    becomes = validate_config(plugin, {**stored, **wanted.config})
    shown, new = (config.model_dump(mode="json") for config in (former, becomes))
    changes = {name: (shown[name], new[name]) for name in wanted.config if shown[name] != new[name]}
    enables = setting is None or not setting.enabled
    agreed = agreed_of(setting)
    if agreed is None:
        # A setting that kept nothing of it counts as agreed to, as it was.
        agreed = () if setting is None else reads(plugin, former)
    needed = not_agreed(wanted.id, reads(plugin, becomes), agreed) if enables or changes else {}
    return PluginStep(wanted.id, enables=enables, changes=changes, reads=needed)
