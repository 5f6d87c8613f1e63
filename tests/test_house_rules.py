"""What keeps the house livable, checked."""

import ast
from pathlib import Path

from engage_server.plugin_host.registry import registry

ROOT = Path(__file__).resolve().parents[1]
SOURCES = [
    path
    for folder in ("engage_server", "graphql-compiled", "plugins", "tests")
    for path in (ROOT / folder).rglob("*.py")
    if "migrations" not in path.parts
]
# The demo shows the first-party plugins to a newcomer, by name; nothing of the server imports it.
# Names of surveys: an example in the help of the import, and those of which a high score is good by definition.
EXAMPLES = {("kinds.py", "nps"), ("surveys.py", "nps"), ("surveys.py", "csat"), ("surveys.py", "ces")} | {
    ("kinds.py", "nps.score")
}
# Words of the field that are the server's own as well: kinds of records, inputs, commands and columns.
OWN_WORDS = {"activation", "churn", "correlation", "feedback", "milestones", "retention"}
MAY_NAME_PLUGINS = ROOT / "engage_server" / "demo"


def test_the_server_knows_no_plugin_by_name():
    plugins = registry().plugins.values()
    metrics = {f"{plugin.id}.{metric.id}" for plugin in plugins for metric in plugin.manifest.metrics}
    known = {plugin.id for plugin in plugins} - OWN_WORDS | metrics
    named = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.value}"
        for path in SOURCES
        if path.is_relative_to(ROOT / "engage_server") and not path.is_relative_to(MAY_NAME_PLUGINS)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in known
        if (path.name, node.value) not in EXAMPLES
    ]
    assert named == []


def test_modules_stay_short():
    assert [str(path) for path in SOURCES if len(path.read_text().splitlines()) > 400] == []


def test_imports_stand_at_the_top():
    hidden = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in SOURCES
        if path.name != "apps.py" and "tests" not in path.parts
        for function in ast.walk(ast.parse(path.read_text()))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert hidden == []
