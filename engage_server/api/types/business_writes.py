"""Mutations of what accounts pay, cost and answer: subscriptions, costs, revenues, opportunities, answers, touches."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

import strawberry
from strawberry.scalars import JSON

from engage_server.access.principal import Permission
from engage_server.api.context import Info
from engage_server.api.permissions import requires
from engage_server.api.types.account_writes import AccountPayload
from engage_server.api.types.accounts import Account, account_node
from engage_server.api.types.references import ACCOUNT_NAMED, PERSON_NAMED, account_name, person_names
from engage_server.api.types.score_directions import ScoreDirection
from engage_server.api.types.writes import WriteInput, WritePayload, carry_out, told
from engage_server.customers.models import LedgerEntry
from engage_server.operations import business_records
from engage_server.operations.records import (
    NewAnswer,
    NewLedgerEntry,
    NewTouch,
    SubscriptionFacts,
    read_record,
)
from engage_server.operations.writes import Facts
from engage_server.sdk.graphql import expose_enum

WRITES: Final = requires(Permission.EVENTS_WRITE)


class SubscriptionStatus(StrEnum):
    """The words of ``customers.statuses.STATUSES``."""

    ACTIVE = "active"
    PAST_DUE = "past_due"
    NON_RENEWING = "non_renewing"
    FUTURE = "future"
    TRIALING = "trialing"
    IN_TRIAL = "in_trial"
    ON_TRIAL = "on_trial"
    CANCELED = "canceled"
    ENDED = "ended"
    EXPIRED = "expired"
    INCOMPLETE_EXPIRED = "incomplete_expired"
    TRANSFERRED = "transferred"
    UNPAID = "unpaid"
    PAUSED = "paused"
    SUSPENDED = "suspended"
    INCOMPLETE = "incomplete"
    PENDING = "pending"
    DRAFT = "draft"


expose_enum(
    SubscriptionStatus,
    name="SubscriptionStatus",
    description="Where a subscription stands, in the words of billing systems: which of them are paid, tried, ended or "
    "idle is told in the documentation of imports.",
)


@strawberry.input(description="An amount of money.")
class MoneyInput:
    amount: Decimal = strawberry.field(description="At most four places, as a string.")
    currency: str = strawberry.field(description="ISO 4217: three letters.")


@strawberry.input(description="The whole of a subscription, as it is from `changedOn` on.")
class RecordSubscriptionInput(WriteInput):
    external_id: str = strawberry.field(description="What the billing system calls it.")
    account: strawberry.ID = strawberry.field(description=ACCOUNT_NAMED)
    starts_on: date
    ends_on: date | None = strawberry.field(default=None, description="The first day without it; null: open.")
    plan: str | None = None
    seats: int | None = strawberry.field(default=None, description="Null: unlimited.")
    price: MoneyInput | None = strawberry.field(default=None, description="Of one interval; null: nothing.")
    interval_months: int = 1
    is_trial: bool = False
    status: SubscriptionStatus = SubscriptionStatus.ACTIVE
    channel: str | None = strawberry.field(default=None, description="Where it was sold.")
    cancel_reason: str | None = strawberry.field(default=None, description="Why it was given notice of.")
    changed_on: date | None = strawberry.field(
        default=None,
        description="The first day of this plan, these seats, price and status; default: today, or the start if it is new.",
    )


@strawberry.input
class MoneyOfDayInput(WriteInput):
    """Money that belongs to a day."""

    on: date
    money: MoneyInput
    account: strawberry.ID | None = strawberry.field(
        default=None, description=f"{ACCOUNT_NAMED} Null: nobody's in particular."
    )
    category: str | None = strawberry.field(default=None, description="For example support.")
    external_id: str | None = strawberry.field(
        default=None, description="What is told last under one id stands; null: an entry of its own."
    )


@strawberry.input(description="A cost of a day.")
class RecordCostInput(MoneyOfDayInput):
    keeps_customers: bool = strawberry.field(
        default=True, description="Whether it is a cost of keeping customers (customer retention cost)."
    )


@strawberry.input(description="A revenue beside subscriptions.")
class RecordRevenueInput(MoneyOfDayInput):
    """As a cost, without more."""


@strawberry.input(description="A stage that an opportunity reached on a day.")
class RecordOpportunityInput(WriteInput):
    external_id: str = strawberry.field(description="The opportunity's; the same for all its stages.")
    account: strawberry.ID = strawberry.field(description=ACCOUNT_NAMED)
    stage: str = strawberry.field(description="As the tenant calls it.")
    on: date = strawberry.field(description="The day on which it was reached.")
    money: MoneyInput
    closes_on: date | None = strawberry.field(default=None, description="When it is, or was, decided.")


@strawberry.input(description="An answer to a survey; without a score it was shown and dismissed.")
class RecordAnswerInput(WriteInput):
    instrument: str = strawberry.field(description="Which survey, for example nps.")
    scale_min: Decimal
    scale_max: Decimal
    score: Decimal | None = None
    direction: ScoreDirection | None = strawberry.field(
        default=None,
        description="Default: as the tenant's conventions say of the survey; UP for those that begin with nps or csat.",
    )
    person: strawberry.ID | None = strawberry.field(default=None, description=PERSON_NAMED)
    account: strawberry.ID | None = strawberry.field(default=None, description=ACCOUNT_NAMED)
    text: str | None = None
    tags: list[str] | None = strawberry.field(
        default=None, description="What it is about: at most 20, of 60 characters."
    )
    metric: strawberry.ID | None = strawberry.field(
        default=None, description="Full id of the metric that it is about."
    )
    occurred_at: datetime | None = strawberry.field(default=None, description="Default: now.")
    external_id: str | None = strawberry.field(
        default=None, description="A second answer under one id is a CONFLICT; null: one of its own."
    )


@strawberry.input(description="That one of the tenant's own people was in touch with an account.")
class RecordTouchInput(WriteInput):
    account: strawberry.ID = strawberry.field(description=ACCOUNT_NAMED)
    event: str = strawberry.field(
        description="An event of one of the channels of contact, as the plugins that count contacts are configured."
    )
    person: strawberry.ID | None = strawberry.field(default=None, description=PERSON_NAMED)
    properties: JSON | None = None
    occurred_at: datetime | None = strawberry.field(default=None, description="Default: now.")
    external_id: str | None = strawberry.field(
        default=None, description="Its message id; null: one of its own."
    )


@strawberry.type(description="The entry of money that was written.")
class LedgerPayload(WritePayload):
    given_id: strawberry.Private[str | None]

    @strawberry.field(description="What it is kept under.")
    def external_id(self) -> str:
        return self.given_id or str(self.written.facts["own_id"])

    @strawberry.field(
        description="Whose it is; null: nobody's in particular.",
        extensions=[requires(Permission.METRICS_READ)],
    )
    def account(self, info: Info) -> Account | None:
        return (
            account_node(info.context, pk=self.number("account")) if self.written.facts["account"] else None
        )


@strawberry.type(description="The answer that was written.")
class AnswerPayload(WritePayload):
    given_id: strawberry.Private[str | None]

    @strawberry.field(description="What it is kept under.")
    def external_id(self) -> str:
        return self.given_id or str(self.written.facts["own_id"])


@strawberry.type(description="The contact that was written.")
class TouchPayload(AccountPayload):
    given_id: strawberry.Private[str | None]

    @strawberry.field(description="What the event is kept under.")
    def external_id(self) -> str:
        return self.given_id or str(self.written.facts["own_id"])


@strawberry.type
class BusinessWriteMutation:
    @strawberry.mutation(
        description="Keep a subscription as it is from a day on, new or known; its earlier terms stay as they were.",
        extensions=[WRITES],
    )
    def record_subscription(self, info: Info, input: RecordSubscriptionInput) -> AccountPayload:
        given = {**told(input, "price", "status"), "status": input.status.value, **_money(input.price)}
        given["account"] = account_name(info.context, input.account)
        facts = read_record(SubscriptionFacts, given)

        def change() -> Facts:
            return {"account": business_records.record_subscription(facts)}

        return AccountPayload(**carry_out(info, input, change))

    @strawberry.mutation(description="Keep a cost.", extensions=[WRITES])
    def record_cost(self, info: Info, input: RecordCostInput) -> LedgerPayload:
        more = {"included_in_crc": input.keeps_customers}
        return _entry(info, input, LedgerEntry.Kind.COST, told(input, "keeps_customers") | more)

    @strawberry.mutation(description="Keep a revenue beside subscriptions.", extensions=[WRITES])
    def record_revenue(self, info: Info, input: RecordRevenueInput) -> LedgerPayload:
        return _entry(info, input, LedgerEntry.Kind.REVENUE, told(input))

    @strawberry.mutation(description="Keep that an opportunity reached a stage.", extensions=[WRITES])
    def record_opportunity(self, info: Info, input: RecordOpportunityInput) -> LedgerPayload:
        return _entry(info, input, LedgerEntry.Kind.OPPORTUNITY, told(input))

    @strawberry.mutation(description="Keep an answer to a survey.", extensions=[WRITES])
    def record_answer(self, info: Info, input: RecordAnswerInput) -> AnswerPayload:
        if input.metric is not None:
            info.context.metric(input.metric)
        answer = read_record(NewAnswer, _about(info, input))

        def change() -> Facts:
            return _own_id(input.external_id, business_records.record_answer(answer).external_id)

        return AnswerPayload(given_id=input.external_id, **carry_out(info, input, change))

    @strawberry.mutation(
        description="Keep that one of the tenant's own people was in touch with an account.",
        extensions=[WRITES],
    )
    def record_touch(self, info: Info, input: RecordTouchInput) -> TouchPayload:
        touch = read_record(NewTouch, _about(info, input))

        def change() -> Facts:
            account, message_id = business_records.record_touch(touch)
            return {"account": account, **_own_id(input.external_id, message_id)}

        return TouchPayload(given_id=input.external_id, **carry_out(info, input, change))


def _entry(
    info: Info,
    given: MoneyOfDayInput | RecordOpportunityInput,
    kind: LedgerEntry.Kind,
    fields: dict[str, Any],
) -> LedgerPayload:
    fields = {**fields, "kind": kind, "occurred_on": given.on, **_money(given.money)}
    if given.account is not None:
        fields["account"] = account_name(info.context, given.account)
    entry = read_record(NewLedgerEntry, {name: fields[name] for name in fields.keys() - {"on", "money"}})

    def change() -> Facts:
        kept = business_records.record_ledger_entry(entry)
        return {"account": kept.account_id, **_own_id(given.external_id, kept.external_id)}

    return LedgerPayload(given_id=given.external_id, **carry_out(info, given, change))


def _own_id(given: str | None, kept_under: str) -> Facts:
    """The id as it may be kept with an idempotency key: ours alone. A client's may name a person, and comes again."""
    return {"own_id": None if given else kept_under}


def _about(info: Info, given: RecordAnswerInput | RecordTouchInput) -> dict[str, Any]:
    """The fields of an input with the account and the person that it names."""
    fields = told(given, "account", "person")
    if given.account is not None:
        fields["account"] = account_name(info.context, given.account)
    return fields if given.person is None else {**fields, **person_names(info.context, given.person)}


def _money(money: MoneyInput | None) -> dict[str, Any]:
    return {} if money is None else {"amount": money.amount, "currency": money.currency}
