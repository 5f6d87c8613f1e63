"""What a plugin says, in other languages: a catalogue beside its code, of each language one file.

``ko.json`` beside the module holds two maps, from the English text to the one in the language:

    {"texts": {"Nobody active: 0.": "활성 사용자가 없으면 0입니다."}, "labels": {"Lost before {}": "{} 이전 이탈"}}

A text that changes in English is one that nobody has translated: it is shown in English until somebody does.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from importlib import resources
from operator import add
from typing import Any, Final

from engage_server.sdk.benchmarks import Benchmark
from engage_server.sdk.manifest import Card, CardText, Catalogue, Metric

NAMED: Final = frozenset({"properties", "$defs", "patternProperties"})
"""Keywords of a JSON Schema that hold schemas by names which are no keywords."""
DATA: Final = frozenset({"default", "const", "enum", "examples"})
WORDS: Final = ("title", "description")


def catalogues_beside(package: str) -> dict[str, Catalogue]:
    """By language the catalogues that lie in a package, such as ``ko.json`` of ``"ko"``; a plugin passes its own.

    Raises:
        ValueError: a file is no catalogue; names it.
    """
    found = {}
    for file in resources.files(package).iterdir():
        language, _, ending = file.name.rpartition(".")
        if ending == "json":
            found[language] = _read(file.read_text("utf-8"), where=f"{package}/{file.name}")
    return found


def _read(text: str, *, where: str) -> Catalogue:
    try:
        return Catalogue(**json.loads(text))
    except (TypeError, ValueError) as error:
        raise ValueError(
            f'{where} is no catalogue: {error}. Remedy: {{"texts": {{…}}, "labels": {{…}}}}'
        ) from error


def said_in(labels: Mapping[str, str], text: str) -> str:
    """A text as a catalogue's labels say it, and what varies in it likewise; as it is where they do not have it.

    The dashboard does the same (``local`` in its ``api/session.ts``): the first label that fits is the one.
    """
    if text in labels:
        return labels[text]
    for label, said in labels.items():
        if "{}" in label and (varies := fitting(label, text)):
            parts = [*(said_in(labels, one) for one in varies.groups()), ""]
            return "".join(map(add, said.split("{}"), parts))
    return text


def fitting(label: str, text: str) -> re.Match[str] | None:
    """What varies in a text that a catalogue's label is about; None where it is about another one."""
    # Most are about another one, which is found sooner by their words than by the pattern.
    if not all(words in text for words in label.split("{}")):
        return None
    return _pattern(label).fullmatch(text)


@lru_cache(maxsize=4_096)
def _pattern(label: str) -> re.Pattern[str]:
    return re.compile(re.escape(label).replace(r"\{\}", "(.+)"), re.DOTALL)


def translated(metric: Metric, catalogues: Mapping[str, Catalogue]) -> Metric:
    """The metric, its card told in the languages of the catalogues as well; what the card itself translates stays."""
    card = metric.card
    told = {language: _card_text(card, language, one.texts) for language, one in catalogues.items()}
    benchmarks = tuple(_benchmark(one, catalogues) for one in card.benchmarks)
    return replace(
        metric, card=replace(card, translations={**card.translations, **told}, benchmarks=benchmarks)
    )


def _card_text(card: Card, language: str, texts: Mapping[str, str]) -> CardText:
    own = card.translations.get(language, CardText())
    rules = tuple(texts.get(rule, "") for rule in card.edge_rules)
    return CardText(
        formula=own.formula or texts.get(card.formula, ""),
        edge_rules=own.edge_rules or (rules if all(rules) else ()),
        vanity_risk=own.vanity_risk or texts.get(card.vanity_risk, ""),
        source=own.source or texts.get(card.source, ""),
    )


def _benchmark(benchmark: Benchmark, catalogues: Mapping[str, Catalogue]) -> Benchmark:
    def told(text: str) -> dict[str, str]:
        return {language: one.texts[text] for language, one in catalogues.items() if text in one.texts}

    return replace(
        benchmark,
        translations={**told(benchmark.statement), **benchmark.translations},
        sources={**told(benchmark.source), **benchmark.sources},
    )


def translated_schema(schema: Any, texts: Mapping[str, str]) -> Any:
    """A JSON Schema with the titles and descriptions that ``texts`` knows; beside members of an enumeration ``enumNames``.

    A field that only refers to another schema gets a title of its own, which Pydantic leaves out.
    """
    if isinstance(schema, list):
        return [translated_schema(part, texts) for part in schema]
    if not isinstance(schema, Mapping):
        return schema
    return dict(_members(schema, texts))


def _members(schema: Mapping[str, Any], texts: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    for key, part in schema.items():
        if key in DATA:
            yield key, part
        elif key in WORDS and isinstance(part, str):
            yield key, texts.get(part, part)
        elif key in NAMED and isinstance(part, Mapping):
            yield key, {name: _named(name, one, texts) for name, one in part.items()}
        else:
            yield key, translated_schema(part, texts)
    if isinstance(schema.get("enum"), list):
        yield "enumNames", [texts.get(str(member), str(member)) for member in schema["enum"]]


def _named(name: str, schema: Any, texts: Mapping[str, str]) -> Any:
    told = translated_schema(schema, texts)
    title = texts.get(title_of(name), "")
    return {"title": title, **told} if title and isinstance(told, dict) else told


def title_of(name: str) -> str:
    """The title that Pydantic gives a field: ``roll_up`` is Roll Up."""
    return name.replace("_", " ").title()
