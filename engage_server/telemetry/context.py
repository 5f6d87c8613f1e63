"""What the code that runs now is about (request, tenant, plugin, run): fields of every log line that it writes."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType

NOTHING: Mapping[str, str | int] = MappingProxyType({})
_current: ContextVar[Mapping[str, str | int]] = ContextVar("engage_log_fields", default=NOTHING)


def current_fields() -> Mapping[str, str | int]:
    """The fields in force; empty outside of any block."""
    return _current.get()


@contextmanager
def about(**fields: str | int) -> Iterator[None]:
    """Give the block's log lines these fields, besides those that are in force."""
    token = _current.set({**_current.get(), **fields})
    try:
        yield
    finally:
        _current.reset(token)
