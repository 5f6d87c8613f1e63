"""The mutation of events: small batches, item by item, as tracking takes them in."""

from datetime import datetime
from enum import StrEnum
from itertools import zip_longest
from typing import Any, Self, cast

import strawberry
from strawberry.scalars import JSON

from engage_server.access.exceptions import BudgetSpentError
from engage_server.access.limits import budgets_of
from engage_server.access.principal import Permission
from engage_server.access.rate_limiter import spend
from engage_server.api.context import Context, Info
from engage_server.api.exceptions import RateLimitedError
from engage_server.api.permissions import requires
from engage_server.api.types.references import ACCOUNT_NAMED, PERSON_NAMED, account_name, person_names
from engage_server.api.types.subjects import plain
from engage_server.api.types.writes import WriteInput, WritePayload, carry_out
from engage_server.operations import event_batches
from engage_server.operations.stored_records import SOURCE
from engage_server.operations.writes import Facts
from engage_server.sdk.graphql import expose_enum


class EventOutcomeKind(StrEnum):
    """The kinds of ``ingest.outcomes.OutcomeKind``."""

    STORED = "STORED"
    DUPLICATE = "DUPLICATE"
    INCOMPLETE = "INCOMPLETE"
    CONFLICT = "CONFLICT"
    REFUSED = "REFUSED"
    DROPPED = "DROPPED"


expose_enum(
    EventOutcomeKind,
    name="EventOutcomeKind",
    description="DUPLICATE: stored before. INCOMPLETE: stored without a part. CONFLICT: its id is stored with other "
    "content, and the first stands. REFUSED: in quarantine. DROPPED: kept nowhere, to protect its person.",
)


@strawberry.input(description="Something that a person, or somebody of an account, did.")
class EventInput:
    name: str = strawberry.field(description="1 to 200 characters.")
    person: strawberry.ID | None = strawberry.field(default=None, description=PERSON_NAMED)
    account: strawberry.ID | None = strawberry.field(
        default=None, description=f"Needed where no person is named. {ACCOUNT_NAMED}"
    )
    properties: JSON | None = strawberry.field(default=None, description="An object.")
    occurred_at: datetime | None = strawberry.field(default=None, description="Default: now.")
    message_id: str | None = strawberry.field(
        default=None,
        description="Makes a repetition harmless within the source; default: derived from what the event says.",
    )

    def as_call(self, context: Context) -> dict[str, Any]:
        """The track call that says the same."""
        named = {} if self.person is None else person_names(context, self.person)
        call = {
            "type": "track",
            "event": plain(self.name),
            "userId": named.get("person"),
            "anonymousId": named.get("anonymous_id"),
            "context": None if self.account is None else {"groupId": account_name(context, self.account)},
            "properties": self.properties,
            "timestamp": None if self.occurred_at is None else self.occurred_at.isoformat(),
            "messageId": None if self.message_id is None else plain(self.message_id),
        }
        return {field: value for field, value in call.items() if value is not None}


@strawberry.input(description="Events, at most 100.")
class SendEventsInput(WriteInput):
    events: list[EventInput]
    source: str = strawberry.field(
        default=SOURCE, description="Where they come from; message ids are unique within it."
    )


@strawberry.type(description="What became of one event.")
class EventOutcome:
    index: int = strawberry.field(description="Its place in the input, from 0.")
    kind: EventOutcomeKind
    code: str | None = strawberry.field(description="Why it was not taken whole; null where it was.")
    message: str | None

    @classmethod
    def of(cls, index: int, kept: dict[str, str], message: str | None) -> Self:
        """The node of an outcome as the facts keep it."""
        return cls(
            index=index,
            kind=EventOutcomeKind(kept["kind"]),
            code=kept["code"] or None,
            message=message or None,
        )


@strawberry.type(description="What became of the events.")
class EventsPayload(WritePayload):
    messages: strawberry.Private[list[str]]

    @strawberry.field(
        description="One for each event, in their order; of a repetition under the same key without the messages."
    )
    def outcomes(self) -> list[EventOutcome]:
        kept = cast("list[dict[str, str]]", self.written.facts["outcomes"])
        return [
            EventOutcome.of(index, one, message)
            for index, (one, message) in enumerate(zip_longest(kept, self.messages))
        ]


@strawberry.type
class EventWriteMutation:
    @strawberry.mutation(
        description="Take in up to 100 events, each by itself, as `/v1/batch` does; what is refused goes to quarantine. "
        "They count against the limits of events.",
        extensions=[requires(Permission.EVENTS_WRITE)],
    )
    def send_events(self, info: Info, input: SendEventsInput) -> EventsPayload:
        calls = [event.as_call(info.context) for event in input.events]
        source = plain(input.source)
        messages: list[str] = []

        def change() -> Facts:
            outcomes = event_batches.send_events(calls, source=source)
            messages.extend(outcome.message for outcome in outcomes)
            return {
                "outcomes": [{"kind": outcome.kind.name, "code": outcome.code} for outcome in outcomes],
            }

        # Outside of the transaction: a portion that is taken back would be used twice.
        spend_events(info.context, min(len(calls), event_batches.MOST_EVENTS))
        return EventsPayload(messages=messages, **carry_out(info, input, change))


def spend_events(context: Context, count: int) -> None:
    """Use up what tenant and key may send of events and other rows.

    Raises:
        RateLimitedError: a limit is reached.
    """
    budgets = budgets_of(context.tenant.id, actor=context.principal.actor).events
    try:
        if budgets and count:
            spend(context.tenant.id, budgets, count)
    except BudgetSpentError as error:
        raise RateLimitedError(str(error), retry_after_s=error.retry_after_s, holder=error.holder) from None
