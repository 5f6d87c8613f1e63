"""An account's own page as a document. Pure."""

from collections.abc import Mapping

from engage_server.automation.account_page import AccountPage, ShownGoal
from engage_server.automation.figures import WITHHELD, Figure, written
from engage_server.automation.reports.document import Cell, Document, Table
from engage_server.automation.reports.texts import TEXTS
from engage_server.automation.reports.words import band_in


def customer_document(page: AccountPage) -> Document:
    """What the customer reads, in its language; no link leads anywhere, for it may see nothing else."""
    words = TEXTS[page.language]
    tables = [_metrics(page, words)]
    tables += [_parts(figure, words) for figure in page.figures if len(figure.parts) > 1]
    if page.goals:
        tables.append(_goals(page.goals, words))
    dated = words["no_day"] if page.day is None else words["dated"].format(day=page.day.isoformat())
    return Document(words["title"], page.account, page.day, dated, page.language, tuple(tables))


def _metrics(page: AccountPage, words: Mapping[str, str]) -> Table:
    rows = tuple(
        (
            Cell(one.title),
            Cell(_value(one, words), share=_share(one)),
            Cell(band_in(page.language, one.band)),
            Cell("" if one.day is None else one.day.isoformat()),
        )
        for one in page.figures
    )
    columns = (words["name"], words["value"], words["band"], words["day"])
    return Table(words["metrics"], columns, rows, empty=words["none"])


def _parts(figure: Figure, words: Mapping[str, str]) -> Table:
    rows = tuple((Cell(label), Cell(written(value, ""))) for label, value in figure.parts)
    return Table(words["steps"].format(title=figure.title), (words["part"], words["value"]), rows)


def _goals(goals: tuple[ShownGoal, ...], words: Mapping[str, str]) -> Table:
    rows = tuple(
        (
            Cell(one.name),
            Cell(_value(one.figure, words)),
            Cell(written(one.target, one.figure.unit)),
            Cell(one.due.isoformat()),
            Cell("" if one.share is None else f"{one.share:.0%}", share=one.share),
            Cell(words[one.status.value]),
        )
        for one in goals
    )
    columns = tuple(words[name] for name in ("name", "value", "target", "due", "way", "state"))
    return Table(words["goals"], columns, rows)


def _value(one: Figure, words: Mapping[str, str]) -> str:
    return words["withheld"] if one.status == WITHHELD else written(one.value, one.unit)


def _share(one: Figure) -> float | None:
    is_share = one.unit == "%" and one.value is not None and 0 <= one.value <= 100
    return one.value / 100 if is_share and one.value is not None else None
