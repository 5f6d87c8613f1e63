"""What the tenant agrees on about its own data, in GraphQL."""

from typing import Self

import strawberry

from engage_server.access.principal import Permission
from engage_server.api.context import Info
from engage_server.api.exceptions import BadUserInputError
from engage_server.api.permissions import requires
from engage_server.api.types.score_directions import ScoreDirection
from engage_server.api.types.writes import (
    WriteInput,
    WritePayload,
    carry_out,
)
from engage_server.operations import conventions
from engage_server.operations.writes import Facts
from engage_server.tenancy.exceptions import InvalidTenantError
from engage_server.tenancy.models import Tenant
from engage_server.tenancy.services import find_tenant


@strawberry.type(description="Which way a survey's scores count where its answers do not say it.")
class SurveyDirection:
    instrument: str
    direction: ScoreDirection


@strawberry.input(description="Which way a survey's scores count where its answers do not say it.")
class SurveyDirectionInput:
    instrument: str
    direction: ScoreDirection


@strawberry.type(description="How what comes in is to be read.")
class Conventions:
    placeholder_ids: list[str] = strawberry.field(
        description="Ids that stand for nobody, beside the usual ones such as `undefined`; upper and lower case are one."
    )
    survey_directions: list[SurveyDirection]
    tracked_traits: list[str] = strawberry.field(description="Traits of accounts whose history is kept.")

    @classmethod
    def of(cls, tenant: Tenant) -> Self:
        """Those of a tenant."""
        return cls(
            placeholder_ids=list(tenant.placeholder_ids),
            survey_directions=[
                SurveyDirection(instrument=instrument, direction=ScoreDirection(direction))
                for instrument, direction in sorted(tenant.survey_directions.items())
            ],
            tracked_traits=list(tenant.tracked_traits),
        )


@strawberry.type
class ConventionQuery:
    @strawberry.field(
        description="How what comes in is to be read.", extensions=[requires(Permission.CONFIG_WRITE)]
    )
    def conventions(self, info: Info) -> Conventions:
        return Conventions.of(find_tenant(info.context.tenant.slug))


@strawberry.input(
    description="How what comes in is to be read; what is left out stays, what is given is all."
)
class UpdateConventionsInput(WriteInput):
    placeholder_ids: list[str] | None = None
    survey_directions: list[SurveyDirectionInput] | None = None
    tracked_traits: list[str] | None = None


@strawberry.type(description="The conventions that were written.")
class ConventionsPayload(WritePayload):
    @strawberry.field(description="As they are now.")
    def conventions(self, info: Info) -> Conventions:
        return Conventions.of(find_tenant(info.context.tenant.slug))


@strawberry.type
class ConventionMutation:
    @strawberry.mutation(
        description="Say how what comes in is to be read from now on.",
        extensions=[requires(Permission.CONFIG_WRITE)],
    )
    def update_conventions(self, info: Info, input: UpdateConventionsInput) -> ConventionsPayload:
        slug = info.context.tenant.slug

        def change() -> Facts:
            if input.placeholder_ids is not None:
                conventions.set_placeholder_ids(slug, input.placeholder_ids)
            if input.survey_directions is not None:
                wanted = {one.instrument: str(one.direction.value) for one in input.survey_directions}
                conventions.set_survey_directions(slug, wanted)
            if input.tracked_traits is not None:
                conventions.set_tracked_traits(slug, input.tracked_traits)
            return {}

        try:
            return ConventionsPayload(**carry_out(info, input, change))
        except InvalidTenantError as error:
            raise BadUserInputError(str(error)) from None
