"""Each control in SECURITY.md stands in a file that exists, with a proof that exists."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "SECURITY.md").read_text()


def test_every_file_that_it_names_exists():
    named = re.findall(r"`((?:engage_server|tests|\.ci|docs)/[^`]+|requirements\.lock)`", TEXT)
    named += re.findall(r"\]\(([^)#:]+)\)", TEXT)
    assert len(named) > 40
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_target_that_it_names_exists():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z-]+)", TEXT)) <= targets


def test_every_control_has_a_proof():
    rows = [
        line.split("|")[1:-1] for line in TEXT.splitlines() if line.startswith("| ") and "---" not in line
    ]
    controls = [row for row in rows if len(row) == 3 and "**" not in row[0] and row[1].strip() != "where"]
    assert len(controls) > 20
    assert [row[0] for row in controls if "`" in row[1] and "`" not in row[2]] == []
