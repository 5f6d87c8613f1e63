"""Who is in a cell of retention, in GraphQL."""

from collections.abc import Sequence
from datetime import date, timedelta
from operator import attrgetter
from typing import Final, Literal

import strawberry

from engage_server import sdk
from engage_server.access.principal import Permission
from engage_server.activity.cohort_members import CohortMember as Member
from engage_server.api.context import Context, Info
from engage_server.api.ids import row_before
from engage_server.api.permissions import requires
from engage_server.api.types.accounts import Account
from engage_server.api.types.pages import USUAL_PAGE, Connection, page, page_request
from engage_server.api.types.persons import Person
from engage_server.engine.cohort_cells import CellAsked, members_of

LIST: Final = "cohortMembers"


@strawberry.type(description="A person or an account of a cohort, and whether it came back.")
class CohortMember:
    came_back: bool | None = strawberry.field(description="Null where its period is not over.")
    person: Person | None = strawberry.field(
        description="Null in cohorts of accounts, and where the person is not to be shown any more."
    )
    account: Account | None = strawberry.field(description="Null in cohorts of persons.")


@strawberry.type
class CohortQuery:
    @strawberry.field(
        description="Who is in a cell of a metric of retention, the first known first; 1 to 100 a page. Computed now, under "
        "the configuration in force. Cohorts of persons need `personal:read`.",
        extensions=[requires(Permission.METRICS_READ)],
    )
    def cohort_members(
        self,
        info: Info,
        *,
        metric: strawberry.ID,
        cohort: date,
        offset: int,
        on: date | None = None,
        came_back: bool | None = None,
        first: int | None = USUAL_PAGE,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Connection[CohortMember]:
        context = info.context
        context.metric(metric)
        asked = page_request(first, after, last, before)
        day = on or _newest(context, metric)
        cell_asked = CellAsked(metric=metric, day=day, cohort=cohort, offset=offset)
        if cell_asked.spec().subject == "person":
            context.principal.require(Permission.PERSONAL_READ)
        place = None if asked.cursor is None else row_before(asked.cursor, of=LIST)
        subject, cell = members_of(cell_asked)
        return page(
            cell.page(came_back, size=asked.size + 1, place=place, is_backwards=asked.is_backwards),
            of=LIST,
            asked=asked,
            key=attrgetter("id"),
            nodes=lambda found: _nodes(found, subject, context),
            count=lambda: cell.count(came_back),
        )


def _newest(context: Context, metric: str) -> date:
    """The day of the metric's newest value; yesterday where it has none."""
    value = context.metrics.latest(metric, sdk.TENANT)
    return context.today - timedelta(days=1) if value is None else value.day


def _nodes(
    found: Sequence[Member], subject: Literal["person", "account"], context: Context
) -> list[CohortMember]:
    ids = [one.id for one in found]
    if subject == "account":
        context.accounts.expect(ids)
        rows = {id: context.accounts.find(id) for id in ids}
        accounts = {id: Account.of(row, context) for id, row in rows.items() if row is not None}
        return [
            CohortMember(came_back=one.came_back, person=None, account=accounts.get(one.id)) for one in found
        ]
    context.persons.expect(ids)
    people = {id: context.persons.find(id) for id in ids}
    persons = {id: Person.of(row, context) for id, row in people.items() if row is not None}
    return [CohortMember(came_back=one.came_back, person=persons.get(one.id), account=None) for one in found]
