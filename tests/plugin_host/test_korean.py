"""What the dashboard shows of bundled plugins has Korean: cards, benchmarks, forms; test_worked_examples looks at parts."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pytest

from engage_server.activity.rollups.affected_days import ChangeReason
from engage_server.engine import away, reaper
from engage_server.engine.models import AffectedDay
from engage_server.engine.restatement import PLAIN
from engage_server.plugin_host.consent import OF_PLUGINS, WORDS
from engage_server.plugin_host.registry import registry
from engage_server.sdk import Card, Catalogue, Manifest
from engage_server.sdk.catalogues import catalogues_beside, title_of, translated_schema

HANGUL: Final = re.compile("[가-힣]")
PLUGINS: Final = sorted(id for id in registry().plugins if id != "dummy")
REQUIREMENT: Final = r"R\d+(: Slack)?"
PUBLICATION: Final = (
    r"David Skok, .+|Brad Feld, .+ \(2015\)|J\. Przyborowski and .+ \(1927\)|B\. Rocks, .+ 70 \(2016\)"
    r"|Hyndman and Athanasopoulos, .+|Baremetrics, SaaS quick ratio|PulseRevOps, CAC payback \(q422\)"
    r"|Glencoyne, sales velocity|revos\.ai license-utilization"
)
CITED: Final = re.compile(rf"({REQUIREMENT}|{PUBLICATION})(; R\d+)?")
"""A source that is nothing but a publication's own name: it stays in the publication's language, so that it is found."""
REMEDY: Final = "Remedy: write it into the plugin's ko.json (docs/plugins.md)."


def manifest_of(plugin: str) -> Manifest:
    return registry().plugins[plugin].manifest


@pytest.mark.parametrize("plugin", PLUGINS)
def test_every_card_benchmark_title_and_unit_has_korean(plugin: str) -> None:
    lacking = [f"{metric.id}: {text}" for metric in manifest_of(plugin).metrics for text in untold(metric)]
    assert lacking == [], REMEDY


@pytest.mark.parametrize("plugin", PLUGINS)
def test_why_a_value_has_no_interval_is_said_in_korean(plugin: str) -> None:
    manifest = manifest_of(plugin)
    said = {metric.no_interval for metric in manifest.metrics if metric.no_interval}
    assert said - manifest.catalogues["ko"].labels.keys() == set(), REMEDY


def untold(metric: Any) -> Iterator[str]:
    """Texts of a metric without Korean."""
    card, korean = metric.card, metric.card.translations["ko"]
    if not korean.formula:
        yield card.formula
    if not korean.source and not CITED.fullmatch(card.source):
        yield card.source
    if card.vanity_risk and not HANGUL.search(korean.vanity_risk):
        yield card.vanity_risk
    if len(korean.edge_rules) != len(card.edge_rules) or not all(map(HANGUL.search, korean.edge_rules)):
        yield from card.edge_rules
    yield from (one.statement for one in card.benchmarks if "ko" not in one.translations)
    yield from (
        one.source for one in card.benchmarks if "ko" not in one.sources and not CITED.fullmatch(one.source)
    )
    if "ko" not in metric.titles:
        yield metric.title
    if any(letter.isalpha() for letter in metric.unit) and "ko" not in metric.units:
        yield metric.unit


@pytest.mark.parametrize("plugin", PLUGINS)
def test_every_field_of_a_form_has_korean_and_so_have_the_words_that_it_chooses_among(plugin: str) -> None:
    manifest = manifest_of(plugin)
    told = translated_schema(manifest.config.model_json_schema(), manifest.catalogues["ko"].texts)
    assert list(english_of(told, "")) == [], REMEDY


def english_of(schema: Any, where: str) -> Iterator[str]:
    """Which titles and descriptions of a schema are English."""
    if isinstance(schema, list):
        for part in schema:
            yield from english_of(part, where)
    if not isinstance(schema, Mapping):
        return
    for name, part in schema.get("properties", {}).items():
        for word in ("title", "description"):
            if word in part and not HANGUL.search(part[word]) and part[word] not in ("ID",):
                yield f"{where}.{name}: {word} {part[word]!r}"
    for key, part in schema.items():
        if key not in ("default", "examples", "enum"):
            yield from english_of(part, f"{where}.{key}")


def test_what_a_plugin_reads_is_said_in_korean() -> None:
    labels = catalogues_beside("engage_server.plugin_host")["ko"].labels
    of_plugins = [words for _, words in OF_PLUGINS.values()]
    assert [words for words in [*WORDS.values(), *of_plugins] if words not in labels] == []


def test_why_a_day_is_computed_once_more_is_said_in_korean() -> None:
    labels = catalogues_beside("engage_server.plugin_host")["ko"].labels
    causes = [cause.label for cause in AffectedDay.Cause]
    said = [*causes, *(f"{cause} of {{}}" for cause in causes if cause != AffectedDay.Cause.TIMEZONE.label)]
    said += [*ChangeReason, *(f"{{}}: {what}{when}" for what in PLAIN.values() for when in ("", " of {}"))]
    said += ["time zone {}", "configuration version {}", away.AWAY, reaper.SUSPECT]
    assert [words for words in said if words not in labels] == []
    assert [text for text, korean in labels.items() if text.count("{}") != korean.count("{}")] == []


@pytest.mark.parametrize("plugin", PLUGINS)
def test_a_catalogue_translates_what_its_plugin_says_and_nothing_else(plugin: str) -> None:
    manifest = manifest_of(plugin)
    catalogue: Catalogue = manifest.catalogues["ko"]
    said = {one for metric in manifest.metrics for one in texts_of(metric.card)}
    schema = manifest.config.model_json_schema()
    said |= set(words_of(schema))
    fields = {title_of(name) for name in re.findall(r'"(\w+)":', json.dumps(schema))}
    assert catalogue.texts.keys() - said - fields == set(), "Remedy: remove what nothing says any more."
    for text, korean in {**catalogue.texts, **catalogue.labels}.items():
        assert text.count("{}") == korean.count("{}"), text


def words_of(data: Any) -> Iterator[str]:
    """Texts somewhere in JSON."""
    if isinstance(data, str):
        yield data
    for part in data.values() if isinstance(data, Mapping) else data if isinstance(data, list) else ():
        yield from words_of(part)


def test_every_category_of_bundled_metrics_has_a_korean_word() -> None:
    categories = {metric.category for plugin in PLUGINS for metric in manifest_of(plugin).metrics}
    assert categories - catalogues_beside("engage_server.plugin_host")["ko"].labels.keys() == set()


def texts_of(card: Card) -> Iterator[str]:
    """What a card says in English."""
    yield from (card.formula, card.vanity_risk, card.source, *card.edge_rules)
    yield from (text for one in card.benchmarks for text in (one.statement, one.source))
