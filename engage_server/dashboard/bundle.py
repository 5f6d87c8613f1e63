"""The dashboard's built files, which bear the hash of what is in them, and the documents that they send."""

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

BUNDLE_FILES: Final = Path(__file__).parent / "static" / "engage" / "dashboard"
MANIFEST: Final = BUNDLE_FILES / "manifest.json"
DOCUMENTS: Final = BUNDLE_FILES / "documents.json"


def address(name: str) -> str:
    """Below the static files' address, of what the build calls ``early.js``, ``main.js`` or ``main.css``."""
    return _below(_manifest()[name])


def needed_by(view: str) -> list[str]:
    """Addresses of the scripts that a view needs besides ``main.js``, by its address below the dashboard's root.

    Named in the page, they are fetched side by side; otherwise each would be found in the one before.
    """
    manifest = _manifest()
    return [_below(file) for file in (*manifest["frame"], *manifest["views"].get(view.partition("/")[0], ()))]


def documents() -> list[str]:
    """Texts of the documents that the built page names by their ids."""
    texts: list[str] = json.loads(DOCUMENTS.read_text())
    return texts


def _below(file: str) -> str:
    return f"engage/dashboard/{file}"


@cache
def _manifest() -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads(MANIFEST.read_text())
    return manifest
