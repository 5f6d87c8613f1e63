"""What customers answered and said, in GraphQL: the node, and the lists of it at accounts and persons."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final, Self

import strawberry

from engage_server.access.principal import Permission
from engage_server.api import ids
from engage_server.api.context import Context, Info
from engage_server.api.permissions import personal, requires
from engage_server.api.types.circular import LazyAccount, LazyPerson, account_or_none, person_or_none
from engage_server.api.types.nodes import Node
from engage_server.api.types.pages import Connection, PageRequest, page
from engage_server.customers import models
from engage_server.customers.answers import AnswerPage, Place
from engage_server.customers.canonical_persons import canonical_person
from engage_server.sdk.graphql import expose_enum

ENTRY: Final = "FeedbackEntry"
expose_enum(
    models.SurveyResponse.GivenBy,
    name="FeedbackGivenBy",
    description="Whose words these are: a customer's, or those of the tenant's own people about one.",
)


@strawberry.type(description="What a survey's scores may be.")
class SurveyScale:
    low: float = strawberry.field(description="The lowest score.")
    high: float = strawberry.field(description="The highest score.")


@strawberry.type(
    name=ENTRY,
    description="What a customer answered or said: a survey's answer, with words or without, or feedback without a survey. "
    "Text, score and person are null without `personal:read`.",
)
class FeedbackEntry(Node):
    row: strawberry.Private[models.SurveyResponse]
    instrument: str = strawberry.field(description="Where it was given: a survey's name, or `feedback`.")
    given_by: models.SurveyResponse.GivenBy = strawberry.field(description="Whose words these are.")
    tags: list[str] = strawberry.field(description="What it is about, in lower case.")
    metric: strawberry.ID | None = strawberry.field(description="Full id of the metric that it is about.")
    occurred_at: datetime = strawberry.field(description="When it was given.")

    @strawberry.field(description="What was said; empty where a survey was answered without words.")
    def text(self, info: Info) -> str | None:
        return personal(info, self.row.text)

    @strawberry.field(description="The survey's score; null without a survey too.")
    def score(self, info: Info) -> float | None:
        return personal(info, None if self.row.score is None else float(self.row.score))

    @strawberry.field(
        description="The lowest and the highest score of the survey's scale; null without a survey."
    )
    def scale(self) -> SurveyScale | None:
        row = self.row
        if row.scale_min is None or row.scale_max is None:
            return None
        return SurveyScale(low=float(row.scale_min), high=float(row.scale_max))

    @strawberry.field(
        description="Whom it is about, where it was given for an account.",
        extensions=[requires(Permission.METRICS_READ)],
    )
    def account(self, info: Info) -> LazyAccount | None:
        return account_or_none(self.row.account, info.context)

    @strawberry.field(description="Who said it; null where that is not known.")
    def person(self, info: Info) -> LazyPerson | None:
        row = self.row.person
        canonical = None if row is None else canonical_person(row)
        return personal(info, person_or_none(canonical, info.context))

    @classmethod
    def of(cls, row: models.SurveyResponse, context: Context) -> Self:
        """The node of a row of the context's tenant."""
        return cls(
            id=strawberry.ID(ids.global_id(ENTRY, tenant_id=context.tenant.id, pk=row.pk)),
            row=row,
            instrument=row.instrument,
            given_by=models.SurveyResponse.GivenBy(row.given_by),
            tags=row.tags,
            metric=strawberry.ID(row.metric) if row.metric else None,
            occurred_at=row.occurred_at,
        )


def answer_page(
    read: Callable[[AnswerPage], list[models.SurveyResponse]],
    count: Callable[[], int],
    context: Context,
    *,
    of: str,
    asked: PageRequest,
    instrument: str | None,
) -> Connection[FeedbackEntry]:
    """A page of a subject's answers, the newest first.

    Args:
        read: reads a page of them.
        count: counts them all.
        context: the request's.
        of: the list's name.
        asked: which page.
        instrument: of one survey alone.

    Raises:
        BadUserInputError: the cursor is another list's.
    """
    place = None if asked.cursor is None else answer_place(ids.text_before(asked.cursor, of=of))

    def nodes(found: Sequence[models.SurveyResponse]) -> list[FeedbackEntry]:
        context.accounts.see(row.account for row in found if row.account is not None)
        context.persons.see(canonical_person(row.person) for row in found if row.person is not None)
        return [FeedbackEntry.of(row, context) for row in found]

    found = read(AnswerPage(asked.size + 1, place, asked.is_backwards, instrument))
    return page(found, of=of, asked=asked, key=answer_key, nodes=nodes, count=count)


def answer_key(row: models.SurveyResponse) -> str:
    """What a cursor says of an answer in a list of which the newest come first."""
    return json.dumps([row.occurred_at.isoformat(), row.pk], separators=(",", ":"))


def answer_place(text: str) -> Place:
    """The place of such a cursor.

    Raises:
        BadUserInputError: it is another list's.
    """
    try:
        at, pk = json.loads(text)
        moment = datetime.fromisoformat(at)
    except (ValueError, TypeError):
        raise ids.foreign_cursor() from None
    if moment.tzinfo is None or type(pk) is not int or not 0 <= pk <= ids.LARGEST_PK:
        raise ids.foreign_cursor()
    return moment, pk
