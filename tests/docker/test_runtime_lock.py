"""The image installs what a server needs from the one lock file, and nothing of the development group."""

import importlib.util
import re
import tomllib
from importlib.metadata import requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
SPEC = importlib.util.spec_from_file_location("runtime_lock", ROOT / "docker" / "runtime_lock.py")
runtime_lock = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(runtime_lock)

PACKAGES = runtime_lock.entries((ROOT / "requirements.lock").read_text())
WANTED = runtime_lock.wanted(PACKAGES, set())
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def names(requirements: list[str]) -> set[str]:
    """Names of what is required on this platform, without extras."""
    parsed = [Requirement(text) for text in requirements]
    return {canonicalize_name(r.name) for r in parsed if r.marker is None or r.marker.evaluate({"extra": ""})}


def test_every_dependency_of_the_project_is_wanted_with_its_hashes():
    assert names(PROJECT["project"]["dependencies"]) <= set(WANTED)
    assert all("--hash=sha256:" in PACKAGES[name] for name in WANTED)


def test_what_the_wanted_packages_require_is_wanted_too():
    here = [name for name in WANTED if not re.search(r" ; .*(win32|pypy)", PACKAGES[name].splitlines()[0])]
    missing = {(name, need) for name in here for need in names(requires(name) or []) if need not in WANTED}
    assert not missing


def test_the_development_group_is_left_out():
    tools = {"pytest", "mypy", "ruff", "hypothesis", "import-linter", "django-stubs"}
    assert tools <= set(PACKAGES)
    assert not tools & set(WANTED)


def test_a_package_asked_for_by_name_is_added():
    assert set(runtime_lock.wanted(PACKAGES, {"flit-core"})) - set(WANTED) == {"flit-core"}
