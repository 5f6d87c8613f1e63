"""Finds types whose modules need each other, once all of them are loaded."""

import sys
from typing import Any


def loaded_types(name: str) -> Any:
    """A module of types that itself needs the one that asks; once a resolver runs, all of them are loaded."""
    return sys.modules[f"engage_server.api.types.{name}"]
