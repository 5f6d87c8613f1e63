"""Playbooks in GraphQL: what is done when a rule raises a signal, and whether it helps."""

from datetime import datetime
from typing import Final, Self

import strawberry
from strawberry.scalars import JSON

from engage_server.access.principal import Permission
from engage_server.api import ids
from engage_server.api.context import Context, Info
from engage_server.api.exceptions import BadUserInputError
from engage_server.api.masking import masked
from engage_server.api.permissions import requires
from engage_server.api.types.nodes import Node
from engage_server.api.types.pages import USUAL_PAGE, Connection, numbered, page_request
from engage_server.api.types.rules import RuleNode
from engage_server.api.types.subjects import account_subject, plain
from engage_server.automation import playbooks as stored
from engage_server.automation import presets
from engage_server.automation.audience import MANY, audience
from engage_server.automation.rules import rules
from engage_server.automation.uplift import (
    USUAL_DAYS,
    Change,
    Group,
    MetricUplift,
    Uplift,
    metric_uplift,
    uplift,
)
from engage_server.automation.variables import cancel_reasons, of_account
from engage_server.customers.models import Account
from engage_server.operations import playbooks as operations

PLAYBOOK: Final = "Playbook"
AT_MOST: Final = (
    f"Of so many it may speak, see `Playbook.audience`; needed to switch one on for more than {MANY}."
)


@strawberry.type(description="Subjects that a playbook was begun about long enough ago.")
class PlaybookGroup:
    subjects: int
    over: int = strawberry.field(description="Of them those whose signal was over in time.")

    @classmethod
    def of(cls, one: Group) -> Self:
        return cls(subjects=one.subjects, over=one.over)


@strawberry.type(
    description="Whether a playbook helps: in how many cases the signal was over within so many days, with it and of those "
    "held out. Who stopped early counts as treated."
)
class PlaybookUplift:
    days: int
    treated: PlaybookGroup
    held_out: PlaybookGroup
    difference: float | None = strawberry.field(
        description="In points: the share of the treated less that of those held out; null where there are none of one."
    )
    low: float | None = strawberry.field(
        description="Lower end of the difference's interval (Newcombe, 95%)."
    )
    high: float | None

    @classmethod
    def of(cls, one: Uplift) -> Self:
        interval = one.interval
        return cls(
            days=one.days,
            treated=PlaybookGroup.of(one.treated),
            held_out=PlaybookGroup.of(one.held_out),
            difference=one.difference,
            low=None if interval is None else float(interval.low),
            high=None if interval is None else float(interval.high),
        )


@strawberry.type(description="How far a metric moved, from the signal's day to so many days later.")
class PlaybookChange:
    subjects: int = strawberry.field(description="Who has a whole value on both days.")
    left_out: int = strawberry.field(description="Who has not, or one that you may not see.")
    mean: float | None = strawberry.field(
        description="Of the changes, in the metric's unit; null: of nobody, or of fewer than you may see."
    )

    @classmethod
    def of(cls, one: Change) -> Self:
        return cls(subjects=one.subjects, left_out=one.left_out, mean=one.mean)


@strawberry.type(
    description="Whether a playbook moves a metric: how it changed of those with it, less how it changed of those held out."
)
class PlaybookMetricUplift:
    metric: strawberry.ID = strawberry.field(description="Full id.")
    days: int
    treated: PlaybookChange
    held_out: PlaybookChange
    difference: float | None = strawberry.field(
        description="In the metric's unit: the change of the treated less that of those held out; null where one is."
    )
    low: float | None = strawberry.field(
        description="Lower end of the difference's interval (Welch, 95%); null where one group has fewer than two."
    )
    high: float | None

    @classmethod
    def of(cls, one: MetricUplift) -> Self:
        interval = one.interval
        return cls(
            metric=strawberry.ID(one.metric),
            days=one.days,
            treated=PlaybookChange.of(one.treated),
            held_out=PlaybookChange.of(one.held_out),
            difference=one.difference,
            low=None if interval is None else float(interval.low),
            high=None if interval is None else float(interval.high),
        )


@strawberry.type(
    name=PLAYBOOK, description="What is done when a rule raises a signal; see docs/playbooks.md."
)
class PlaybookNode(Node):
    number: strawberry.Private[int]
    begun_by: strawberry.Private[int]
    name: str
    enabled: bool
    steps: JSON = strawberry.field(description="The words of docs/playbooks.md.")
    hold_out: float = strawberry.field(
        description="Share of subjects of whom nothing is done, to compare with."
    )
    cool_down_days: int
    hours: JSON = strawberry.field(description="When messages may go, in the subject's time zone.")
    note: str
    version: int
    author: str
    created_at: datetime = strawberry.field(description="When this version was written.")

    @strawberry.field(description="The rule whose signals begin it; null where it was retired.")
    def rule(self, info: Info) -> RuleNode | None:
        return next((RuleNode.of(one, info.context) for one in rules() if one.number == self.begun_by), None)

    @strawberry.field(
        description="Whether it helps, by the first so many days of each case.",
        extensions=[requires(Permission.METRICS_READ)],
    )
    def uplift(self, info: Info, days: int = USUAL_DAYS) -> PlaybookUplift:
        return PlaybookUplift.of(uplift(self.number, days=_within_a_year(days)))

    @strawberry.field(
        description="Whether it moves a metric of its subjects, within so many days of each signal.",
        extensions=[requires(Permission.METRICS_READ)],
    )
    def metric_uplift(
        self, info: Info, metric: strawberry.ID, days: int = USUAL_DAYS
    ) -> PlaybookMetricUplift:
        named = plain(metric)
        if named not in info.context.catalogue():
            raise BadUserInputError(
                f"There is no metric {metric!r}. Remedy: `metrics {{ id }}` lists those there are."
            )
        minimum = (
            0 if info.context.principal.may(Permission.PERSONAL_READ) else info.context.tenant.minimum_persons
        )
        found = metric_uplift(
            self.number, named, days=_within_a_year(days), minimum_n=minimum, minimum_subjects=max(minimum, 1)
        )
        return PlaybookMetricUplift.of(found)

    @strawberry.field(
        description="Of how many accounts or persons its rule may speak today; null where the rule was retired."
    )
    def audience(self) -> int | None:
        of = next((one for one in rules() if one.number == self.begun_by), None)
        return None if of is None else audience(of)

    @classmethod
    def of(cls, one: stored.Playbook, context: Context) -> Self:
        """The node of a playbook of the context's tenant."""
        body = one.body
        return cls(
            id=strawberry.ID(ids.global_id(PLAYBOOK, tenant_id=context.tenant.id, pk=one.number)),
            number=one.number,
            begun_by=body.rule,
            name=one.name,
            enabled=body.enabled,
            steps=JSON([step.model_dump(mode="json") for step in body.steps]),
            hold_out=body.hold_out,
            cool_down_days=body.cool_down_days,
            hours=JSON(body.hours.model_dump(mode="json")),
            note=body.note,
            version=one.version,
            author=one.author,
            created_at=one.created_at,
        )


@strawberry.type(description="What a message would say of an account.")
class MessagePreview:
    subject: str
    text: str


@strawberry.type(description="A playbook that comes with the server, in English and Korean. It is made off.")
class PlaybookPreset:
    name: str = strawberry.field(description="By which `applyPlaybookPreset` knows it.")
    title: str
    title_ko: str
    why: str = strawberry.field(description="The case that it is taken from.")
    why_ko: str
    needs: list[str] = strawberry.field(
        description="What has to be named: events of the tenant's own, and `link`, the page that messages lead to."
    )

    @classmethod
    def of(cls, one: presets.Preset) -> Self:
        return cls(
            name=one.id,
            title=one.title["en"],
            title_ko=one.title["ko"],
            why=one.why["en"],
            why_ko=one.why["ko"],
            needs=list(one.needs),
        )


@strawberry.type
class PlaybookQuery:
    @strawberry.field(
        description="Playbooks in the order in which they were made, 1 to 100 a page.",
        extensions=[requires(Permission.AUTOMATION_READ)],
    )
    def playbooks(
        self,
        info: Info,
        first: int | None = USUAL_PAGE,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Connection[PlaybookNode]:
        return numbered(
            stored.playbooks(),
            of="playbooks",
            asked=page_request(first, after, last, before),
            nodes=lambda page: [PlaybookNode.of(one, info.context) for one in page],
        )

    @strawberry.field(
        description="The playbooks that come with the server.",
        extensions=[requires(Permission.AUTOMATION_READ)],
    )
    def playbook_presets(self) -> list[PlaybookPreset]:
        return [PlaybookPreset.of(one) for one in presets.PRESETS]

    @strawberry.field(
        description="What a message's subject and text would say of an account, as who asks may see it.",
        extensions=[requires(Permission.AUTOMATION_WRITE), requires(Permission.METRICS_READ)],
    )
    def message_preview(self, info: Info, subject: str, text: str, account: strawberry.ID) -> MessagePreview:
        row = Account.objects.get(pk=account_subject(info.context, account).id)
        seen = of_account(row, cancel_reason=cancel_reasons([row.pk]).get(row.pk, ""))
        if not info.context.principal.may(Permission.PERSONAL_READ):
            seen = masked(seen)  # before filters can write it in another way
        said, written = operations.preview(plain(subject), plain(text), seen)
        return MessagePreview(subject=said, text=written)


def _within_a_year(days: int) -> int:
    if not 1 <= days <= 366:
        raise BadUserInputError(f"days is {days}. Remedy: 1 to 366.")
    return days


def playbook_number(context: Context, id: str) -> int:
    """The playbook of a global id.

    Raises:
        BadUserInputError: the tenant has none; the same answer for another tenant's.
    """
    number = ids.row_of(id, type_name=PLAYBOOK, tenant_id=context.tenant.id)
    if number is None or all(one.number != number for one in stored.playbooks()):
        raise BadUserInputError(
            f"There is no playbook {id!r}. Remedy: `playbooks {{ id }}` lists those there are."
        )
    return number
