"""What the tenant agrees on about its own data, in GraphQL."""

from typing import Self

import strawberry

from engage_server.access.principal import Permission
from engage_server.api.context import Info
from engage_server.api.exceptions import BadUserInputError
from engage_server.api.permissions import requires
from engage_server.customers.models import SurveyResponse
from engage_server.operations import conventions
from engage_server.sdk.graphql import expose_enum
from engage_server.tenancy.exceptions import InvalidTenantError
from engage_server.tenancy.models import Tenant
from engage_server.tenancy.services import find_tenant

expose_enum(
    SurveyResponse.Direction,
    name="ScoreDirection",
    description="UP: a high score is good. DOWN: a low one is.",
)


@strawberry.type(description="Which way a survey's scores count where its answers do not say it.")
class SurveyDirection:
    instrument: str
    direction: SurveyResponse.Direction


@strawberry.input(description="Which way a survey's scores count where its answers do not say it.")
class SurveyDirectionInput:
    instrument: str
    direction: SurveyResponse.Direction


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
                SurveyDirection(instrument=instrument, direction=SurveyResponse.Direction(direction))
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


@strawberry.type
class ConventionMutation:
    @strawberry.mutation(
        description="Say how what comes in is to be read from now on; what is left out stays, what is given is all.",
        extensions=[requires(Permission.CONFIG_WRITE)],
    )
    def update_conventions(
        self,
        info: Info,
        placeholder_ids: list[str] | None = None,
        survey_directions: list[SurveyDirectionInput] | None = None,
        tracked_traits: list[str] | None = None,
    ) -> Conventions:
        slug = info.context.tenant.slug
        try:
            if placeholder_ids is not None:
                conventions.set_placeholder_ids(slug, placeholder_ids)
            if survey_directions is not None:
                wanted = {one.instrument: str(one.direction.value) for one in survey_directions}
                conventions.set_survey_directions(slug, wanted)
            if tracked_traits is not None:
                conventions.set_tracked_traits(slug, tracked_traits)
        except InvalidTenantError as error:
            raise BadUserInputError(str(error)) from None
        return Conventions.of(find_tenant(slug))
