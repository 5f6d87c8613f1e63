"""Who comes back: after days, after months, in brackets of days, accounts after months, and the table of cohorts."""

from typing import Any

from engage_retention import card
from engage_retention.config import RetentionConfig
from engage_retention.table import Curve, curve
from engage_server.sdk import Answer, Computation, Plugin, Retention, Sample, catalogues_beside

plugin = Plugin(
    "retention",
    sdk=">=2,<3",
    config=RetentionConfig,
    title={"en": "Retention", "ko": "유지율"},
    owner="Engage maintainers",
    licence="Apache-2.0",
    starter=False,
    catalogues=catalogues_beside("engage_retention"),
)
Rows = Computation[RetentionConfig]
EVERY: dict[str, Any] = {"unit": "%", "subjects": ("tenant",), "details": Curve, "category": "retention"}
"""What the metrics have in common."""


def _answer(rows: Rows, asked: Retention, headline: int) -> Answer:
    return curve(
        rows["cohorts"],
        asked,
        first_day=asked.first_day(rows.day),
        level=rows.config.confidence,
        headline=headline,
    )


@plugin.metric(
    "day",
    title={"en": "Retention after days", "ko": "일별 유지율"},
    card=card.DAY,
    inputs=lambda config: {"cohorts": config.days()},
    **EVERY,
)
def day(rows: Rows) -> Answer:
    """Persons active on the k-th day after their first / persons whose cohort has had it whole."""
    return _answer(rows, rows.config.days(), rows.config.day_points[0])


@plugin.metric(
    "month",
    title={"en": "Retention after months", "ko": "월별 유지율"},
    card=card.MONTH,
    inputs=lambda config: {"cohorts": config.months("person")},
    **EVERY,
)
def month(rows: Rows) -> Answer:
    """The same by months."""
    return _answer(rows, rows.config.months("person"), rows.config.month_points[0])


@plugin.metric(
    "bracket",
    title={"en": "Retention in brackets of days", "ko": "구간별 유지율"},
    card=card.BRACKET,
    inputs=lambda config: {"cohorts": config.in_brackets()},
    **EVERY,
)
def bracket(rows: Rows) -> Answer:
    """Persons active on any day of the bracket."""
    return _answer(rows, rows.config.in_brackets(), rows.config.brackets[0][0])


@plugin.metric(
    "accounts",
    title={"en": "Retention of accounts after months", "ko": "고객사 유지율"},
    card=card.ACCOUNTS,
    inputs=lambda config: {"cohorts": config.months("account")},
    sample=Sample.THINGS,
    **EVERY,
)
def accounts(rows: Rows) -> Answer:
    """Accounts in which anybody was active in the k-th month after the account's first event."""
    return _answer(rows, rows.config.months("account"), rows.config.month_points[0])


@plugin.metric(
    "cohorts",
    title={"en": "Cohort table", "ko": "코호트 표"},
    card=card.COHORTS,
    inputs=lambda config: {"cohorts": config.table()},
    **EVERY,
)
def cohorts(rows: Rows) -> Answer:
    """Each cohort by calendar periods; the value is the mean of the first after that of the birth."""
    return _answer(rows, rows.config.table(), 1)
