"""The weekly portfolio: accounts by how far they fell, signals, tasks and renewals. A few statements, however many accounts.

Works inside the tenant's scope.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from engage_server.automation.figures import title_of, withheld_of, written
from engage_server.automation.models import Signal
from engage_server.automation.renewals import renewals
from engage_server.automation.reports import links
from engage_server.automation.reports.definition import Report
from engage_server.automation.reports.document import Bars, Cell, Document, Row, Table
from engage_server.automation.reports.pictures import bars
from engage_server.automation.reports.quarterly import moved
from engage_server.automation.reports.words import WORDS, Words, band_in
from engage_server.automation.rules import rules
from engage_server.automation.tasks import tasks
from engage_server.customers.models import Account
from engage_server.metrics.bands import BAND
from engage_server.metrics.reader import StoredMetricReader
from engage_server.plugin_host.registry import registry
from engage_server.sdk.graphql import StoredValue

WEEK: Final = timedelta(days=7)
RENEWAL_DAYS: Final = 90
MOST_ROWS: Final = 50


def portfolio(one: Report, day: date) -> Document:
    """The portfolio as of a day, compared with a week before."""
    body, words = one.body, WORDS[one.body.language]
    before = day - WEEK
    moves = [_Moves(metric, day, before) for metric in body.metrics]
    tables = [_accounts(one, words, body.language) for one in moves]
    names = {pk: name or id for pk, name, id in Account.objects.values_list("pk", "name", "external_id")}
    tables += [_signals(before, day, names, words), _tasks(names, words), _renewals(day, words)]
    dated = words["dated"].format(day=day.isoformat(), before=before.isoformat())
    drawn = _changes(moves[0], words, body.language)
    return Document(words[body.kind.value], "", day, dated, body.language, tuple(tables), drawn)


class _Moves:
    """A metric's values of accounts on two days, who fell most first; those of few are withheld, and come last."""

    def __init__(self, metric: str, day: date, before: date) -> None:
        reader = StoredMetricReader()
        self.metric: Final = metric
        self.now, self.then = (_shown(reader.by_subject(metric, "account", on)) for on in (day, before))
        self.order = sorted(
            self.now, key=lambda pk: (self.change(pk) is None, self.change(pk) or 0.0, self.now[pk].label)
        )

    def change(self, pk: int) -> float | None:
        """By how much an account's value moved; None where one of the two is not known."""
        was = self.then[pk].value if pk in self.then else None
        value = self.now[pk].value
        return None if value is None or was is None else value - was


def _accounts(of: _Moves, words: Words, language: str) -> Table:
    _, declared = registry().metric(of.metric)
    unit = declared.units.get(language, declared.unit)
    owners = dict(Account.objects.filter(pk__in=of.now).values_list("pk", "owner"))
    rows = tuple(
        (
            Cell(of.now[pk].label, link=links.account(pk)),
            Cell(written(of.now[pk].value, unit), link=links.why(pk)),
            Cell(
                moved(of.now[pk].value, of.then[pk].value if pk in of.then else None),
                is_bad=(of.change(pk) or 0) < 0,
            ),
            Cell(band_in(language, str(of.now[pk].details.get(BAND) or ""))),
            Cell(owners.get(pk, "")),
        )
        for pk in of.order[:MOST_ROWS]
    )
    columns = tuple(words[name] for name in ("account", "now", "change", "band", "owner"))
    title = f"{words['accounts']}: {title_of(of.metric, language)}"
    return Table(title, columns, rows, empty=words["none"], note=left_out(len(of.order), words))


def _changes(of: _Moves, words: Words, language: str) -> tuple[Bars, ...]:
    _, declared = registry().metric(of.metric)
    changes = [(of.now[pk].label, change) for pk in of.order if (change := of.change(pk))]
    title = f"{words['change']}: {title_of(of.metric, language)}"
    return bars(title, declared.units.get(language, declared.unit), changes)


def _shown(values: list[StoredValue]) -> Mapping[int, StoredValue]:
    hidden = withheld_of(values)
    return {one.subject.id: one for one in values if one.subject.id not in hidden}


def _signals(before: date, day: date, names: Mapping[int, str], words: Words) -> Table:
    found = Signal.objects.filter(raised_on__gt=before, raised_on__lte=day).order_by("-raised_on", "-id")
    named = {rule.number: rule.name for rule in rules()}
    rows: tuple[Row, ...] = tuple(
        (
            Cell(named.get(one.rule, ""), link=links.signals(), is_bad=one.is_risk),
            # A report is kept where no erasure reaches: persons are counted by their signals alone.
            Cell(names.get(one.subject, ""), link=links.account(one.subject))
            if one.subject_kind == "account"
            else Cell(""),
            Cell(one.raised_on.isoformat()),
        )
        for one in found[:MOST_ROWS]
    )
    columns = (words["signal"], words["account"], words["day"])
    return Table(words["signals"], columns, rows, empty=words["none"], note=left_out(found.count(), words))


def _tasks(names: Mapping[int, str], words: Words) -> Table:
    found = tasks().filter(is_personal=False)
    rows: tuple[Row, ...] = tuple(
        (
            Cell(one.title, link=links.account(one.subject) if one.subject_kind == "account" else ""),
            Cell(names.get(one.subject, "") if one.subject_kind == "account" else ""),
            Cell(one.owner),
            Cell("" if one.due_on is None else one.due_on.isoformat()),
        )
        for one in found[:MOST_ROWS]
    )
    columns = tuple(words[name] for name in ("name", "account", "owner", "due"))
    return Table(words["tasks"], columns, rows, empty=words["none"], note=left_out(found.count(), words))


def _renewals(day: date, words: Words) -> Table:
    found = renewals(day, days=RENEWAL_DAYS)
    rows = tuple(
        (Cell(one.name, link=links.account(one.account)), Cell(one.owner), Cell(one.day.isoformat()))
        for one in found[:MOST_ROWS]
    )
    columns = (words["account"], words["owner"], words["renews"])
    return Table(words["renewals"], columns, rows, empty=words["none"], note=left_out(len(found), words))


def left_out(number: int, words: Words) -> str:
    """How many rows there are beside those that are shown."""
    return words["more"].format(n=number - MOST_ROWS) if number > MOST_ROWS else ""
