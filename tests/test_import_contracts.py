"""The import contracts of pyproject.toml cover the whole tree, and each of them notices a foreign import."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any, Final

import grimp
import pytest

ROOT: Final = Path(__file__).resolve().parents[1]
LINTER: Final = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
CONTRACTS: Final[dict[str, dict[str, Any]]] = {contract["name"]: contract for contract in LINTER["contracts"]}
# For each contract: files, and the module that an import planted there names.
PLANTED: Final = {
    "Layers import downwards only": [
        ("engage_server/tenancy/scope.py", "engage_server.api.views"),
    ],
    "Plugins do not know each other, and the server knows no plugin": [
        ("plugins/nps/src/engage_nps/cards.py", "engage_ces.card"),
        ("engage_server/metrics/reader.py", "engage_nps.cards"),
    ],
    "Plugins import the SDK alone": [
        ("plugins/nps/src/engage_nps/config.py", "engage_server.metrics.reader"),
        ("plugins/ces/src/engage_ces/config.py", "engage_server.sdk.hookspecs"),
        ("tests/dummy_plugin/__init__.py", "engage_server.tenancy.scope"),
    ],
    "Only tests, and what tries plugins, import the test kit": [
        ("engage_server/plugin_host/loading.py", "engage_server.sdk.testing.requests"),
        ("plugins/nps/src/engage_nps/plugin.py", "engage_server.sdk.testing.stored"),
    ],
    "The SDK knows neither Django nor the server": [("engage_server/sdk/compute.py", "django")],
    "Only tenancy imports django_tenants": [
        ("engage_server/suppression/models.py", "django_tenants"),
        ("plugins/nps/src/engage_nps/graphql.py", "django_tenants"),
    ],
    "The compiled executor knows neither the server nor its framework": [
        ("graphql-compiled/src/graphql_compiled/places.py", "engage_server.sdk"),
        ("graphql-compiled/src/graphql_compiled/plans.py", "django"),
    ],
    "Only the engine imports procrastinate": [("engage_server/front/lanes.py", "procrastinate")],
    "Only access and the pages of people import django-allauth": [
        ("engage_server/suppression/models.py", "allauth")
    ],
}


def test_every_plugin_stands_in_the_contracts_about_plugins():
    packages = {path.parent.name for path in ROOT.glob("plugins/*/src/*/__init__.py")}
    layer, _ = CONTRACTS["Plugins do not know each other, and the server knows no plugin"]["layers"]
    assert set(LINTER["root_packages"]) == packages | {"engage_server", "graphql_compiled", "tests"}
    assert {name.strip() for name in layer.split("|")} == packages | {"tests.dummy_plugin"}
    assert set(CONTRACTS["Plugins import the SDK alone"]["source_modules"]) == packages | {
        "tests.dummy_plugin"
    }


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[Path]:
    """A copy of what the linter reads."""
    for source in (
        "engage_server",
        "tests",
        "graphql-compiled/src",
        *(str(path.relative_to(ROOT)) for path in ROOT.glob("plugins/*/src")),
    ):
        shutil.copytree(
            ROOT / source,
            tmp_path / source,
            ignore=lambda folder, names: [n for n in names if is_unread(folder, n)],
        )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def is_unread(folder: str, name: str) -> bool:
    return not name.endswith(".py") and (
        not (Path(folder) / name).is_dir() or name in ("__pycache__", "node_modules")
    )


def lint(tree: Path) -> str:
    """What the linter says of a tree; its lines are not broken."""
    plugins = [str(path) for path in tree.glob("plugins/*/src")] + [str(tree / "graphql-compiled" / "src")]
    code = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    return subprocess.run(
        [sys.executable, "-c", code, "--no-cache"],
        cwd=tree,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(tree), *plugins]), "COLUMNS": "300"},
        capture_output=True,
        text=True,
        check=False,
    ).stdout


def test_each_contract_notices_a_foreign_import(tree: Path):
    assert f"{len(CONTRACTS)} kept, 0 broken" in lint(tree)
    assert set(PLANTED) == set(CONTRACTS)
    planted = [pair for pairs in PLANTED.values() for pair in pairs]
    for file, imported in planted:
        with (tree / file).open("a") as module:
            module.write(f"\nimport {imported}\n")

    said = lint(tree)

    assert re.findall(r"^(.+) BROKEN", said, re.MULTILINE) == list(CONTRACTS)
    assert [pair for pair in planted if f"{module_name(pair[0])} -> {pair[1]}" not in said] == []


def test_a_package_without_a_layer_is_noticed(tree: Path):
    package = tree / "engage_server" / "loyalty"
    package.mkdir()
    (package / "__init__.py").touch()
    assert "engage_server.loyalty" in lint(tree).partition("not listed as layers")[2]


def module_name(file: str) -> str:
    return re.sub(r"^(plugins/\w+|graphql-compiled)/src/|(/__init__)?\.py$", "", file).replace("/", ".")


def test_no_modules_need_each_other_not_even_for_their_types():
    imports = imports_of_the_server()
    assert len(imports) > 500
    list(TopologicalSorter(imports).static_order())


def test_a_circle_that_only_a_type_checker_walks_is_noticed():
    imports = imports_of_the_server()
    imports["engage_server.api.types.events"] |= {"engage_server.api.types.accounts"}
    with pytest.raises(CycleError, match=r"api\.types\.events"):
        list(TopologicalSorter(imports).static_order())


def imports_of_the_server() -> dict[str, set[str]]:
    graph = grimp.build_graph("engage_server", exclude_type_checking_imports=False)
    return {module: set(graph.find_modules_directly_imported_by(module)) for module in graph.modules}
