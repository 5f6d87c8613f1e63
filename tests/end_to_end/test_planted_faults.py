"""`make check` finds what is planted: its commands, run on a copy of the tree with one fault in it."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.end_to_end.processes import ROOT, environment

BIN = Path(sys.executable).parent


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The server's code, with nothing wrong."""
    skip = shutil.ignore_patterns("__pycache__", "web")
    shutil.copytree(ROOT / "engage_server", tmp_path / "engage_server", ignore=skip)
    for name in ("pyproject.toml", "manage.py"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def run(tree: Path, *command: str | Path) -> subprocess.CompletedProcess[str]:
    env = environment(PYTHONPATH=str(tree))
    return subprocess.run(
        command, cwd=tree, env=env, capture_output=True, text=True, timeout=120, check=False
    )


def manage(tree: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run(tree, sys.executable, "manage.py", *arguments)


def plant(file: Path, text: str) -> None:
    file.write_text(file.read_text() + text)


def test_an_upward_import_breaks_the_layers_contract(tree):
    lint = BIN / "lint-imports"
    assert run(tree, lint, "--no-cache").returncode == 0
    plant(
        tree / "engage_server/tenancy/services.py", "\nfrom engage_server.engine import ledger  # planted\n"
    )
    found = run(tree, lint, "--no-cache")
    assert found.returncode != 0
    assert "engage_server.tenancy.services" in found.stdout
    assert "engage_server.engine.ledger" in found.stdout


def test_a_missing_migration_is_named(tree, db):
    assert manage(tree, "makemigrations", "--check", "--dry-run").returncode == 0
    models = tree / "engage_server/customers/models.py"
    models.write_text(
        models.read_text().replace(
            "    plan = models.CharField(max_length=100, blank=True)\n    stage",
            "    plan = models.CharField(max_length=100, blank=True)\n    planted = models.IntegerField()\n    stage",
        )
    )
    found = manage(tree, "makemigrations", "--check", "--dry-run")
    assert found.returncode != 0
    assert "planted" in found.stdout


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ("@hookimpl\ndef engage_compte(request):\n    return []\n", "engage_compte"),
        (
            "@hookimpl\ndef engage_compute(request):\n    return []\n\n"
            "@strawberry.type\nclass Clash:\n    @strawberry.field\n    def accounts(self) -> int:\n        return 1\n\n"
            "@hookimpl\ndef engage_graphql():\n    return GraphQLContribution(query=Clash)\n",
            "accounts",
        ),
    ],
    ids=["misspelt hook", "duplicate GraphQL field"],
)
def test_a_faulty_plugin_is_named_by_every_command_and_stops_none_but_the_strict_check(tree, db, fault, says):
    (tree / "planted_plugin.py").write_text(
        "import strawberry\n"
        "from engage_server.sdk import *\nfrom engage_server.sdk import hookimpl\n\n"
        "CARD = Card(formula='1', source='test', edge_rules=('none',))\n"
        "ONE = Metric(id='one', title='One', unit='', direction=Direction.UP, subjects=('tenant',), card=CARD)\n\n"
        "@hookimpl\ndef engage_manifest():\n"
        "    return Manifest(id='planted', sdk='>=2,<3', title='x', config=PluginConfig, metrics=(ONE,), inputs={})\n\n"
        + fault
    )
    dist = tree / "engage_planted-1.0.dist-info"
    dist.mkdir()
    (dist / "METADATA").write_text("Metadata-Version: 2.1\nName: engage-planted\nVersion: 1.0\n")
    (dist / "entry_points.txt").write_text("[engage.plugins]\nplanted = planted_plugin\n")
    assert manage(tree, "check", "--fail-level", "WARNING").returncode != 0
    found = manage(tree, "check")
    assert found.returncode == 0
    assert "planted" in found.stderr
    assert says in found.stderr
