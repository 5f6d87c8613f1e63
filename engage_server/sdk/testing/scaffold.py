"""Writes the package of a new plugin: one metric that works, to be replaced by one's own."""

import re
from importlib import resources
from pathlib import Path
from string import Template
from typing import Final

from engage_server.sdk.contract import NAME
from engage_server.sdk.version import VERSION

FILES: Final = {
    "pyproject.toml.tmpl": "pyproject.toml",
    "README.md.tmpl": "README.md",
    "plugin.py.tmpl": "src/engage_{name}/__init__.py",
    "test_plugin.py.tmpl": "tests/test_{name}.py",
}


class ScaffoldError(Exception):
    """The package cannot be written; says why and what to do."""


def write_package(name: str, parent: Path) -> Path:
    """Write the package of a plugin into a new folder ``engage-<name>`` of ``parent``; return the folder.

    Raises:
        ScaffoldError: the name is none of a plugin, or the folder is there already.
    """
    if not NAME.match(name):
        raise ScaffoldError(f"{name!r} is no plugin id. Remedy: lower-case letters, digits and underscores.")
    folder = parent / f"engage-{name.replace('_', '-')}"
    if folder.exists():
        raise ScaffoldError(
            f"{folder} is there already. Remedy: choose another name, or another folder by --in."
        )
    major = int(VERSION.partition(".")[0])
    words = {
        "name": name,
        "dashed": name.replace("_", "-"),
        "camel": "".join(part.capitalize() for part in re.split("_+", name)),
        "title": name.replace("_", " ").capitalize(),
        "sdk": f">={major},<{major + 1}",
    }
    template = resources.files("engage_server.sdk.testing") / "template"
    for source, target in FILES.items():
        path = folder / target.format(name=name)
        path.parent.mkdir(parents=True, exist_ok=True)
        text = Template((template / source).read_text(encoding="utf-8")).substitute(words)
        path.write_text(text, encoding="utf-8")
    return folder
