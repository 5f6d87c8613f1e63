"""What a plugin says in other languages: the catalogues beside its code."""

import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import Field

from engage_server.sdk import Benchmark, Card, CardText, Catalogue, Plugin, PluginConfig, catalogues_beside
from engage_server.sdk.catalogues import translated_schema

TEXTS = {
    "a / b": "가 / 나",
    "b 0: null.": "b가 0이면 null입니다.",
    "Rises by itself.": "저절로 오릅니다.",
    "Above 3.": "3 초과입니다.",
    "Roll Up": "집계",
    "Days counted.": "세는 일수입니다.",
    "week": "주",
}


class Unit(PluginConfig):
    days: int = Field(7, description="Days counted.")


class Config(PluginConfig):
    roll_up: Unit = Unit()
    grain: str = Field("week", json_schema_extra={"enum": ["week", "MAU"]})


def card_of(card: Card, catalogues: dict[str, Catalogue]) -> Card:
    plugin: Plugin[Any] = Plugin("reach", sdk=">=2,<3", config=Config, title="Reach", catalogues=catalogues)
    plugin.metric("rate", title="Rate", card=card)(lambda rows: None)
    (metric,) = plugin.engage_manifest().metrics
    return metric.card


def card(**other: Any) -> Card:
    return Card(
        formula="a / b", source="own", edge_rules=("b 0: null.",), vanity_risk="Rises by itself.",
        benchmarks=(Benchmark("Above 3.", "own"),), **other,
    )  # fmt: skip


def test_a_card_is_told_in_the_languages_of_the_catalogues() -> None:
    told = card_of(card(), {"ko": Catalogue(TEXTS)})
    assert told.translations["ko"] == CardText("가 / 나", ("b가 0이면 null입니다.",), "저절로 오릅니다.")
    assert told.benchmarks[0].translations == {"ko": "3 초과입니다."}


def test_what_a_card_translates_itself_stays() -> None:
    told = card_of(card(translations={"ko": CardText(formula="비율")}), {"ko": Catalogue(TEXTS)})
    assert told.translations["ko"].formula == "비율"
    assert told.translations["ko"].vanity_risk == "저절로 오릅니다."


def test_a_rule_that_nobody_translated_leaves_all_rules_in_english() -> None:
    told = card_of(card(), {"ko": Catalogue({"a / b": "가 / 나"})})
    assert told.translations["ko"] == CardText(formula="가 / 나")


def test_a_form_is_told_field_by_field_and_says_what_members_are_called() -> None:
    schema = Config.model_json_schema()
    told = translated_schema(schema, TEXTS)
    assert told["properties"]["roll_up"]["title"] == "집계"
    assert told["$defs"]["Unit"]["properties"]["days"]["description"] == "세는 일수입니다."
    assert told["properties"]["grain"]["enumNames"] == ["주", "MAU"]
    assert told["properties"]["grain"]["enum"] == ["week", "MAU"]
    assert "enumNames" not in schema["properties"]["grain"]


def test_a_field_that_bears_the_name_of_a_keyword_is_a_field() -> None:
    schema = {
        "properties": {"title": {"title": "Roll Up", "type": "string"}, "default": {"title": "Roll Up"}}
    }
    told = translated_schema(schema, TEXTS)["properties"]
    assert (told["title"]["title"], told["default"]["title"]) == ("집계", "집계")


def test_catalogues_lie_beside_the_code_by_language(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "spoken_reach"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "ko.json").write_text('{"texts": {"Rate": "비율"}}', "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert catalogues_beside("spoken_reach") == {"ko": Catalogue({"Rate": "비율"})}
    (folder / "fr.json").write_text('{"words": {}}', "utf-8")
    with pytest.raises(ValueError, match=r"spoken_reach/fr.json is no catalogue"):
        catalogues_beside("spoken_reach")
    sys.modules.pop("spoken_reach")
