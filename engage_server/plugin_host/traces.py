"""What of an exception in a plugin's code is kept: where it happened and what it says, without the tenant's data."""

import re
import traceback
from collections.abc import Collection
from pathlib import Path
from typing import Final

MOST_FRAMES: Final = 8
LONGEST_MESSAGE: Final = 300
LONGEST_LINE: Final = 120
# Texts of rows stand in quotes in most messages ("invalid literal for int(): 'jane@acme.com'").
QUOTED: Final = re.compile(r"'[^']*'|\"[^\"]*\"")
ADDRESS: Final = re.compile(r"[^\s'\"<>(),;:]+@[^\s'\"<>(),;:]+")
HIDDEN: Final = "'…'"


def message_of(error: BaseException, *, known: Collection[str] = ()) -> str:
    """The exception's type and text; of quoted texts those alone that are ``known`` (names of columns and fields)."""

    def kept(found: re.Match[str]) -> str:
        return found.group() if found.group()[1:-1] in known else HIDDEN

    text = ADDRESS.sub("…", QUOTED.sub(kept, str(error)))
    if len(text) > LONGEST_MESSAGE:
        text = f"{text[:LONGEST_MESSAGE]}…"
    return f"{type(error).__name__}: {text}"


def trace_of(error: BaseException) -> str:
    """The innermost calls, one a line: file, line, function and the line's source. No value stands in it."""
    frames = traceback.extract_tb(error.__traceback__)[-MOST_FRAMES:]
    return "\n".join(
        f"  {_short(frame.filename)}:{frame.lineno} in {frame.name}: {(frame.line or '')[:LONGEST_LINE]}"
        for frame in frames
    )


def _short(path: str) -> str:
    """The path from the package on."""
    parts = Path(path).parts
    for folder in ("site-packages", "src"):
        if folder in parts:
            return "/".join(parts[parts.index(folder) + 1 :])
    return "/".join(parts[-2:])
