"""Log lines for people or machines: a sentence, and as fields what it is about. No line carries a key."""

import json
import logging
import re
from datetime import UTC, datetime
from typing import Final

from engage_server.telemetry.context import current_fields
from engage_server.tenancy.scope import current_scope

# Keys and tokens as engage_server.access makes them, whole or cut off.
KEY: Final = re.compile(r"eng_(live|acct)_[A-Za-z0-9_]+")
MASK: Final = r"eng_\1_***"
# What clients send stands in some lines; none of it begins a line of its own.
ESCAPED: Final = {code: f"\\x{code:02x}" for code in (*range(32), 127)}
STANDARD: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
Field = str | int | float | bool | None


def mask(text: str) -> str:
    """The text without any key of ours."""
    return KEY.sub(MASK, text)


class ContextFilter(logging.Filter):
    """Adds what the code is about (request, run …) and the tenant in scope, where the line does not say so itself."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass."""
        known = dict(current_fields())
        scope = current_scope()
        if scope is not None and scope.tenant is not None:
            known["tenant"] = scope.tenant.slug
        for name, value in known.items():
            if not hasattr(record, name):
                setattr(record, name, value)
        return True


class LineFormatter(logging.Formatter):
    """One line for people: time, level, logger, sentence, fields as ``name=value``."""

    default_time_format = "%Y-%m-%d %H:%M:%S"

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname:<7} {name}: {message}", style="{")

    def formatMessage(self, record: logging.LogRecord) -> str:
        """The sentence with its fields; a traceback follows on lines of its own."""
        shown = " ".join(f"{name}={value}" for name, value in fields(record).items())
        line = super().formatMessage(record)
        return (f"{line} [{shown}]" if shown else line).translate(ESCAPED)

    def format(self, record: logging.LogRecord) -> str:
        """The whole, traceback included, masked at the end so that nothing passes by."""
        return mask(super().format(record))


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time (UTC), level, logger, message, the fields, and ``exception`` where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """The object, masked as text so that nothing passes by."""
        shown: dict[str, Field] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        shown |= {name: value for name, value in fields(record).items() if name not in shown}
        if record.exc_info:
            shown["exception"] = self.formatException(record.exc_info)
        return mask(json.dumps(shown, ensure_ascii=False))


def fields(record: logging.LogRecord) -> dict[str, Field]:
    """What was given as ``extra`` and is plain; libraries also hand over whole requests and jobs."""
    return {
        name: value
        for name, value in vars(record).items()
        if name not in STANDARD and isinstance(value, Field)
    }
