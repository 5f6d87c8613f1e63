"""What plugins import: the public names, and that they cost no Django."""

import importlib
import subprocess
import sys
from types import ModuleType

import pytest

from engage_server import sdk
from engage_server.sdk import testing

LIGHT = ("engage_server.sdk", "engage_server.sdk.testing", "engage_server.sdk.graphql")


def constants_classes_then_the_rest(name: str) -> tuple[int, str]:
    """The order that the linter keeps as well: CONSTANTS, Classes, functions."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2, name)


@pytest.mark.parametrize("package", [sdk, testing], ids=lambda package: package.__name__)
def test_public_names_are_sorted_without_doubles_and_exist(package: ModuleType) -> None:
    names = package.__all__
    assert names == sorted(set(names), key=constants_classes_then_the_rest)
    assert [name for name in names if not hasattr(package, name)] == []


def test_every_imported_name_of_the_sdk_is_public() -> None:
    own = {
        name
        for name, value in vars(sdk).items()
        if getattr(value, "__module__", "").startswith("engage_server.sdk.") and not name.startswith("_")
    }
    assert own - set(sdk.__all__) == set()


def test_the_version_is_semantic() -> None:
    assert [part.isdigit() for part in sdk.__version__.split(".")] == [True, True, True]


@pytest.mark.parametrize("module", LIGHT)
def test_importing_the_sdk_imports_neither_django_nor_the_server(module: str) -> None:
    importlib.import_module(module)
    code = (
        f"import sys, {module}\n"
        "print(*sorted(n for n in sys.modules if n.partition('.')[0] in {'django', 'psycopg', 'procrastinate'}"
        " or n.startswith('engage_server.') and not n.startswith('engage_server.sdk')))"
    )
    heavy = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert heavy.split() == []
