"""Where log lines go, and which."""

from typing import Any, Final

LOG_LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


def to_stderr(*, level: str, layout: str) -> dict[str, Any]:
    """Django's ``LOGGING``: lines to standard error, of this server from ``level`` on; ``layout`` is line or json."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {"()": "engage_server.telemetry.logs.LineFormatter"},
            "json": {"()": "engage_server.telemetry.logs.JsonFormatter"},
        },
        "filters": {"context": {"()": "engage_server.telemetry.logs.ContextFilter"}},
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": layout, "filters": ["context"]}
        },
        # Libraries tell what they do at INFO, which is nobody's business here.
        "root": {"handlers": ["stderr"], "level": max("WARNING", level, key=LOG_LEVELS.index)},
        "loggers": {"engage": {"level": level}},
    }
