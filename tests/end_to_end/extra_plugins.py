"""Plugins that only a test's worker processes know: announced as an installed distribution would announce them."""

from collections.abc import Mapping
from pathlib import Path


def announce(directory: Path, plugins: Mapping[str, str]) -> str:
    """Write the metadata of a distribution with these entry points ("module:attribute") by plugin id.

    Returns what has to stand on the PYTHONPATH of a process that shall find them.
    """
    metadata = directory / "engage_extra-1.0.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: engage-extra\nVersion: 1.0\n")
    entries = "\n".join(f"{plugin_id} = {target}" for plugin_id, target in plugins.items())
    (metadata / "entry_points.txt").write_text(f"[engage.plugins]\n{entries}\n")
    return str(directory)
