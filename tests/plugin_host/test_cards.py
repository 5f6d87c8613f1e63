"""The cards in the forms in which others read them: JSON, Open Semantic Interchange, Markdown."""

import json
from dataclasses import replace
from pathlib import Path

import jsonschema_rs
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from engage_server.plugin_host.cards.documents import documents
from engage_server.plugin_host.cards.osi import DATASET, FIELDS, KEY, SOURCE, semantic_model
from engage_server.plugin_host.cards.pages import pages
from engage_server.plugin_host.registry import registry
from engage_server.tenancy.scope import tenant_scope
from tests.metrics.values import DAY, store

SCHEMA = json.loads((Path(__file__).parent / "osi" / "osi-schema.json").read_text())
FOLDER = Path(__file__).resolve().parents[2] / "docs" / "metrics"


def exported(capsys, *options: str) -> dict:
    call_command("cards", "export", *options)
    return json.loads(capsys.readouterr().out)


def test_as_json_every_metric_says_all_that_it_declares(capsys):
    found = {one["id"]: one for one in exported(capsys, "--format", "json")["metrics"]}
    plugins = registry().plugins.values()
    assert set(found) == {
        f"{plugin.id}.{metric.id}" for plugin in plugins for metric in plugin.manifest.metrics
    }
    nps, card = found["nps.score"], registry().metric("nps.score")[1].card
    assert (nps["titles"]["ko"], nps["formula"], nps["direction"]) == ("순추천고객지수", card.formula, "UP")
    assert len(nps["vectors"]) == len(card.vectors)
    assert nps["vectors"][0]["measured"]["n"] == 6
    assert [one["verified"] for one in nps["benchmarks"]] == [one.verified for one in card.benchmarks]
    assert "promoter_share" in {field["name"] for field in nps["details"]}


@pytest.mark.parametrize("document", documents(registry().plugins.values()), ids=lambda one: one["id"])
def test_every_metric_says_in_two_languages_when_it_moves_and_how_it_can_deceive(document):
    assert {"en", "ko"} <= set(document["titles"])
    assert not any(map(str.isalpha, document["units"]["en"])) or "ko" in document["units"]
    assert document["timing"] in {"LEADING", "LAGGING"}
    assert document["direction"] in {"UP", "DOWN", "TARGET", "VARIES"}
    assert document["vanity_risk"]
    assert document["refresh_cadence"]


@pytest.mark.parametrize("document", documents(registry().plugins.values()), ids=lambda one: one["id"])
def test_benchmarks_are_about_figures_that_there_are(document):
    kinds = {field["name"]: field["kind"] for field in document["details"]}
    for benchmark in document["benchmarks"]:
        assert kinds.get(benchmark["figure"], "float") in {"int", "float"}
        assert {benchmark["figure"], *benchmark["details"]} - {""} <= kinds.keys()


def test_as_open_semantic_interchange_it_keeps_the_specifications_schema(capsys):
    model = exported(capsys, "--format", "osi")
    jsonschema_rs.validator_for(SCHEMA).validate(model)
    (engage,) = model["semantic_model"]
    assert len(engage["metrics"]) == len(documents(registry().plugins.values()))
    assert (
        json.loads(engage["metrics"][0]["custom_extensions"][0]["data"])["id"] == engage["metrics"][0]["name"]
    )


def test_a_model_that_breaks_the_schema_is_found():
    broken = semantic_model(documents([registry().get("nps")]))
    del broken["semantic_model"][0]["metrics"][0]["expression"]
    with pytest.raises(jsonschema_rs.ValidationError):
        jsonschema_rs.validator_for(SCHEMA).validate(broken)


def test_a_metrics_expression_reads_its_own_value_in_force_of_its_own_tenant(acme, globex):
    model = semantic_model(documents([registry().get("nps")]))["semantic_model"][0]
    metric = next(one for one in model["metrics"] if one["name"] == "nps.score")
    (expression,) = metric["expression"]["dialects"]
    with tenant_scope(acme):
        store("nps.score", 20, superseded_at="2026-04-02T00:00:00Z")
        store("nps.score", 30, revision=2)
        store("ces.effort_score", 99)
    with tenant_scope(globex):
        store("nps.score", 50)
    for tenant, value in ((acme, 30), (globex, 50)):
        with tenant_scope(tenant), connection.cursor() as cursor:
            cursor.execute(
                f"SELECT day, {expression['expression']} FROM {SOURCE} AS {DATASET} GROUP BY day, subject_kind"  # noqa: S608
            )
            assert cursor.fetchall() == [(DAY, value)]
            cursor.execute(f"SELECT {', '.join(FIELDS)} FROM {SOURCE}")  # noqa: S608
            assert set(KEY) <= {column.name for column in cursor.description}


def test_the_pages_of_metrics_are_up_to_date():
    written = pages(list(registry().plugins.values()))
    kept = {file.name: file.read_text("utf-8") for file in FOLDER.glob("*.md")}
    assert kept.keys() == written.keys(), "Remedy: make cards"
    for name, text in written.items():
        assert kept[name] == text, f"{name} is out of date. Remedy: make cards"


def test_no_text_of_a_card_becomes_a_column_a_tag_or_emphasis():
    plugin = registry().get("nps")
    metric = plugin.manifest.metrics[0]
    card = replace(metric.card, formula="a * b | <c>\nd_e `x_y`", edge_rules=("p | q",))
    changed = replace(metric, card=card)
    page = pages([replace(plugin, manifest=replace(plugin.manifest, metrics=(changed,)))])["nps.md"]
    assert r"a \* b | \<c> d_e `x_y`" in page
    assert page.count("<") == page.count(r"\<")


def test_pages_need_a_folder_and_plugins_that_there_are(tmp_path, capsys):
    with pytest.raises(CommandError, match="--out FOLDER"):
        call_command("cards", "export", "--format", "markdown")
    with pytest.raises(CommandError, match="no_such"):
        call_command("cards", "export", "--format", "json", "--plugins", "no_such")
    call_command(
        "cards", "export", "--format", "markdown", "--plugins", "nps", "--out", str(tmp_path / "new")
    )
    assert {file.name for file in (tmp_path / "new").iterdir()} == {"README.md", "nps.md"}
