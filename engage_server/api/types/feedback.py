"""What was said in words, in GraphQL: surveys' texts, imported feedback, and notes of the tenant's own people."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import strawberry
from django.db.models import Q

from engage_server.access.principal import Permission
from engage_server.api import ids
from engage_server.api.context import Context, Info
from engage_server.api.exceptions import BadUserInputError
from engage_server.api.masking import Masker
from engage_server.api.permissions import requires
from engage_server.api.types.entries import FeedbackEntry, answer_key, answer_place
from engage_server.api.types.nodes import Node
from engage_server.api.types.pages import USUAL_PAGE, Connection, page, page_request
from engage_server.api.types.references import ACCOUNT_NAMED, PERSON_NAMED, account_name, person_names
from engage_server.api.types.subjects import plain
from engage_server.api.types.writes import (
    WRITTEN_NODE,
    WriteInput,
    WritePayload,
    carry_out_one,
)
from engage_server.customers import models
from engage_server.customers.answers import HIDDEN
from engage_server.customers.exceptions import InvalidTagsError
from engage_server.customers.tags import clean_tags
from engage_server.operations.exceptions import FeedbackRefusedError
from engage_server.operations.feedback import record_feedback


@strawberry.input(description="What was said, by whom and about what.")
class RecordFeedbackInput(WriteInput):
    text: str
    given_by: models.SurveyResponse.GivenBy
    account: strawberry.ID | None = strawberry.field(
        default=None, description=f"What it is about. {ACCOUNT_NAMED}"
    )
    person: strawberry.ID | None = strawberry.field(default=None, description=f"Who said it. {PERSON_NAMED}")
    tags: list[str] = strawberry.field(default_factory=list, description="At most 20, of 60 characters.")
    metric: strawberry.ID | None = strawberry.field(
        default=None, description="Full id of the metric that it is about, such as nps.score."
    )
    occurred_at: datetime | None = strawberry.field(default=None, description="Default: now.")


@strawberry.type(description="The text that was kept.")
class FeedbackPayload(WritePayload):
    entry: FeedbackEntry | None = strawberry.field(description=WRITTEN_NODE)


@strawberry.input(description="Which texts; all of what is named holds.")
class FeedbackFilter:
    account: strawberry.ID | None = strawberry.field(
        default=None, description=f"What they are about. {ACCOUNT_NAMED}"
    )
    tag: str | None = strawberry.field(
        default=None, description="Without `personal:read` one that names a person finds nothing."
    )
    metric: strawberry.ID | None = strawberry.field(
        default=None, description="Full id of the metric that they are about."
    )
    given_by: models.SurveyResponse.GivenBy | None = None

    def lookups(self, context: Context) -> dict[str, Any]:
        """The conditions on rows.

        Raises:
            BadUserInputError: an id of the API that names no account of the tenant.
        """
        lookups = {
            "account__external_id": None if self.account is None else account_name(context, self.account),
            "tags__contains": None if self.tag is None else _tags([plain(self.tag)]),
            "metric": None if self.metric is None else plain(self.metric),
            "given_by": self.given_by,
        }
        return {lookup: value for lookup, value in lookups.items() if value is not None}


@strawberry.type
class FeedbackQuery:
    @strawberry.field(
        description="What was said in words, the newest first.",
        extensions=[requires(Permission.METRICS_READ)],
    )
    def feedback_entries(
        self,
        info: Info,
        *,
        first: int | None = USUAL_PAGE,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
        where: FeedbackFilter | None = None,
    ) -> Connection[FeedbackEntry]:
        found = models.SurveyResponse.objects.exclude(text="").exclude(HIDDEN)
        if where is not None:
            found = found.filter(**where.lookups(info.context))
            if where.tag is not None and _is_hidden(where.tag, info.context):
                found = found.none()
        asked = page_request(first, after, last, before)
        rows = found
        if asked.cursor is not None:
            at, pk = answer_place(ids.text_before(asked.cursor, of="feedbackEntries"))
            # The first condition is the index's, the second leaves out what the page before had of the same instant.
            rows = (
                found.filter(Q(occurred_at__gte=at), Q(occurred_at__gt=at) | Q(pk__gt=pk))
                if asked.is_backwards
                else found.filter(Q(occurred_at__lte=at), Q(occurred_at__lt=at) | Q(pk__lt=pk))
            )
        order = ("occurred_at", "pk") if asked.is_backwards else ("-occurred_at", "-pk")
        read = list(rows.select_related("account", "person__merged_into").order_by(*order)[: asked.size + 1])
        return page(
            read[::-1] if asked.is_backwards else read,
            of="feedbackEntries",
            asked=asked,
            key=answer_key,
            nodes=lambda page: _nodes(page, info.context),
            count=found.count,
        )


@strawberry.type
class FeedbackMutation:
    @strawberry.mutation(
        description="Keep what a customer said, or what one of the tenant's own people says of one.",
        extensions=[requires(Permission.EVENTS_WRITE)],
    )
    def record_feedback(self, info: Info, input: RecordFeedbackInput) -> FeedbackPayload:
        if input.metric is not None:
            info.context.metric(input.metric)
        tags = _tags([plain(tag) for tag in input.tags])
        account = None if input.account is None else account_name(info.context, input.account)
        person = {} if input.person is None else person_names(info.context, input.person)

        def change() -> models.SurveyResponse:
            try:
                return record_feedback(
                    plain(input.text),
                    given_by=input.given_by,
                    account=account,
                    **person,
                    tags=tags,
                    metric=input.metric or "",
                    occurred_at=input.occurred_at,
                )
            except FeedbackRefusedError as error:
                raise BadUserInputError(str(error)) from error

        return FeedbackPayload(
            **carry_out_one(
                info,
                input,
                change,
                name="entry",
                node=lambda stored: _nodes([stored], info.context)[0],
                again=_entry,
            )
        )


def _entry(pk: int) -> models.SurveyResponse | None:
    found = models.SurveyResponse.objects.exclude(HIDDEN).filter(pk=pk)
    return found.select_related("account", "person__merged_into").first()


def entries_of(context: Context, pks: Sequence[int]) -> dict[int, Node]:
    """The answers and texts of these keys that may be shown, by key."""
    found = models.SurveyResponse.objects.exclude(HIDDEN).filter(pk__in=pks)
    rows = list(found.select_related("account", "person__merged_into"))
    return {row.pk: node for row, node in zip(rows, _nodes(rows, context), strict=True)}


def _nodes(rows: Sequence[models.SurveyResponse], context: Context) -> list[FeedbackEntry]:
    context.accounts.see(row.account for row in rows if row.account is not None)
    return [FeedbackEntry.of(row, context) for row in rows]


def _is_hidden(tag: str, context: Context) -> bool:
    """Whether entries would be shown to the principal without the tag: then it must not find them either.

    Such a tag is as one that no entry has: to be refused would tell that it names somebody.
    """
    if context.principal.may(Permission.PERSONAL_READ):
        return False
    masker = Masker()
    tags = [masker.look(one) for one in _tags([tag])]
    masker.learn()
    return any(masker.mask(one) != one for one in tags)


def _tags(given: list[str]) -> list[str]:
    try:
        return list(clean_tags(given))
    except InvalidTagsError as error:
        raise BadUserInputError(str(error)) from error
