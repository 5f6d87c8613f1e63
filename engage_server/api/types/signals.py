"""Signals in GraphQL: the queue of the portfolio, those of an account, and saying that one was seen."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final, Self

import strawberry
from strawberry.scalars import JSON

from engage_server.access.principal import Permission
from engage_server.api import ids
from engage_server.api.context import Context, Info
from engage_server.api.permissions import requires
from engage_server.api.signal_evidence import Evidence
from engage_server.api.types.circular import SubjectNode, expect_subjects, subject_node
from engage_server.api.types.nodes import Node
from engage_server.api.types.pages import USUAL_PAGE, Connection, page_request, queried
from engage_server.api.types.rules import RuleNode, rule_number
from engage_server.api.types.signal_kinds import SignalKind
from engage_server.api.types.subjects import account_subject, plain
from engage_server.api.types.writes import (
    WRITTEN_NODE,
    IdInput,
    WritePayload,
    carry_out_one,
)
from engage_server.automation import rules, signals
from engage_server.automation.evidence import Told
from engage_server.automation.exceptions import UnknownSignalError
from engage_server.automation.models import Signal
from engage_server.operations import rules as operations

SIGNAL: Final = "Signal"
READ_CUSTOMERS: Final = requires(Permission.METRICS_READ)


@strawberry.type(name=SIGNAL, description="What a rule said of an account, a person or the tenant, and why.")
class SignalNode(Node):
    row: strawberry.Private[Signal]
    of_rule: strawberry.Private[rules.Rule | None]
    figures: strawberry.Private[Evidence]
    place: strawberry.Private[int]
    kind: SignalKind
    raised_on: date = strawberry.field(
        description="The day, in the tenant's calendar, whose figures raised it."
    )
    cleared_on: date | None = strawberry.field(description="The day on which it was over; null: it is open.")
    acknowledged_at: datetime | None
    acknowledged_by: str | None = strawberry.field(description="As in the audit log.")
    reason: str = strawberry.field(description="What who acknowledged it said; empty before.")

    @strawberry.field(
        description="The figures that raised it: the value, what it rests on, and what it was held against. Without "
        "`personal:read` figures that rest on fewer persons than the tenant's minimum are null.",
        extensions=[READ_CUSTOMERS],
    )
    def evidence(self) -> JSON:
        return JSON(self.figures[self.place])

    @strawberry.field(description="The rule as it is now; null where it was retired.")
    def rule(self, info: Info) -> RuleNode | None:
        return None if self.of_rule is None else RuleNode.of(self.of_rule, info.context)

    @strawberry.field(
        description="Whom it is about; null: the tenant itself, or who is gone or may not be shown.",
        extensions=[READ_CUSTOMERS],
    )
    def subject(self, info: Info) -> SubjectNode | None:
        return subject_node(info.context, self.row.subject_kind, self.row.subject)

    @classmethod
    def of(
        cls, row: Signal, context: Context, *, rule: rules.Rule | None, figures: Evidence, place: int
    ) -> Self:
        """The node of a signal of the context's tenant, whose figures stand at a place among those of its page."""
        return cls(
            id=strawberry.ID(ids.global_id(SIGNAL, tenant_id=context.tenant.id, pk=row.pk)),
            row=row,
            of_rule=rule,
            figures=figures,
            place=place,
            kind=SignalKind.RISK if row.is_risk else SignalKind.OPPORTUNITY,
            raised_on=row.raised_on,
            cleared_on=row.cleared_on,
            acknowledged_at=row.acknowledged_at,
            acknowledged_by=row.acknowledged_by or None,
            reason=row.reason,
        )


@strawberry.type
class SignalQuery:
    @strawberry.field(
        description="The queue: signals that are open and that nobody acknowledged, the newest first. "
        "`acknowledged: null` and `cleared: true` show the others too; `kind`, `rule` and `account` narrow it.",
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
        rule: strawberry.ID | None = None,
        account: strawberry.ID | None = None,
        acknowledged: bool | None = False,
        cleared: bool = False,
    ) -> Connection[SignalNode]:
        found = signals.queue(
            is_risk=None if kind is None else kind is SignalKind.RISK,
            rule=None if rule is None else rule_number(info.context, rule),
            acknowledged=acknowledged,
            cleared=cleared,
        )
        if account is not None:
            subject = account_subject(info.context, account)
            found = found.filter(subject_kind="account", subject=subject.id)
        return queried(
            found,
            of="signals",
            asked=page_request(first, after, last, before),
            nodes=lambda page: signal_nodes(page, info.context),
            count=found.count,
            is_newest_first=True,
        )


@strawberry.input(description="A signal that was seen.")
class AcknowledgeSignalInput(IdInput):
    reason: str = strawberry.field(description="What came of it.")


@strawberry.type(description="The signal that was written.")
class SignalPayload(WritePayload):
    signal: SignalNode | None = strawberry.field(description=WRITTEN_NODE)


@strawberry.type
class SignalMutation:
    @strawberry.mutation(
        description="Say that a signal was seen and what came of it: it leaves the queue. Said again, it is replaced.",
        extensions=[requires(Permission.AUTOMATION_WRITE)],
    )
    def acknowledge_signal(self, info: Info, input: AcknowledgeSignalInput) -> SignalPayload:
        number = ids.row_of(input.id, type_name=SIGNAL, tenant_id=info.context.tenant.id)
        if number is None:
            raise UnknownSignalError(
                f"There is no signal {input.id!r}. Remedy: `signals {{ id }}` lists those there are."
            )
        return SignalPayload(
            **carry_out_one(
                info,
                input,
                lambda: operations.acknowledge_signal(number, plain(input.reason)),
                name="signal",
                node=lambda row: signal_nodes([row], info.context)[0],
                again=lambda pk: signals.queue(acknowledged=None, cleared=True).filter(pk=pk).first(),
            )
        )


def signals_of(context: Context, pks: Sequence[int]) -> dict[int, Node]:
    """The signals of these keys, by key, whatever became of them."""
    rows = list(signals.queue(acknowledged=None, cleared=True).filter(pk__in=pks))
    return {row.pk: node for row, node in zip(rows, signal_nodes(rows, context), strict=True)}


def signal_nodes(rows: Sequence[Signal], context: Context) -> list[SignalNode]:
    """The nodes of signals, whose accounts are then read together."""
    expect_subjects(context, ((row.subject_kind, row.subject) for row in rows))
    known = context.signals.rules if rows else {}
    figures = Evidence([Told.of(row) for row in rows], context.principal)
    return [
        SignalNode.of(row, context, rule=known.get(row.rule), figures=figures, place=place)
        for place, row in enumerate(rows)
    ]
