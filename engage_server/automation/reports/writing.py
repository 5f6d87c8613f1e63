"""Writes a report as of a day, and as a message. Inside the tenant's scope."""

from datetime import date, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import connection

from engage_server.automation.messages import (
    LONGEST_DATA,
    LONGEST_SUBJECT,
    LONGEST_TEXT,
    REPORT_WRITTEN,
    Message,
)
from engage_server.automation.reports.definition import Report, ReportKind
from engage_server.automation.reports.document import Document, as_text
from engage_server.automation.reports.pages import as_html
from engage_server.automation.reports.portfolio import portfolio
from engage_server.automation.reports.quarterly import quarterly_review
from engage_server.automation.reports.roadmap import roadmap
from engage_server.tenancy.clock import database_now
from engage_server.tenancy.scope import current_tenant

CUT: Final = "\n…"
# The newest day, up to one, of which the metric was computed for anybody of the kind.
NEWEST: Final = """
    SELECT max(newest.day) FROM metrics_wording AS series CROSS JOIN LATERAL (
        SELECT day FROM metrics_dayvalue WHERE series_id = series.id AND superseded_at IS NULL AND day <= %s
        ORDER BY day DESC LIMIT 1) AS newest
    WHERE series.metric = %s AND series.subject_kind = %s
"""


def write(one: Report, *, on: date | None = None, with_quotes: bool) -> Document | None:
    """The report of the newest day up to ``on`` (default: yesterday) of which its leading metric was computed.

    None where the account that it is of is gone.
    """
    asked = on or database_now().astimezone(current_tenant().zone).date() - timedelta(days=1)
    with connection.cursor() as cursor:
        cursor.execute(NEWEST, [asked, one.body.metrics[0], one.body.subject])
        found = cursor.fetchone()
    day = asked if found is None or found[0] is None else found[0]
    match one.body.kind:
        case ReportKind.QUARTERLY_REVIEW:
            return quarterly_review(one, day, with_quotes=with_quotes)
        case ReportKind.PORTFOLIO:
            return portfolio(one, day)
        case ReportKind.ROADMAP:
            return roadmap(one, day)


def message(one: Report, document: Document) -> Message:
    """The report for people and programs. The page is left out where it is too long for a message; the text is cut."""
    base = settings.ENGAGE_PUBLIC_URL  # where it is empty, there are no links
    text = as_text(document, base=base)
    told = f"{document.title}: {document.about}" if document.about else document.title
    day = "" if document.day is None else document.day.isoformat()
    data: dict[str, Any] = {"report": one.number, "kind": one.body.kind.value, "day": day}
    page = as_html(document, base=base)
    if len(page) < LONGEST_DATA * 3 // 4:  # written as JSON, it grows
        data["html"] = page
    if len(text) > LONGEST_TEXT:
        text = text[: LONGEST_TEXT - len(CUT)] + CUT
    subject = " ".join(f"{told} ({day})".split())
    return Message(
        REPORT_WRITTEN,
        "".join(filter(str.isprintable, subject))[:LONGEST_SUBJECT],
        text,
        data,
        account=one.body.account,
    )
