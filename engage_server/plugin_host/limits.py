"""How much one call of a plugin may take, and which plugins run in a process of their own: from the settings."""

from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Final

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from packaging.utils import canonicalize_name

MIB: Final = 1024 * 1024


class Isolation(StrEnum):
    """Where plugins run: all in the server, all in processes of their own, or only those not trusted there."""

    INLINE = "inline"
    SUBPROCESS = "subprocess"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one call. ``memory_bytes`` is on top of what interpreter and SDK take themselves.

    Time and memory bind plugins in processes of their own only; the rest binds all.
    """

    load_s: float
    time_s: float
    memory_bytes: int
    measurements: int
    answer_bytes: int
    input_rows: int


def limits() -> Limits:
    """The limits in force."""
    return Limits(
        load_s=settings.ENGAGE_PLUGIN_LOAD_S,
        time_s=settings.ENGAGE_PLUGIN_TIME_S,
        memory_bytes=settings.ENGAGE_PLUGIN_MEMORY_MB * MIB,
        measurements=settings.ENGAGE_PLUGIN_MEASUREMENTS,
        answer_bytes=settings.ENGAGE_PLUGIN_ANSWER_MB * MIB,
        input_rows=settings.ENGAGE_PLUGIN_INPUT_ROWS,
    )


def is_foreign(distribution: str) -> bool:
    """Whether the plugins of a distribution run in a process of their own.

    Raises:
        ImproperlyConfigured: ENGAGE_PLUGIN_ISOLATION is none of the three words.
    """
    try:
        mode = Isolation(settings.ENGAGE_PLUGIN_ISOLATION)
    except ValueError:
        raise ImproperlyConfigured(
            f"ENGAGE_PLUGIN_ISOLATION is {settings.ENGAGE_PLUGIN_ISOLATION!r}. Remedy: one of {', '.join(Isolation)}."
        ) from None
    if mode is not Isolation.FOREIGN:
        return mode is Isolation.SUBPROCESS
    name = canonicalize_name(distribution)
    return not any(fnmatchcase(name, pattern) for pattern in settings.ENGAGE_TRUSTED_PLUGINS)
