"""The quarterly review of an account: goals, adoption, its score with the bridge, seats, quotes and next steps.

Works inside the tenant's scope.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from engage_server.automation import signals
from engage_server.automation.account_page import account_goals
from engage_server.automation.figures import WITHHELD, Figure, figures, labels_of, written
from engage_server.automation.reports import links
from engage_server.automation.reports.definition import Every, Report, period_start
from engage_server.automation.reports.document import Cell, Document, Row, Table
from engage_server.automation.reports.pictures import curves
from engage_server.automation.reports.words import WORDS, Words, band_in
from engage_server.automation.rules import rules
from engage_server.automation.tasks import tasks
from engage_server.customers.models import Account, SurveyResponse
from engage_server.customers.subscription_states import RUNNING, renewal, state_on, terms_on
from engage_server.metrics.change_sentences import korean_sentence, sentence
from engage_server.metrics.changes import change_of
from engage_server.metrics.reader import StoredMetricReader
from engage_server.sdk import Subject
from engage_server.sdk.catalogues import said_in

MOST_QUOTES: Final = 5
MOST_CAUSES: Final = 8
MOST_STEPS: Final = 20


def quarterly_review(one: Report, day: date, *, with_quotes: bool) -> Document | None:
    """The review as of a day, compared with the day before its quarter began; None where the account is gone.

    ``with_quotes``: whether what persons said may be shown.
    """
    body, words = one.body, WORDS[one.body.language]
    account = Account.objects.filter(pk=body.account or 0).first()
    if account is None:
        return None
    subject = Subject("account", account.pk)
    before = period_start(Every.QUARTER, day) - timedelta(days=1)
    now = figures(body.metrics, subject, on=day, language=body.language)
    then = {
        figure.metric: figure for figure in figures(body.metrics, subject, on=before, language=body.language)
    }
    tables = [
        _goals(account, words, body.language),
        _metrics(now, then, account.pk, words, body.language),
        _bridge(now, then, subject, (before, day), body.language),
        _seats(account.pk, day, words),
    ]
    if body.quotes and with_quotes:
        tables.append(_quotes(account.pk, day, words))
    tables.append(_next_steps(account, day, words))
    dated = words["dated"].format(day=day.isoformat(), before=before.isoformat())
    about = account.name or account.external_id
    drawn = curves(now, subject, since=before, day=day)
    return Document(words[body.kind.value], about, day, dated, body.language, tuple(tables), drawn)


def _goals(account: Account, words: Words, language: str) -> Table:
    rows = tuple(
        (
            Cell(goal.name, link=links.metric(goal.figure.metric)),
            Cell(value(goal.figure, words)),
            Cell(written(goal.target, goal.figure.unit)),
            Cell(goal.due.isoformat()),
            Cell("" if goal.share is None else f"{goal.share:.0%}", share=goal.share),
            Cell(words[goal.status.value], is_bad=goal.status.value in {"BEHIND", "MISSED"}),
        )
        for goal in account_goals(account, language)
    )
    columns = tuple(words[name] for name in ("name", "now", "target", "due", "way", "state"))
    return Table(words["goals"], columns, rows, empty=words["none"])


def _metrics(now: Sequence[Figure], then: dict[str, Figure], pk: int, words: Words, language: str) -> Table:
    rows = tuple(
        (
            Cell(one.title, link=links.metric(one.metric)),
            Cell(value(one, words), link=links.why(pk)),
            Cell(value(then[one.metric], words)),
            Cell(moved(one.value, then[one.metric].value)),
            Cell(band_in(language, one.band)),
        )
        for one in now
    )
    return Table(
        words["metrics"], tuple(words[name] for name in ("name", "now", "before", "change", "band")), rows
    )


def _bridge(
    now: Sequence[Figure], then: dict[str, Figure], subject: Subject, days: tuple[date, date], language: str
) -> Table:
    """What moved the leading metric: causes that add up to its change."""
    lead, words = now[0], WORDS[language]
    rows: tuple[Row, ...] = ()
    note = ""
    if WITHHELD not in {lead.status, then[lead.metric].status}:
        reader = StoredMetricReader()
        explained = change_of(
            reader.revisions(lead.metric, subject, days[0]), reader.latest(lead.metric, subject, days[1])
        )
        labels = labels_of(lead.metric, language)
        note = (
            korean_sentence(explained, unit=lead.unit, labels=labels)
            if language == "ko"
            else sentence(explained, unit=lead.unit)
        )
        rows = tuple(
            (
                Cell(said_in(labels, cause.label) or cause.kind.value),
                Cell(f"{cause.change:+.1f}", is_bad=cause.change < 0),
            )
            for cause in explained.causes[:MOST_CAUSES]
        )
    return Table(
        words["bridge"].format(metric=lead.title),
        (words["cause"], words["change"]),
        rows,
        words["none"],
        note,
    )


def _seats(pk: int, day: date, words: Words) -> Table:
    terms = [one for one in terms_on([pk], day)[pk] if state_on(one, day) in RUNNING]
    rows = tuple(
        (
            Cell(one.plan or one.external_id, link=links.account(pk)),
            Cell(words["unlimited"] if one.seats is None else str(one.seats)),
            Cell("" if one.ends_on is None else one.ends_on.isoformat()),
        )
        for one in terms
    )
    return Table(words["seats"], (words["plan"], words["number"], words["ends"]), rows, empty=words["none"])


def _quotes(pk: int, day: date, words: Words) -> Table:
    """The newest words of the account's own people, of nobody who withdrew."""
    found = (
        SurveyResponse.objects.filter(account_id=pk, occurred_at__date__lte=day, given_by="CUSTOMER")
        .exclude(text="")
        .exclude(person__is_suppressed=True)
        .exclude(person__consents=False)
        .order_by("-occurred_at", "-id")
    )
    rows = tuple(
        (Cell(one.text[:500]), Cell(one.occurred_at.date().isoformat())) for one in found[:MOST_QUOTES]
    )
    return Table(words["quotes"], (words["text"], words["day"]), rows, empty=words["none"])


def _next_steps(account: Account, day: date, words: Words) -> Table:
    """The next renewal, tasks that tell of no person, and open signals by the names of their rules."""
    pk = account.pk
    renews = renewal(terms_on([pk], day)[pk], day)
    rows: list[Row] = []
    if renews is not None:
        rows.append(
            (
                Cell(words["review"].format(day=renews.isoformat()), link=links.account(pk)),
                Cell(account.owner),
            )
        )
    todo = tasks().filter(subject_kind="account", subject=pk, is_personal=False)[:MOST_STEPS]
    rows += [(Cell(one.title, link=links.account(pk)), Cell(one.owner)) for one in todo]
    named = {rule.number: rule.name for rule in rules()}
    opened = signals.open_of("account", [pk]).filter(is_risk=True)[:MOST_STEPS]
    rows += [
        (Cell(named.get(one.rule, ""), link=links.signals(), is_bad=True), Cell(account.owner))
        for one in opened
        if one.rule in named
    ]
    return Table(words["next"], (words["name"], words["owner"]), tuple(rows), empty=words["none"])


def value(figure: Figure, words: Words) -> str:
    """A figure as it is written, or why it is not."""
    return words["withheld"] if figure.status == WITHHELD else written(figure.value, figure.unit)


def moved(now: float | None, then: float | None) -> str:
    """By how much a value changed; empty where one of the two is not known."""
    return "" if now is None or then is None else f"{now - then:+,.1f}"
