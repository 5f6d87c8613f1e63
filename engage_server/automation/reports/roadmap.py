"""The roadmap review: what features come to, which are candidates to be taken away, and how the figures flatter.

Works inside the tenant's scope.
"""

from collections.abc import Iterable
from datetime import date
from typing import Final

from django.db import connection

from engage_server.automation.figures import title_of, withheld_of, written
from engage_server.automation.reports import links
from engage_server.automation.reports.definition import Every, Report, period_start
from engage_server.automation.reports.document import Bars, Cell, Document, Table
from engage_server.automation.reports.pictures import bars
from engage_server.automation.reports.portfolio import MOST_ROWS, left_out
from engage_server.automation.reports.quarterly import moved
from engage_server.automation.reports.words import WORDS, Words
from engage_server.metrics.goals import goals
from engage_server.metrics.reader import StoredMetricReader
from engage_server.plugin_host.registry import registry
from engage_server.sdk import Card
from engage_server.sdk.graphql import StoredValue

# The first day on which a feature had a value of the metric: so long it is measured.
SINCE: Final = """
    SELECT stored.subject_id, min(stored.day) FROM metrics_wording AS series
    JOIN metrics_dayvalue AS stored ON stored.series_id = series.id AND stored.superseded_at IS NULL
    JOIN metrics_measuredvalue AS measured ON measured.id = stored.measured_id AND measured.status = 'OK'
    WHERE series.metric = %s AND series.subject_kind = 'feature' GROUP BY stored.subject_id
"""


def roadmap(one: Report, day: date) -> Document:
    """The review as of a day, compared with the day before its quarter began."""
    body, words = one.body, WORDS[one.body.language]
    before = period_start(Every.QUARTER, day)
    tables = [_features(metric, day, before, words, body.language) for metric in body.metrics]
    tables.insert(0, _sunset(one, day, words))
    asked = dict.fromkeys([*body.metrics, *(goal.body.metric for goal in goals())])
    tables.append(_vanity(asked, words, body.language))
    dated = words["dated"].format(day=day.isoformat(), before=before.isoformat())
    drawn = _adoption(body.metrics[0], day, words, body.language)
    return Document(words[body.kind.value], "", day, dated, body.language, tuple(tables), drawn)


def _features(metric: str, day: date, before: date, words: Words, language: str) -> Table:
    _, declared = registry().metric(metric)
    unit = declared.units.get(language, declared.unit)
    now, then = _shown(metric, day), {one.subject.id: one for one in _shown(metric, before)}
    rows = tuple(
        (
            Cell(one.label, link=links.metric(metric)),
            Cell(written(one.value, unit)),
            Cell(moved(one.value, then[one.subject.id].value if one.subject.id in then else None)),
        )
        for one in now[:MOST_ROWS]
    )
    columns = (words["feature"], words["now"], words["change"])
    title = f"{words['features']}: {title_of(metric, language)}"
    return Table(title, columns, rows, empty=words["none"], note=left_out(len(now), words))


def _adoption(metric: str, day: date, words: Words, language: str) -> tuple[Bars, ...]:
    _, declared = registry().metric(metric)
    values = [(one.label, one.value) for one in _shown(metric, day) if one.value is not None]
    title = f"{words['features']}: {title_of(metric, language)}"
    return bars(title, declared.units.get(language, declared.unit), values)


def _sunset(one: Report, day: date, words: Words) -> Table:
    """Features of whom the leading metric is low though they are measured for long."""
    metric = one.body.metrics[0]
    with connection.cursor() as cursor:
        cursor.execute(SINCE, [metric])
        since: dict[int, date] = dict(cursor.fetchall())
    found = [
        feature
        for feature in _shown(metric, day)
        if feature.value is not None
        and feature.value < one.body.sunset_below
        and (day - since.get(feature.subject.id, day)).days >= one.body.sunset_days
    ]
    rows = tuple(
        (
            Cell(feature.label, link=links.metric(metric)),
            Cell(written(feature.value, "%"), is_bad=True),
            Cell(since[feature.subject.id].isoformat()),
        )
        for feature in found[:MOST_ROWS]
    )
    note = words["sunset_note"].format(share=f"{one.body.sunset_below:g}", days=one.body.sunset_days)
    columns = (words["feature"], words["now"], words["since"])
    return Table(words["sunset"], columns, rows, empty=words["none"], note=note)


def _vanity(metrics: Iterable[str], words: Words, language: str) -> Table:
    """What the definitions themselves warn of, for the metrics of the review and those that goals are about."""
    rows = []
    for metric in metrics:
        plugin_id, _, metric_id = metric.partition(".")
        plugin = registry().plugins.get(plugin_id)
        declared = (
            next((one for one in plugin.manifest.metrics if one.id == metric_id), None) if plugin else None
        )
        if declared is not None and (risk := _risk(declared.card, language)):
            rows.append((Cell(title_of(metric, language), link=links.metric(metric)), Cell(risk)))
    return Table(words["vanity"], (words["metric"], words["risk"]), tuple(rows), empty=words["none"])


def _risk(card: Card, language: str) -> str:
    translated = card.translations.get(language)
    return (translated.vanity_risk if translated else "") or card.vanity_risk


def _shown(metric: str, day: date) -> list[StoredValue]:
    """The features' values of a day, the highest first, without those of few."""
    values = StoredMetricReader().by_subject(metric, "feature", day)
    hidden = withheld_of(values)
    return [one for one in values if one.subject.id not in hidden]
