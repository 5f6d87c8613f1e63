"""Names of the dashboard's built files, which bear the hash of what is in them."""

import json
from functools import cache
from pathlib import Path
from typing import Final

BUNDLE_FILES: Final = Path(__file__).parent / "static" / "engage" / "dashboard"
MANIFEST: Final = BUNDLE_FILES / "manifest.json"


def address(name: str) -> str:
    """Below the static files' address, of what the build calls ``main.js`` or ``main.css``."""
    return f"engage/dashboard/{_names()[name]}"


@cache
def _names() -> dict[str, str]:
    names: dict[str, str] = json.loads(MANIFEST.read_text())
    return names
