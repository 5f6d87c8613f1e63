"""Switch a sensible set of plugins on in one call."""

import json
from collections.abc import Mapping
from typing import Any

from engage_server.audit.management.base import TenantActionsCommand
from engage_server.operations.bundle_files import bundle, bundle_ids
from engage_server.operations.bundles import Plan, PluginStep, apply_bundle, plan_bundle
from engage_server.operations.exceptions import UnknownBundleError
from engage_server.plugin_host.exceptions import ConsentNeededError, InvalidConfigurationError
from engage_server.tenancy.scope import TenantRef


class Command(TenantActionsCommand):
    """Switch a sensible set of plugins on in one call."""

    expected = (UnknownBundleError, InvalidConfigurationError, ConsentNeededError)
    active_only = True
    help = "List and apply bundles of plugins."

    def add_actions(self, actions: Any) -> None:
        """One sub-command for each thing that can be done."""
        actions.add_parser("list", help="the bundles and their plugins")
        apply = actions.add_parser("apply", help="enable and configure the bundle's plugins")
        apply.add_argument("bundle")
        apply.add_argument(
            "--dry-run", action="store_true", help="say what would be changed, and change nothing"
        )
        apply.add_argument("--agree", action="store_true", help="agree to all that its plugins read")

    def _list(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        for one in map(bundle, bundle_ids()):
            plugins = ", ".join(plugin.id for plugin in one.plugin)
            self.stdout.write(f"{one.id:<12}{one.title['en']}: {plugins}")

    def _apply(self, tenant: TenantRef, options: Mapping[str, Any]) -> None:
        if options["dry_run"]:
            self._tell(plan_bundle(tenant, options["bundle"]))
            self.stdout.write("Nothing was changed.")
        else:
            self._tell(apply_bundle(tenant, options["bundle"], agree=options["agree"]))

    def _tell(self, plan: Plan) -> None:
        of_tenant = {"cadence": plan.cadence, "preset": plan.preset, "primary metric": plan.primary_metric}
        for name, value in of_tenant.items():
            if value:
                self.stdout.write(f"{name}: {value}")
        for segment in plan.segments:
            self.stdout.write(f"segment {segment.name}: made")
        for step in plan.plugins:
            self._tell_step(step)

    def _tell_step(self, step: PluginStep) -> None:
        if step.is_missing:
            self.stderr.write(
                f"{step.id}: not installed, so left out. Remedy: install it and apply the bundle again."
            )
            return
        self.stdout.write(f"{step.id}: {'enable' if step.enables else 'enabled already'}")
        for field, (former, new) in step.changes.items():
            self.stdout.write(f"  {field}: {json.dumps(former)} becomes {json.dumps(new)}")
        for words in step.reads.values():
            self.stdout.write(f"  reads {words}")
