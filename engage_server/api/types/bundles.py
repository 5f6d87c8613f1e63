"""Bundles in GraphQL: which there are, and applying one."""

from typing import Self

import strawberry
from strawberry.scalars import JSON

from engage_server.access.principal import Permission
from engage_server.api.context import Info
from engage_server.api.exceptions import BadUserInputError
from engage_server.api.languages import text_in
from engage_server.api.permissions import requires
from engage_server.api.types.subjects import plain
from engage_server.api.types.writes import (
    WriteInput,
    WritePayload,
    carry_out,
)
from engage_server.operations import bundles as operations
from engage_server.operations.bundle_files import Bundle, bundle, bundle_ids
from engage_server.operations.exceptions import UnknownBundleError
from engage_server.operations.writes import Facts
from engage_server.plugin_host.registry import registry
from engage_server.sdk import Cadence


@strawberry.type(name="Bundle", description="Plugins that belong together, with sensible configuration.")
class BundleNode:
    name: str = strawberry.field(description="What `applyBundle` takes.")
    plugins: list[strawberry.ID]
    missing: list[strawberry.ID] = strawberry.field(description="Those that are not installed.")
    cadence: Cadence | None = strawberry.field(description="What it sets the tenant's to; null: leaves it.")
    preset: str | None = strawberry.field(description="The dictionary preset that it applies.")
    kept: strawberry.Private[Bundle]

    @strawberry.field(description="In English where there is no translation.")
    def title(self, language: str = "en") -> str:
        return text_in(self.kept.title, language, default=self.kept.title["en"])

    @classmethod
    def of(cls, one: Bundle) -> Self:
        """The node of a bundle."""
        ids = [strawberry.ID(plugin.id) for plugin in one.plugin]
        return cls(
            name=one.id,
            plugins=ids,
            missing=[id for id in ids if id not in registry().plugins],
            cadence=Cadence(one.cadence) if one.cadence else None,
            preset=one.preset or None,
            kept=one,
        )


@strawberry.type(description="What a bundle does to one of its plugins.")
class BundleStep:
    plugin: strawberry.ID
    missing: bool = strawberry.field(description="It is not installed, so that nothing is done.")
    enables: bool = strawberry.field(description="It was not enabled.")
    changes: JSON = strawberry.field(description="By field of its configuration `from` and `to`.")
    reads: list[str] = strawberry.field(
        description="What enabling or changing it needs agreement to, beside what was agreed to before."
    )


@strawberry.type(description="What applying a bundle changes.")
class BundlePlan:
    bundle: BundleNode
    applied: bool = strawberry.field(description="False: a dry run, which changed nothing.")
    cadence: Cadence | None = strawberry.field(description="What the tenant's becomes; null: it stays.")
    preset: str | None
    primary_metric: strawberry.ID | None = strawberry.field(
        description="What the tenant's becomes; null: it stays, as one that is set always does."
    )
    segments: list[str] = strawberry.field(description="Names of the segments that it makes.")
    steps: list[BundleStep]

    @classmethod
    def of(cls, plan: operations.Plan, *, applied: bool) -> Self:
        """The node of a plan."""
        return cls(
            bundle=BundleNode.of(plan.bundle),
            applied=applied,
            cadence=Cadence(plan.cadence) if plan.cadence else None,
            preset=plan.preset or None,
            primary_metric=strawberry.ID(plan.primary_metric) if plan.primary_metric else None,
            segments=[one.name for one in plan.segments],
            steps=[
                BundleStep(
                    plugin=strawberry.ID(step.id),
                    missing=step.is_missing,
                    enables=step.enables,
                    changes=JSON(
                        {field: {"from": old, "to": new} for field, (old, new) in step.changes.items()}
                    ),
                    reads=[*step.reads.values()],
                )
                for step in plan.plugins
            ],
        )


@strawberry.type
class BundleQuery:
    @strawberry.field(
        description="The bundles that `applyBundle` takes.", extensions=[requires(Permission.METRICS_READ)]
    )
    def bundles(self, info: Info) -> list[BundleNode]:
        return [BundleNode.of(bundle(bundle_id)) for bundle_id in bundle_ids()]


@strawberry.input(description="A bundle to apply.")
class ApplyBundleInput(WriteInput):
    name: str
    agree: bool = strawberry.field(
        default=False,
        description="To what its plugins read, by their configuration too, and was not agreed to before.",
    )


@strawberry.type(description="What applying a bundle changes.")
class BundlePayload(WritePayload):
    plan: BundlePlan = strawberry.field(
        description="Of a dry run what would be changed; of a repeated request what is left to change."
    )


@strawberry.type
class BundleMutation:
    @strawberry.mutation(
        description="Enable and configure a bundle's plugins, all or nothing; `dryRun` says what that would change, "
        "without `agree` as well.",
        extensions=[requires(Permission.CONFIG_WRITE)],
    )
    def apply_bundle(self, info: Info, input: ApplyBundleInput) -> BundlePayload:
        tenant, name = info.context.tenant, plain(input.name)
        plans: list[operations.Plan] = []

        def change() -> Facts:
            if input.dry_run:
                plans.append(operations.plan_bundle(tenant, name))
            else:
                plans.append(operations.apply_bundle(tenant, name, agree=input.agree))
            return {}

        try:
            done = carry_out(info, input, change)
            plan = plans[0] if plans else operations.plan_bundle(tenant, name)
        except UnknownBundleError as error:
            raise BadUserInputError(str(error)) from None
        return BundlePayload(plan=BundlePlan.of(plan, applied=not input.dry_run), **done)
