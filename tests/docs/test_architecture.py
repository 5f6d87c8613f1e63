"""docs/architecture.md speaks of this tree: its modules exist, its picture and the lists of layers are the contract's."""

import re
import runpy
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
PAGE: Final = (ROOT / "docs" / "architecture.md").read_text()
DRAWING: Final = runpy.run_path(str(ROOT / "docs" / "images" / "draw_layers.py"))


def test_every_module_that_the_page_names_exists():
    named = set(re.findall(r"`([a-z_]+/[a-z_/]+\.py)`", PAGE))
    assert len(named) > 60
    assert [module for module in sorted(named) if not (ROOT / "engage_server" / module).is_file()] == []


def test_every_layer_has_a_module_or_a_sentence_on_the_page():
    packages = {package for layer in DRAWING["layers"]() for package in layer}
    assert {package for package in packages if not re.search(rf"`{package}[/`]", PAGE)} <= {
        "demo",
        "telemetry",
    }


def test_the_picture_is_the_contracts():
    assert DRAWING["PICTURE"].read_text() == DRAWING["draw"](), "Remedy: make picture, and commit it."


def test_contributors_are_shown_the_contracts_layers():
    shown = re.search(
        r"\*\*Imports point downwards\*\*: (.+?)\.\s", (ROOT / "CONTRIBUTING.md").read_text(), re.DOTALL
    )
    assert shown is not None
    layers = [" | ".join(layer) for layer in DRAWING["layers"]()]
    assert re.sub(r"[`\s]+", " ", shown[1]).strip() == " > ".join(layers)


def test_the_glossary_is_sorted_and_names_each_word_once():
    words = re.findall(r"^\| ([a-z -]+) \|", PAGE.partition("## Glossary")[2], re.MULTILINE)[1:]
    assert len(words) > 30
    assert words == sorted(set(words))
