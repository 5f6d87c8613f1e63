"""Rules in GraphQL: what is a risk or an opportunity, tried on the past before it is saved."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any, Final, Self

import strawberry
from strawberry.scalars import JSON

from engage_server.access.principal import Permission
from engage_server.api import ids
from engage_server.api.context import Context, Info
from engage_server.api.exceptions import BadUserInputError
from engage_server.api.permissions import requires
from engage_server.api.signal_evidence import Evidence
from engage_server.api.types.account_outcomes import AccountOutcome
from engage_server.api.types.channels import ChannelNode, channel_number
from engage_server.api.types.circular import SubjectNode, expect_subjects, subject_node
from engage_server.api.types.nodes import Node
from engage_server.api.types.pages import USUAL_PAGE, Connection, numbered, page_request
from engage_server.api.types.segments import SegmentNode
from engage_server.api.types.signal_kinds import SignalKind
from engage_server.api.types.subjects import SubjectKind, plain, segment_number
from engage_server.api.types.writes import (
    EXPECTED_VERSION,
    WRITTEN_NODE,
    IdInput,
    WriteInput,
    WritePayload,
    carry_out_defined,
)
from engage_server.automation import rules as stored
from engage_server.automation.channels import channels
from engage_server.automation.evidence import Told
from engage_server.automation.replay import Replay, Warned
from engage_server.automation.rules import subject_kind
from engage_server.operations import rules as operations
from engage_server.segments.catalogue import segments
from engage_server.segments.exceptions import SegmentsError

RULE: Final = "Rule"
MOST_SHOWN: Final = 100


@strawberry.type(
    name=RULE, description="What raises signals; see docs/signals.md for the words of a trigger."
)
class RuleNode(Node):
    kept: strawberry.Private[stored.Rule]
    name: str
    kind: SignalKind
    trigger: JSON = strawberry.field(description="The words of docs/signals.md.")
    minimum_n: int = strawberry.field(description="A value that rests on fewer says nothing.")
    cool_down_days: int = strawberry.field(
        description="So long after a signal none is raised about the same subject."
    )
    note: str
    version: int
    author: str = strawberry.field(description="Who wrote this version, as in the audit log.")
    created_at: datetime = strawberry.field(description="When this version was written.")

    @strawberry.field(
        description="Channels that are told of what it raises; those retired since are left out."
    )
    def notify(self, info: Info) -> list[ChannelNode]:
        wanted = self.kept.body.notify
        return [ChannelNode.of(one, info.context) for one in channels() if one.number in wanted]

    @strawberry.field(
        description="It is about the members of this segment alone; null: about everybody, or the segment was retired.",
    )
    def segment(self, info: Info) -> SegmentNode | None:
        number = self.kept.body.segment
        if number is None:
            return None
        return next((SegmentNode.of(one, info.context) for one in segments() if one.number == number), None)

    @strawberry.field(description="Whom it is about; null where its segment is gone.")
    def subject_kind(self) -> SubjectKind | None:
        try:
            return SubjectKind(subject_kind(self.kept.body))
        except SegmentsError:
            return None

    @classmethod
    def of(cls, rule: stored.Rule, context: Context) -> Self:
        """The node of a rule of the context's tenant."""
        body = rule.body
        return cls(
            id=strawberry.ID(ids.global_id(RULE, tenant_id=context.tenant.id, pk=rule.number)),
            kept=rule,
            name=rule.name,
            kind=body.kind,
            trigger=JSON(
                body.trigger.model_dump(mode="json", exclude_defaults=True) | {"type": body.trigger.type}
            ),
            minimum_n=body.minimum_n,
            cool_down_days=body.cool_down_days,
            note=body.note,
            version=rule.version,
            author=rule.author,
            created_at=rule.created_at,
        )


@strawberry.type(
    description="What a rule about accounts would have been worth: RISK is held against churn, OPPORTUNITY against upgrades."
)
class ReplayedOutcome:
    outcome: AccountOutcome
    accounts: int = strawberry.field(description="Accounts that had it in these days.")
    warned: int = strawberry.field(description="Of them those of whom a signal was raised before.")
    median_days: float | None = strawberry.field(
        description="From the last signal before it to the outcome; null where nobody was warned of."
    )
    in_vain: int = strawberry.field(description="Signals about accounts that did not have it in these days.")

    @classmethod
    def of(cls, one: Warned) -> Self:
        return cls(
            outcome=one.outcome,
            accounts=one.accounts,
            warned=one.warned,
            median_days=one.median_days,
            in_vain=one.in_vain,
        )


@strawberry.type(description="A signal that a rule would have raised.")
class ReplayedSignal:
    kind: strawberry.Private[str]
    number: strawberry.Private[int]
    raised_on: date
    figures: strawberry.Private[Evidence]
    place: strawberry.Private[int]

    @strawberry.field(
        description="The figures that would have raised it; null where they rest on few persons and may not be seen.",
        extensions=[requires(Permission.METRICS_READ)],
    )
    def evidence(self) -> JSON:
        return JSON(self.figures[self.place])

    @strawberry.field(
        description="Whom it is about; null: the tenant itself, or who is gone or may not be shown.",
        extensions=[requires(Permission.METRICS_READ)],
    )
    def subject(self, info: Info) -> SubjectNode | None:
        return subject_node(info.context, self.kind, self.number)


@strawberry.type(
    description="What a rule would have said in the last whole days, by what is known of them now: how often, of whom, and "
    "how long before the outcome. Nothing is written."
)
class RuleReplay:
    from_: date = strawberry.field(name="from", description="The first day.")
    to: date = strawberry.field(description="The last day.")
    raised: int = strawberry.field(description="Signals.")
    subjects: int = strawberry.field(description="Different accounts, or persons, that they are about.")
    still_open: int = strawberry.field(description="Signals that would not be cleared yet.")
    per_week: float
    outcome: ReplayedOutcome | None = strawberry.field(
        description="Null where the rule is not about accounts."
    )
    signals: list[ReplayedSignal] = strawberry.field(description="The newest first, at most 100.")

    @classmethod
    def of(cls, one: Replay, context: Context, body: stored.RuleBody) -> Self:
        shown = one.raised[: -MOST_SHOWN - 1 : -1]
        kind = subject_kind(body)
        figures = Evidence(
            [Told(kind, one.subject, one.day, one.evidence) for one in shown], context.principal
        )
        expect_subjects(context, ((kind, signal.subject) for signal in shown))
        return cls(
            from_=one.first,
            to=one.last,
            raised=len(one.raised),
            subjects=one.subjects,
            still_open=one.open,
            per_week=7 * len(one.raised) / ((one.last - one.first).days + 1),
            outcome=None if one.warned is None else ReplayedOutcome.of(one.warned),
            signals=[
                ReplayedSignal(
                    kind=kind,
                    number=signal.subject,
                    raised_on=signal.day,
                    figures=figures,
                    place=place,
                )
                for place, signal in enumerate(shown)
            ],
        )


@strawberry.input(description="A new rule.")
class CreateRuleInput(WriteInput):
    name: str
    kind: SignalKind
    trigger: JSON = strawberry.field(
        description='For example {"type": "value", "metric": "health_score.score", "below": 40, "clears_at": 50}; '
        "docs/signals.md has the words."
    )
    segment: strawberry.ID | None = strawberry.field(
        default=None, description="It is about the members of this segment alone, which is tracked or listed."
    )
    minimum_n: int = 0
    cool_down_days: int = 7
    note: str = ""
    notify: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="Channels that are told of what it raises."
    )
    replay_days: int = strawberry.field(
        default=operations.REPLAYED_DAYS,
        description="`replay` says what it would have said in so many days; 0: that is not asked.",
    )


@strawberry.input(description="What changes of a rule; what is left out stays.")
class RuleChanges:
    name: str | None = None
    kind: SignalKind | None = None
    trigger: JSON | None = None
    minimum_n: int | None = None
    cool_down_days: int | None = None
    note: str | None = None
    notify: list[strawberry.ID] | None = None


@strawberry.input(description="A rule, and what changes of it.")
class UpdateRuleInput(WriteInput):
    id: strawberry.ID
    changes: RuleChanges
    expected_version: int | None = strawberry.field(default=None, description=EXPECTED_VERSION)


@strawberry.type(description="The rule that was written.")
class RulePayload(WritePayload):
    rule: RuleNode | None = strawberry.field(description=WRITTEN_NODE)


@strawberry.type(description="A new rule, and what it would have said.")
class CreateRulePayload(RulePayload):
    replay: RuleReplay | None = strawberry.field(description="Null where it was not asked for.")


@strawberry.type
class RuleQuery:
    @strawberry.field(
        description="Rules in the order in which they were made.",
        extensions=[requires(Permission.AUTOMATION_READ)],
    )
    def rules(
        self,
        info: Info,
        first: int | None = USUAL_PAGE,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Connection[RuleNode]:
        return numbered(
            stored.rules(),
            of="rules",
            asked=page_request(first, after, last, before),
            nodes=lambda page: [RuleNode.of(one, info.context) for one in page],
        )


@strawberry.type
class RuleMutation:
    @strawberry.mutation(
        description="Make a rule; `replay` says what it would have said, with `dryRun` before it is made.",
        extensions=[requires(Permission.AUTOMATION_WRITE)],
    )
    def create_rule(self, info: Info, input: CreateRuleInput) -> CreateRulePayload:
        given: dict[str, Any] = {
            "kind": input.kind.value,
            "trigger": input.trigger,
            "segment": None if input.segment is None else segment_number(info.context, input.segment),
            "minimum_n": input.minimum_n,
            "cool_down_days": input.cool_down_days,
            "note": plain(input.note),
            "notify": [channel_number(info.context, id) for id in input.notify],
        }
        sees_persons = info.context.principal.may(Permission.PERSONAL_READ)
        body = operations.check_rule(given, sees_persons=sees_persons)
        tried = operations.replay_rule(body, days=input.replay_days) if input.replay_days else None

        def change() -> stored.Rule:
            return operations.create_rule(plain(input.name), given, sees_persons=sees_persons)

        return CreateRulePayload(
            replay=None if tried is None else RuleReplay.of(tried, info.context, body),
            **_carried_out(info, input, change),
        )

    @strawberry.mutation(
        description="Change a rule; what is left out stays. Signals that it raised stay as they are.",
        extensions=[requires(Permission.AUTOMATION_WRITE)],
    )
    def update_rule(self, info: Info, input: UpdateRuleInput) -> RulePayload:
        given = {
            field: plain(value) if type(value) is str else value
            for field, value in vars(input.changes).items()
            if value is not None
        }
        if input.changes.notify is not None:
            given["notify"] = [channel_number(info.context, id) for id in input.changes.notify]
        name = given.pop("name", None)

        def change() -> stored.Rule:
            return operations.change_rule(
                rule_number(info.context, input.id),
                name=name,
                changes=given,
                sees_persons=info.context.principal.may(Permission.PERSONAL_READ),
                expected_version=input.expected_version,
            )

        return RulePayload(**_carried_out(info, input, change))

    @strawberry.mutation(
        description="End a rule; its history stays, its open signals are over.",
        extensions=[requires(Permission.AUTOMATION_WRITE)],
    )
    def retire_rule(self, info: Info, input: IdInput) -> RulePayload:
        def change() -> stored.Rule:
            return operations.retire_rule(rule_number(info.context, input.id))

        return RulePayload(**_carried_out(info, input, change))


def _carried_out(info: Info, given: WriteInput, change: Callable[[], stored.Rule]) -> dict[str, Any]:
    return carry_out_defined(info, given, change, name="rule", node=RuleNode.of, stored=stored.rules)


def rules_of(context: Context, numbers: Sequence[int]) -> dict[int, Node]:
    """The rules of these numbers, by number."""
    return {one.number: RuleNode.of(one, context) for one in stored.rules() if one.number in numbers}


def rule_number(context: Context, id: str) -> int:
    """The rule of a global id.

    Raises:
        BadUserInputError: the tenant has none; the same answer for another tenant's.
    """
    number = ids.row_of(id, type_name=RULE, tenant_id=context.tenant.id)
    if number is None or all(one.number != number for one in stored.rules()):
        raise BadUserInputError(f"There is no rule {id!r}. Remedy: `rules {{ id }}` lists those there are.")
    return number
