"""Tasks in GraphQL: what playbooks gave owners to do, and saying that one is done."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final, Self

import strawberry

from engage_server.access.principal import Permission
from engage_server.api import ids
from engage_server.api.context import Context, Info
from engage_server.api.permissions import requires
from engage_server.api.types.circular import SubjectNode, expect_subjects, subject_node
from engage_server.api.types.nodes import Node
from engage_server.api.types.pages import USUAL_PAGE, Connection, page_request, queried
from engage_server.api.types.subjects import account_subject, plain
from engage_server.api.types.writes import (
    WRITTEN_NODE,
    IdInput,
    WritePayload,
    carry_out_one,
)
from engage_server.automation import tasks
from engage_server.automation.exceptions import UnknownTaskError
from engage_server.automation.models import Task
from engage_server.operations.tasks import complete_task

TASK: Final = "Task"
READ_CUSTOMERS: Final = requires(Permission.METRICS_READ)


@strawberry.type(
    name=TASK, description="What a playbook gave the owner of an account to do; see docs/playbooks.md."
)
class TaskNode(Node):
    row: strawberry.Private[Task]
    owner: str = strawberry.field(description="Who owned the account when it was made; empty: nobody.")
    due_on: date | None = strawberry.field(description="By which day, in the tenant's calendar.")
    made_at: datetime
    done_at: datetime | None = strawberry.field(description="Null: it is to be done.")
    done_by: str | None = strawberry.field(description="As in the audit log.")

    @strawberry.field(
        description="Null without `personal:read` where it may tell of persons, or of figures that rest on few.",
        extensions=[READ_CUSTOMERS],
    )
    def title(self, info: Info) -> str | None:
        return self._shown(info, self.row.title)

    @strawberry.field(description="As `title`.", extensions=[READ_CUSTOMERS])
    def text(self, info: Info) -> str | None:
        return self._shown(info, self.row.text)

    @strawberry.field(
        description="What who did it said; empty before. Null as `title`.", extensions=[READ_CUSTOMERS]
    )
    def outcome(self, info: Info) -> str | None:
        return self._shown(info, self.row.outcome)

    @strawberry.field(
        description="Whom it is about; null: the tenant itself, or who is gone or may not be shown.",
        extensions=[READ_CUSTOMERS],
    )
    def subject(self, info: Info) -> SubjectNode | None:
        return subject_node(info.context, self.row.subject_kind, self.row.subject)

    def _shown(self, info: Info, text: str) -> str | None:
        may = not self.row.is_personal or info.context.principal.may(Permission.PERSONAL_READ)
        return text if may else None

    @classmethod
    def of(cls, row: Task, context: Context) -> Self:
        """The node of a task of the context's tenant."""
        return cls(
            id=strawberry.ID(ids.global_id(TASK, tenant_id=context.tenant.id, pk=row.pk)),
            row=row,
            owner=row.owner,
            due_on=row.due_on,
            made_at=row.made_at,
            done_at=row.done_at,
            done_by=row.done_by or None,
        )


@strawberry.type
class TaskQuery:
    @strawberry.field(
        description="What is to be done, the oldest first; `done: true` gives what is done, `done: null` both. `owner` and "
        "`account` narrow it.",
        extensions=[requires(Permission.AUTOMATION_READ)],
    )
    def tasks(
        self,
        info: Info,
        *,
        first: int | None = USUAL_PAGE,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
        owner: str | None = None,
        account: strawberry.ID | None = None,
        done: bool | None = False,
    ) -> Connection[TaskNode]:
        found = tasks.tasks(done=done, owner=None if owner is None else plain(owner))
        if account is not None:
            subject = account_subject(info.context, account)
            found = found.filter(subject_kind="account", subject=subject.id)
        return queried(
            found,
            of="tasks",
            asked=page_request(first, after, last, before),
            nodes=lambda page: _nodes(page, info.context),
            count=found.count,
        )


@strawberry.input(description="A task that is done.")
class CompleteTaskInput(IdInput):
    outcome: str = strawberry.field(default="", description="What came of it.")


@strawberry.type(description="The task that was written.")
class TaskPayload(WritePayload):
    task: TaskNode | None = strawberry.field(description=WRITTEN_NODE)


@strawberry.type
class TaskMutation:
    @strawberry.mutation(
        description="Say that a task is done and what came of it. Said again, it is replaced.",
        extensions=[requires(Permission.AUTOMATION_WRITE)],
    )
    def complete_task(self, info: Info, input: CompleteTaskInput) -> TaskPayload:
        number = ids.row_of(input.id, type_name=TASK, tenant_id=info.context.tenant.id)
        if number is None:
            raise UnknownTaskError(
                f"There is no task {input.id!r}. Remedy: `tasks {{ id }}` lists those there are."
            )
        return TaskPayload(
            **carry_out_one(
                info,
                input,
                lambda: complete_task(number, plain(input.outcome)),
                name="task",
                node=lambda row: TaskNode.of(row, info.context),
                again=lambda pk: tasks.tasks(done=None).filter(pk=pk).first(),
            )
        )


def tasks_of(context: Context, pks: Sequence[int]) -> dict[int, Node]:
    """The tasks of these keys, by key, done or not."""
    rows = list(tasks.tasks(done=None).filter(pk__in=pks))
    return {row.pk: node for row, node in zip(rows, _nodes(rows, context), strict=True)}


def _nodes(rows: Sequence[Task], context: Context) -> list[TaskNode]:
    expect_subjects(context, ((row.subject_kind, row.subject) for row in rows))
    return [TaskNode.of(row, context) for row in rows]
