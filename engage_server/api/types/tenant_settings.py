"""What a tenant sets for itself beside its facts, in GraphQL: web origins, how long events are kept; its limits to read."""

from datetime import date
from enum import StrEnum
from typing import Final

import strawberry

from engage_server.access.limits import TENANT, defaults, limits_of
from engage_server.access.models import Limit
from engage_server.access.principal import Permission
from engage_server.access.usage import usage_of
from engage_server.activity.models import Event
from engage_server.api.context import Info
from engage_server.api.exceptions import BadUserInputError
from engage_server.api.permissions import requires
from engage_server.api.types.subjects import plain
from engage_server.api.types.tenant import refused_as_input
from engage_server.api.types.writes import WriteInput, WritePayload, carry_out
from engage_server.customers.windows import day_window
from engage_server.engine.exceptions import BeyondRetentionError
from engage_server.operations import data_retention, tenants
from engage_server.operations.limits import set_limit
from engage_server.operations.writes import Facts
from engage_server.sdk.graphql import expose_enum
from engage_server.tenancy.data_retention import first_kept
from engage_server.tenancy.scope import TenantRef
from engage_server.tenancy.services import find_tenant

CONFIGURES: Final = requires(Permission.CONFIG_WRITE)
LONGEST_PERIOD_DAYS: Final = 99_999
MOST_POINTS: Final = 1_000_000


class LimitName(StrEnum):
    """The names of ``access.models.Limit``."""

    EVENTS_PER_SECOND = "events_per_second"
    EVENTS_PER_DAY = "events_per_day"
    QUERY_POINTS = "query_points"
    QUERY_POINTS_PER_SECOND = "query_points_per_second"
    KEY_POINTS_PER_MINUTE = "key_points_per_minute"
    PERSON_POINTS_PER_MINUTE = "person_points_per_minute"


class ShareName(StrEnum):
    """Those of them that a tenant sets itself: what each key or each person may use of its points."""

    KEY_POINTS_PER_MINUTE = "key_points_per_minute"
    PERSON_POINTS_PER_MINUTE = "person_points_per_minute"


expose_enum(
    LimitName,
    name="LimitName",
    description="What is limited. QUERY_POINTS is how many points of queries can be saved up; those of a minute hold for "
    "each key that has no points of its own, and for each person.",
)
expose_enum(
    ShareName,
    name="ShareName",
    description="What each key, or each person who is signed in, may use of the tenant's query points in a minute.",
)


@strawberry.type(
    name="Limit",
    description="How much the tenant may use of something: its operator decides, but for `setShare`.",
)
class LimitNode:
    name: LimitName
    amount: int | None = strawberry.field(description="Null: no limit.")
    is_default: bool = strawberry.field(description="Whether it is that of all tenants.")
    used: int | None = strawberry.field(
        description="Of events a day since the day began (UTC), of saved points and of events a second what is used up now; "
        "null for a rate."
    )


@strawberry.type(description="What a tenant sets for itself, beside its name, zone and cadence.")
class TenantSettings:
    allowed_origins: list[str] = strawberry.field(
        description="Web pages that may ask; none: tracking from any page, GraphQL from no other origin."
    )
    acting_origins: list[str] = strawberry.field(
        description="Those of them whose pages may act as the person who is signed in in the browser."
    )
    events_keep_days: int | None = strawberry.field(
        description="For how many days raw events are kept; null: forever."
    )
    first_day_kept: date | None = strawberry.field(description="The first day whose events are kept.")

    @classmethod
    def of(cls, info: Info) -> "TenantSettings":
        """Those in force."""
        tenant = find_tenant(info.context.tenant.slug)
        return cls(
            allowed_origins=sorted(tenant.allowed_origins),
            acting_origins=sorted(tenant.acting_origins),
            events_keep_days=tenant.events_keep_days,
            first_day_kept=first_kept(tenant.ref.zone, tenant.events_keep_days),
        )


@strawberry.input(description="Which web pages may ask.")
class SetOriginsInput(WriteInput):
    origins: list[str] = strawberry.field(
        description="All of them, as `https://app.example.com`; none lifts the restriction."
    )
    acting: list[str] | None = strawberry.field(
        default=None,
        description="Those of them whose pages may act, by the browser's session, as the person who is signed in. Null: "
        "those that may already, as far as they are named still. To change them needs `members:manage`, too.",
    )


@strawberry.input(description="How long raw events are kept; stored values stay.")
class SetRetentionInput(WriteInput):
    events_keep_days: int | None = strawberry.field(
        description="1 to 99,999 days; null: forever. What is older is deleted for good within minutes."
    )


@strawberry.input(description="How much each key, or each person, may use of the tenant's query points.")
class SetShareInput(WriteInput):
    name: ShareName = strawberry.field(description="Of keys or of people.")
    points: int | None = strawberry.field(
        description="So many a minute, at most 1,000,000; 0: as many as the tenant has; null: the server's default."
    )


@strawberry.type(description="The limits, one of which was changed.")
class LimitsPayload(WritePayload):
    @strawberry.field(description="As they are now.")
    def limits(self, info: Info) -> list[LimitNode]:
        return limit_nodes(info.context.tenant)


@strawberry.type(description="The settings that were changed.")
class SettingsPayload(WritePayload):
    @strawberry.field(description="As they are now.")
    def settings(self, info: Info) -> TenantSettings:
        return TenantSettings.of(info)


@strawberry.type(description="How long events are kept from now on.")
class RetentionPayload(SettingsPayload):
    @strawberry.field(description="Events that are older than what was asked for, and are deleted.")
    def events_to_delete(self, info: Info) -> int:
        days = self.written.facts["days"]
        tenant = info.context.tenant
        first = first_kept(tenant.zone, days if isinstance(days, int) else None)
        if first is None:
            return 0
        return Event.objects.filter(occurred_at__lt=day_window(first, tenant.timezone).start).count()


@strawberry.type
class TenantSettingsQuery:
    @strawberry.field(
        description="Web origins, and how long events are kept.",
        extensions=[requires(Permission.METRICS_READ)],
    )
    def tenant_settings(self, info: Info) -> TenantSettings:
        return TenantSettings.of(info)

    @strawberry.field(
        description="How much the tenant may use, and how much it has.",
        extensions=[requires(Permission.METRICS_READ)],
    )
    def limits(self, info: Info) -> list[LimitNode]:
        return limit_nodes(info.context.tenant)


@strawberry.type
class TenantSettingsMutation:
    @strawberry.mutation(
        description="Say how much each key, or each person, may use of the tenant's query points, so that no one of them "
        "uses them up. Felt within five seconds.",
        extensions=[CONFIGURES],
    )
    def set_share(self, info: Info, input: SetShareInput) -> LimitsPayload:
        points = input.points
        if points is not None and not 0 <= points <= MOST_POINTS:
            raise BadUserInputError(f"points is {points}. Remedy: 0 to {MOST_POINTS:,}, or null.")

        def change() -> Facts:
            set_limit(info.context.tenant, Limit.Name(input.name.value), points)
            return {}

        return LimitsPayload(**carry_out(info, input, change))

    @strawberry.mutation(description="Say which web pages may ask the tenant.", extensions=[CONFIGURES])
    def set_origins(self, info: Info, input: SetOriginsInput) -> SettingsPayload:
        wanted = [plain(origin) for origin in input.origins]
        acting = None if input.acting is None else [plain(origin) for origin in input.acting]
        if acting is not None:
            # Whoever may let a page act can act as everybody who opens it.
            info.context.principal.require(Permission.MEMBERS_MANAGE)

        def change() -> Facts:
            with refused_as_input():
                tenants.set_origins(info.context.tenant.slug, wanted, acting=acting)
            return {}

        return SettingsPayload(**carry_out(info, input, change))

    @strawberry.mutation(
        description="Say how long raw events are kept. `dryRun` tells how many would be deleted.",
        extensions=[requires(Permission.PRIVACY_MANAGE)],
    )
    def set_retention(self, info: Info, input: SetRetentionInput) -> RetentionPayload:
        days = input.events_keep_days
        if days is not None and not 1 <= days <= LONGEST_PERIOD_DAYS:
            raise BadUserInputError(
                f"eventsKeepDays is {days}. Remedy: 1 to {LONGEST_PERIOD_DAYS:,}, or null for ever."
            )

        def change() -> Facts:
            try:
                data_retention.change_retention(info.context.tenant, events_keep_days=days)
            except BeyondRetentionError as error:
                raise BadUserInputError(str(error)) from None
            return {"days": days}

        return RetentionPayload(**carry_out(info, input, change))


def limit_nodes(tenant: TenantRef) -> list[LimitNode]:
    """The tenant's limits, in the order of their names, and what it has used."""
    amounts = limits_of(tenant)[TENANT]
    used = usage_of(tenant, amounts)
    return [
        LimitNode(
            name=LimitName(str(name)),
            amount=amounts.get(name, default) or None,
            is_default=name not in amounts,
            used=used.get(Limit.Name(name)),
        )
        for name, default in defaults().items()
    ]
