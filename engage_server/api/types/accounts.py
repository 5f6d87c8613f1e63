"""Accounts in GraphQL: the node, its connection, its metrics."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime
from functools import partial
from hashlib import sha256
from operator import attrgetter
from typing import Self

import strawberry
from graphql_compiled import ReadyJson
from strawberry.scalars import JSON

from engage_server import sdk
from engage_server.access.principal import Permission
from engage_server.activity.timeline import events_of_account
from engage_server.api import ids
from engage_server.api.context import Context, Info
from engage_server.api.database_json import lists
from engage_server.api.database_json.lists import may_be_ready
from engage_server.api.database_json.selection import NotReadyError
from engage_server.api.ids import row_before
from engage_server.api.permissions import requires
from engage_server.api.ranked_rows import PageOfEach
from engage_server.api.signal_loader import SignalChoice
from engage_server.api.types.account_deliveries import AccountDelivery
from engage_server.api.types.account_departures import AccountDeparture, departure_of
from engage_server.api.types.circular import LazySignal, signal_nodes
from engage_server.api.types.entries import FeedbackEntry, answer_page
from engage_server.api.types.events import Event, EventFilter, timeline
from engage_server.api.types.goals import GoalNode, goal_nodes
from engage_server.api.types.metrics import MetricValue
from engage_server.api.types.money import Money
from engage_server.api.types.nodes import Node
from engage_server.api.types.pages import USUAL_PAGE, Connection, listed, numbered, page, page_request
from engage_server.api.types.persons import Person
from engage_server.api.types.signal_kinds import SignalKind
from engage_server.api.types.subjects import ACCOUNT, plain
from engage_server.api.types.subscriptions import Subscription
from engage_server.customers import models
from engage_server.customers.account_versions import version_of
from engage_server.customers.subscription_states import recurring, renewal
from engage_server.sdk.graphql import expose_enum

expose_enum(models.Account.Stage, name="AccountStage", description="Lifecycle stage.")


@strawberry.type(
    description="A value that an attribute of an account had for some days of the tenant's calendar."
)
class AttributePeriod:
    attribute: str = strawberry.field(description="plan, stage, parent, owner or traits.<name>.")
    value: JSON | None = strawberry.field(description="Of a parent its external id.")
    from_: date | None = strawberry.field(name="from", description="The first of the days; null: ever.")
    until: date | None = strawberry.field(description="The first day without it; null: still so.")


@strawberry.type(name=ACCOUNT, description="A customer company or team; enabled plugins add fields.")
class Account(Node):
    pk: strawberry.Private[int]
    row: strawberry.Private[models.Account]
    external_id: str
    name: str
    plan: str
    stage: models.Account.Stage
    started_at: datetime | None
    owner: str = strawberry.field(description="Who looks after it on the tenant's side; empty where unknown.")

    @strawberry.field(
        description="Which plan, stage, parent, owner and tracked traits it had on which days, the earliest first; "
        "with `asOf` as far as that had come in by the end of that day."
    )
    def history(self, info: Info, as_of: date | None = None) -> list[AttributePeriod]:
        found = info.context.accounts.history(self.pk, as_of=as_of)
        return [
            AttributePeriod(
                attribute=attribute,
                value=None if one.value is None else JSON(one.value),
                from_=one.first,
                until=one.until,
            )
            for attribute, periods in sorted(found.items())
            for one in periods
        ]

    @strawberry.field(
        description="When it left, with what was measured of it on its last day before; null while it is there, and where "
        "that day is not known."
    )
    def departure(self, info: Info) -> AccountDeparture | None:
        return departure_of(self.pk, info.context.accounts.history(self.pk, as_of=None).get("stage", ()))

    @strawberry.field(
        description="Another one wherever anything of the account has changed; `updateAccount` takes it as "
        "`expectedVersion`."
    )
    def version(self) -> str:
        return version_of(self.row)

    @strawberry.field(description="What the tenant says of the account.")
    def traits(self, info: Info) -> JSON:
        return JSON(info.context.accounts.traits(self.row))

    @strawberry.field
    def parent(self, info: Info) -> "Account | None":
        above = info.context.accounts.parent(self.row)
        return None if above is None else Account.of(above, info.context)

    @strawberry.field(description="Accounts directly below, the oldest first.")
    def children(
        self,
        info: Info,
        first: int | None = USUAL_PAGE,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> "Connection[Account]":
        accounts, of, asked = (
            info.context.accounts,
            f"children.{self.pk}",
            page_request(first, after, last, before),
        )
        place = None if asked.cursor is None else row_before(asked.cursor, of=of)
        return page(
            accounts.children(self.pk, PageOfEach(asked.size + 1, place, asked.is_backwards)),
            of=of,
            asked=asked,
            key=attrgetter("pk"),
            nodes=lambda below: [Account.of(child, info.context) for child in below],
            count=lambda: accounts.child_count(self.pk),
        )

    @strawberry.field(
        description="The first day on which a subscription that runs would end, unless it is renewed; null where none has "
        "an end."
    )
    def renews_on(self, info: Info) -> date | None:
        today = info.context.today
        return renewal(info.context.accounts.subscriptions(self.pk, today), today)

    @strawberry.field(
        description="What its paid subscriptions amount to a month today, in each currency of theirs."
    )
    def recurring(self, info: Info) -> list[Money]:
        today = info.context.today
        found = recurring(info.context.accounts.subscriptions(self.pk, today), today)
        return [Money.of(amount, currency) for currency, amount in found.items()]

    @strawberry.field(
        description="Its subscriptions with their terms of a day (default: today), the latest begun first; those that "
        "ended, too."
    )
    def subscriptions(
        self,
        info: Info,
        *,
        first: int | None = USUAL_PAGE,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
        on: date | None = None,
    ) -> Connection[Subscription]:
        day = on or info.context.today
        return listed(
            info.context.accounts.subscriptions(self.pk, day),
            of=f"subscriptions.{self.pk}",
            asked=page_request(first, after, last, before),
            key=attrgetter("pk"),
            nodes=lambda rows: [Subscription.of(row, day) for row in rows],
        )

    @strawberry.field(description="Persons who belong to the account now.")
    def member_count(self, info: Info) -> int:
        return info.context.accounts.member_count(self.pk)

    @strawberry.field(
        description="Persons who belong to the account now, the oldest first.",
        extensions=[requires(Permission.METRICS_READ)],
    )
    def members(
        self,
        info: Info,
        first: int | None = USUAL_PAGE,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Connection[Person]:
        accounts, of, asked = (
            info.context.accounts,
            f"members.{self.pk}",
            page_request(first, after, last, before),
        )
        place = None if asked.cursor is None else row_before(asked.cursor, of=of)
        return page(
            accounts.members(self.pk, PageOfEach(asked.size + 1, place, asked.is_backwards)),
            of=of,
            asked=asked,
            key=attrgetter("pk"),
            nodes=lambda found: [Person.of(row, info.context) for row in found],
            count=lambda: accounts.member_count(self.pk),
        )

    @strawberry.field(
        description="What happened in the account, the newest first: of 30 days where no other days are named. Events that "
        "name it, and those of its members that name none.",
        extensions=[requires(Permission.METRICS_READ)],
    )
    def events(
        self,
        info: Info,
        *,
        first: int | None = USUAL_PAGE,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
        where: EventFilter | None = None,
    ) -> Connection[Event]:
        asked = page_request(first, after, last, before)
        read = partial(events_of_account, self.pk)
        return timeline(read, info.context, where, of=f"events.{self.pk}", asked=asked)

    @strawberry.field(
        description="What was answered and said where the account was named, the newest first; of one survey where "
        "`instrument` names it.",
        extensions=[requires(Permission.METRICS_READ)],
    )
    def answers(
        self,
        info: Info,
        *,
        first: int | None = USUAL_PAGE,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
        instrument: str | None = None,
    ) -> Connection[FeedbackEntry]:
        accounts, survey = info.context.accounts, None if instrument is None else plain(instrument)
        return answer_page(
            partial(accounts.answers, self.pk),
            lambda: accounts.answer_count(self.pk, survey),
            info.context,
            of=f"answers.{self.pk}.{'all' if survey is None else sha256(survey.encode()).hexdigest()[:16]}",
            asked=page_request(first, after, last, before),
            instrument=survey,
        )

    @strawberry.field(
        description="What rules said of the account, the newest first: signals that are open and that nobody acknowledged. "
        "`acknowledged: null` and `cleared: true` show the others too.",
        extensions=[requires(Permission.AUTOMATION_READ)],
    )
    def signals(
        self,
        info: Info,
        *,
        first: int | None = USUAL_PAGE,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
        kind: SignalKind | None = None,
        acknowledged: bool | None = False,
        cleared: bool = False,
    ) -> Connection[LazySignal] | None:
        is_risk = None if kind is None else kind is SignalKind.RISK
        of, asked = f"signals.{self.pk}", page_request(first, after, last, before)
        choice = SignalChoice(is_risk, acknowledged=acknowledged, cleared=cleared)
        place = None if asked.cursor is None else row_before(asked.cursor, of=of)
        return page(
            info.context.signals.of_account(
                self.pk, choice, PageOfEach(asked.size + 1, place, asked.is_backwards)
            ),
            of=of,
            asked=asked,
            key=attrgetter("pk"),
            nodes=lambda rows: signal_nodes(rows, info.context),
            count=lambda: info.context.signals.count(self.pk, choice),
        )

    @strawberry.field(
        description="Messages about the account or one of its people, the newest first: what was sent to whom, by which "
        "playbook, survey, report or rule, and what became of it. What ended 90 days ago is gone.",
        extensions=[requires(Permission.AUTOMATION_READ)],
    )
    def deliveries(
        self,
        info: Info,
        *,
        first: int | None = USUAL_PAGE,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Connection[AccountDelivery] | None:
        deliveries, of, asked = (
            info.context.deliveries,
            f"deliveries.{self.pk}",
            page_request(first, after, last, before),
        )
        place = None if asked.cursor is None else row_before(asked.cursor, of=of)
        return page(
            deliveries.of_account(self.pk, PageOfEach(asked.size + 1, place, asked.is_backwards)),
            of=of,
            asked=asked,
            key=attrgetter("pk"),
            nodes=lambda rows: [AccountDelivery.of(row) for row in rows],
            count=lambda: deliveries.count(self.pk),
        )

    @strawberry.field(
        description="What the account has on the newest day of each metric; metrics without it are left out."
    )
    def metrics(self, info: Info) -> list[MetricValue]:
        names = info.context.metric_ids("account")
        values = info.context.metrics.latest_of(names, sdk.account(self.pk))
        return [value for name in names if (value := MetricValue.of_any(values.get(name))) is not None]

    @strawberry.field(
        description="The value of one metric on its newest day; null where the account has none, whatever it had earlier."
    )
    def metric(self, info: Info, id: strawberry.ID) -> MetricValue | None:
        info.context.metric(id)
        return MetricValue.of_any(info.context.metrics.latest(id, sdk.account(self.pk)))

    @strawberry.field(
        description="The goals that are set for the account, in the order in which they were made."
    )
    def goals(
        self,
        info: Info,
        first: int | None = USUAL_PAGE,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Connection[GoalNode]:
        return numbered(
            info.context.goals.of_account(self.external_id, self.pk),
            of=f"goals.{self.pk}",
            asked=page_request(first, after, last, before),
            nodes=lambda found: goal_nodes(list(found), info.context),
        )

    @classmethod
    def of(cls, row: models.Account, context: Context) -> Self:
        """The node of a row of the context's tenant."""
        return cls(
            id=strawberry.ID(ids.global_id(ACCOUNT, tenant_id=context.tenant.id, pk=row.pk)),
            pk=row.pk,
            row=row,
            external_id=row.external_id,
            name=row.name,
            plan=row.plan,
            stage=models.Account.Stage(row.stage),
            started_at=row.started_at,
            owner=row.owner,
        )


def account_node(context: Context, **wanted: str | int) -> Account | None:
    """The node of the account with these fields; None where there is none that may be shown."""
    # No more than one has them, so that no order is needed, which would take longer to write than all the rest.
    row = next(iter(context.accounts.visible().filter(**wanted)[:1]), None)
    if row is None:
        return None
    context.accounts.see([row])
    return Account.of(row, context)


def account_by_external_id(info: Info, external_id: str) -> Account | ReadyJson | None:
    """The account that the tenant itself calls so, for a field of the root; None where there is none."""
    context = info.context
    if context.takes_json and may_be_ready(context.principal):
        with suppress(NotReadyError):
            return lists.account(info._raw_info, context.catalogue(), context.tenant.id, external_id)
    return account_node(context, external_id=external_id)


def accounts_of(context: Context, pks: Sequence[int]) -> dict[int, Node]:
    """The accounts of these keys that may be shown, by key."""
    rows = list(context.accounts.visible().filter(pk__in=pks))
    context.accounts.see(rows)
    return {row.pk: Account.of(row, context) for row in rows}
