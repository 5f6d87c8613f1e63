"""Reports in GraphQL: what they are, and each as a page, a table and plain text."""

import base64
from collections.abc import Callable
from datetime import date
from typing import Any, Final, Self

import strawberry
from django.conf import settings

from engage_server.access.principal import Permission
from engage_server.api import ids
from engage_server.api.context import Context, Info
from engage_server.api.exceptions import BadUserInputError
from engage_server.api.permissions import requires
from engage_server.api.types.channels import DeliveryPayload, channel_number, sent
from engage_server.api.types.nodes import Node
from engage_server.api.types.pages import USUAL_PAGE, Connection, numbered, page_request
from engage_server.api.types.subjects import account_subject, plain
from engage_server.api.types.writes import (
    EXPECTED_VERSION,
    WRITTEN_NODE,
    IdInput,
    WriteInput,
    WritePayload,
    carry_out_defined,
)
from engage_server.automation.reports import definition as stored
from engage_server.automation.reports.definition import Every, ReportKind
from engage_server.automation.reports.document import Document, as_csv, as_text
from engage_server.automation.reports.pages import as_html
from engage_server.automation.reports.pdf import as_pdf
from engage_server.automation.reports.png import as_png
from engage_server.automation.reports.writing import write
from engage_server.operations import reports as operations
from engage_server.sdk.graphql import expose_enum

REPORT: Final = "Report"
READ: Final = (requires(Permission.AUTOMATION_READ), requires(Permission.METRICS_READ))
WRITE: Final = (requires(Permission.AUTOMATION_WRITE), requires(Permission.METRICS_READ))
expose_enum(
    ReportKind, name="ReportKind",
    description="QUARTERLY_REVIEW is of one account, PORTFOLIO of all, ROADMAP of the product's features.",
)  # fmt: skip
expose_enum(Every, name="ReportPeriod", description="At the beginning of which periods a report is sent.")


@strawberry.type(description="A report as of a day.")
class WrittenReport:
    day: date | None = strawberry.field(description="Of which day its figures are.")
    html: str = strawberry.field(
        description="A page that needs nothing but itself, to be shown, printed or mailed."
    )
    csv: str = strawberry.field(description="Its tables below each other.")
    text: str = strawberry.field(description="For who reads plain text.")
    document: strawberry.Private[Document]

    @strawberry.field(
        description="For paper, as base64; an error where the server is installed without the extra `reports`."
    )
    def pdf(self) -> str:
        return base64.b64encode(as_pdf(self.document, base=settings.ENGAGE_PUBLIC_URL)).decode()

    @strawberry.field(
        description="Its pictures below each other, as base64; null where there are none, an error where the server is "
        "installed without the extra `reports`."
    )
    def png(self) -> str | None:
        if not self.document.pictures:
            return None
        return base64.b64encode(as_png(self.document)).decode()


@strawberry.type(
    name=REPORT,
    description="What is told at times of an account, of all, or of the product; see docs/reports.md.",
)
class ReportNode(Node):
    kept: strawberry.Private[stored.Report]
    name: str
    kind: ReportKind
    metrics: list[strawberry.ID] = strawberry.field(description="Full ids, the leading one first.")
    quotes: bool = strawberry.field(description="Whether it has what persons of the account said.")
    every: Every | None = strawberry.field(description="How often it is sent; null: it is not.")
    language: str = strawberry.field(description="en or ko.")
    version: int

    @strawberry.field(
        description="The report of the newest computed day up to `on`; null where its account is gone. What persons said is "
        "left out without `personal:read`.",
        extensions=[*READ],
    )
    def written(self, info: Info, on: date | None = None) -> WrittenReport | None:
        may_quote = info.context.principal.may(Permission.PERSONAL_READ)
        document = write(self.kept, on=on, with_quotes=may_quote)
        if document is None:
            return None
        return WrittenReport(
            day=document.day,
            html=as_html(document),
            csv=as_csv(document),
            text=as_text(document),
            document=document,
        )

    @classmethod
    def of(cls, one: stored.Report, context: Context) -> Self:
        """The node of a report of the context's tenant."""
        body = one.body
        return cls(
            id=strawberry.ID(ids.global_id(REPORT, tenant_id=context.tenant.id, pk=one.number)),
            kept=one,
            name=one.name,
            kind=body.kind,
            metrics=[strawberry.ID(one) for one in body.metrics],
            quotes=body.quotes,
            every=body.every,
            language=body.language,
            version=one.version,
        )


@strawberry.input(description="A new report.")
class CreateReportInput(WriteInput):
    name: str
    kind: ReportKind
    metrics: list[str] = strawberry.field(
        description="Full ids, the leading one first: of ROADMAP adoption in per cent."
    )
    account: strawberry.ID | None = None
    quotes: bool = strawberry.field(default=False, description="With what persons of the account said.")
    every: Every | None = strawberry.field(default=None, description="How often it is sent; with `channel`.")
    hour: int = strawberry.field(default=7, description="Of the period's first day, in the tenant's zone.")
    channel: strawberry.ID | None = strawberry.field(default=None, description="By which it is sent.")
    language: str = strawberry.field(default="en", description="en or ko.")


@strawberry.input(description="What changes of a report; what is left out stays.")
class ReportChanges:
    name: str | None = None
    metrics: list[str] | None = None
    quotes: bool | None = strawberry.field(default=None, description="With what persons of the account said.")
    every: Every | None = strawberry.field(default=None, description="How often it is sent; with `channel`.")
    hour: int | None = strawberry.field(
        default=None, description="Of the period's first day, in the tenant's zone."
    )
    channel: strawberry.ID | None = strawberry.field(default=None, description="By which it is sent.")
    is_sent: bool | None = strawberry.field(
        default=None, description="false: it is sent no more, and can be read as before."
    )
    language: str | None = strawberry.field(default=None, description="en or ko.")


@strawberry.input(description="A report, and what changes of it.")
class UpdateReportInput(WriteInput):
    id: strawberry.ID
    changes: ReportChanges = strawberry.field(description="What is left out stays.")
    expected_version: int | None = strawberry.field(default=None, description=EXPECTED_VERSION)


@strawberry.type(description="The report that was written.")
class ReportPayload(WritePayload):
    report: ReportNode | None = strawberry.field(description=WRITTEN_NODE)


@strawberry.type
class ReportQuery:
    @strawberry.field(
        description="Reports in the order in which they were made.",
        extensions=[requires(Permission.AUTOMATION_READ)],
    )
    def reports(
        self,
        info: Info,
        first: int | None = USUAL_PAGE,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Connection[ReportNode]:
        return numbered(
            stored.reports(),
            of="reports",
            asked=page_request(first, after, last, before),
            nodes=lambda page: [ReportNode.of(one, info.context) for one in page],
        )


@strawberry.input(description="A report, and by which channel it goes.")
class SendReportInput(IdInput):
    channel: strawberry.ID | None = strawberry.field(default=None, description="Default: the report's own.")


@strawberry.type
class ReportMutation:
    @strawberry.mutation(
        description="Define a report; one that is to be sent begins with its next period.",
        extensions=[*WRITE],
    )
    def create_report(self, info: Info, input: CreateReportInput) -> ReportPayload:
        account = None if input.account is None else account_subject(info.context, input.account).id
        given: dict[str, Any] = {
            "kind": input.kind,
            "metrics": [plain(metric) for metric in input.metrics],
            "account": account,
            "quotes": input.quotes,
            "every": input.every,
            "hour": input.hour,
            "channel": None if input.channel is None else channel_number(info.context, input.channel),
            "language": plain(input.language),
        }

        def change() -> stored.Report:
            return operations.create_report(plain(input.name), given, sees_persons=_may_quote(info))

        return _carry_out(info, input, change)

    @strawberry.mutation(
        description="Change a report; what is left out stays, and so does of what it is.", extensions=[*WRITE]
    )
    def update_report(self, info: Info, input: UpdateReportInput) -> ReportPayload:
        given = {
            field: plain(value) if type(value) is str else value
            for field, value in vars(input.changes).items()
            if value is not None
        }
        name, is_sent = given.pop("name", None), given.pop("is_sent", None)
        if "channel" in given:
            given["channel"] = channel_number(info.context, given["channel"])
        if "metrics" in given:
            given["metrics"] = [plain(metric) for metric in given["metrics"]]
        if is_sent is False:
            given |= {"every": None, "channel": None}

        def change() -> stored.Report:
            return operations.change_report(
                _number(info.context, input.id),
                name=name,
                changes=given,
                sees_persons=_may_quote(info),
                expected_version=input.expected_version,
            )

        return _carry_out(info, input, change)

    @strawberry.mutation(
        description="End a report; it is sent no more.", extensions=[requires(Permission.AUTOMATION_WRITE)]
    )
    def retire_report(self, info: Info, input: IdInput) -> ReportPayload:
        return _carry_out(info, input, lambda: operations.retire_report(_number(info.context, input.id)))

    @strawberry.mutation(
        description="Send a report now, whatever its period; `deliveries` tells what came of it.",
        extensions=[*WRITE],
    )
    def send_report(self, info: Info, input: SendReportInput) -> DeliveryPayload:
        number = _number(info.context, input.id)
        to = None if input.channel is None else channel_number(info.context, input.channel)
        return sent(
            info,
            input,
            lambda: operations.send_report(number, to=to, sees_persons=_may_quote(info)),
        )


def _carry_out(info: Info, given: WriteInput, change: Callable[[], stored.Report]) -> ReportPayload:
    return ReportPayload(
        **carry_out_defined(info, given, change, name="report", node=ReportNode.of, stored=stored.reports)
    )


def _may_quote(info: Info) -> bool:
    return info.context.principal.may(Permission.PERSONAL_READ)


def _number(context: Context, id: str) -> int:
    number = ids.row_of(id, type_name=REPORT, tenant_id=context.tenant.id)
    # One of another tenant's takes as long as one that nobody has.
    known = {one.number for one in stored.reports()}
    if number is None or number not in known:
        raise BadUserInputError(
            f"There is no report {id!r}. Remedy: `reports {{ id }}` lists those there are."
        )
    return number
