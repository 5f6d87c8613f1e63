"""Installs a plugin for the length of a test as a real distribution, which other processes find as well."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from engage_server.api.composition import schema_for
from engage_server.plugin_host.isolation import pool
from engage_server.plugin_host.registry import registry

MISBEHAVING_PLUGIN = Path(__file__).with_name("misbehaving_plugin.py").read_text()


def distribution(folder: Path, *, name: str, entry: str, source: str, attribute: str = "") -> None:
    """A module with metadata and entry point in ``folder``, which must be on ``sys.path``.

    ``attribute``: what in the module is the plugin; empty: the module itself.
    """
    module = name.replace("-", "_")
    target = f"{module}:{attribute}" if attribute else module
    (folder / f"{module}.py").write_text(source)
    metadata = folder / f"{module}-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(f"[engage.plugins]\n{entry} = {target}\n")


@contextmanager
def on_path(folder: Path) -> Iterator[None]:
    """Have the distributions in the folder installed meanwhile; who asks afterwards finds none of them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        _forget()
        yield
    pool.close()
    _forget()


def _forget() -> None:
    registry.cache_clear()
    schema_for.cache_clear()
