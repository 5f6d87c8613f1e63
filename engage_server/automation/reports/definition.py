"""Reports that a tenant has defined: of what, by which metrics, and how often they are sent. Inside the tenant's scope."""

from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final, Self
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from engage_server.definitions import store
from engage_server.definitions.kinds import Body
from engage_server.definitions.store import Defined

REPORT: Final = "report"
MOST_METRICS: Final = 20


class ReportKind(StrEnum):
    """QUARTERLY_REVIEW is of one account, PORTFOLIO of all, ROADMAP of the product's features."""

    QUARTERLY_REVIEW = "QUARTERLY_REVIEW"
    PORTFOLIO = "PORTFOLIO"
    ROADMAP = "ROADMAP"


class Every(StrEnum):
    """At the beginning of which periods a report is sent; weeks begin on Monday."""

    WEEK = "WEEK"
    MONTH = "MONTH"
    QUARTER = "QUARTER"


class ReportBody(Body):
    """What is kept of a report. The first of ``metrics`` leads: the score, or of ROADMAP the adoption of features, in %."""

    free_texts = frozenset({"note"})

    kind: ReportKind
    metrics: tuple[str, ...] = Field(min_length=1, max_length=MOST_METRICS)
    account: int | None = Field(None, ge=1, description="Id of the account, of QUARTERLY_REVIEW.")
    quotes: bool = Field(False, description="Whether it has what persons of the account said.")
    sunset_below: float = Field(
        5, gt=0, le=100, description="Adoption, in %, below which a feature is a candidate."
    )
    sunset_days: int = Field(
        180, ge=1, le=3_650, description="So long a feature has to be there before it is one."
    )
    every: Every | None = None
    hour: int = Field(7, ge=0, le=23, description="Of the period's first day, in the tenant's zone.")
    channel: int | None = Field(None, ge=1, description="Number of the channel that it is sent by.")
    language: str = Field("en", pattern="^(en|ko)$")
    note: str = Field("", max_length=500)

    @model_validator(mode="after")
    def _is_of_its_kind(self) -> Self:
        is_review = self.kind is ReportKind.QUARTERLY_REVIEW
        if is_review != (self.account is not None):
            raise ValueError("account is needed for QUARTERLY_REVIEW, and for nothing else")
        if self.quotes and not is_review:
            raise ValueError("quotes are for QUARTERLY_REVIEW")
        if (self.every is None) != (self.channel is None):
            raise ValueError("every and channel are needed together")
        return self

    @property
    def subject(self) -> str:
        """Of what kind of subject its metrics have to be."""
        return "feature" if self.kind is ReportKind.ROADMAP else "account"


Report = Defined[ReportBody]


def reports() -> list[Report]:
    """All reports, in the order in which they were made."""
    return store.in_force(REPORT, ReportBody)


def report(number: int) -> Report:
    """The report of a number.

    Raises:
        UnknownDefinitionError
    """
    return store.find(REPORT, ReportBody, number)


def period_start(every: Every, day: date) -> date:
    """The first day of the period in which a day lies."""
    match every:
        case Every.WEEK:
            return day - timedelta(days=day.weekday())
        case Every.MONTH:
            return day.replace(day=1)
        case Every.QUARTER:
            return day.replace(month=3 * ((day.month - 1) // 3) + 1, day=1)


def following(every: Every, start: date) -> date:
    """The first day of the period after the one that begins on a day."""
    return period_start(
        every, start + timedelta(days={Every.WEEK: 7, Every.MONTH: 31, Every.QUARTER: 92}[every])
    )


def sent_at(body: ReportBody, start: date, zone: ZoneInfo) -> datetime:
    """When the report of a period that begins on a day is sent; where the clocks skip the hour, as much later."""
    local = datetime.combine(start, time(body.hour), tzinfo=zone)
    return datetime.fromtimestamp(local.timestamp(), tz=zone)
