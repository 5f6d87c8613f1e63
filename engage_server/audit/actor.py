"""Who acts now: a context variable, so that whoever records something need not be told."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

NOBODY: Final = "system"
_current: ContextVar[str] = ContextVar("engage_actor", default=NOBODY)


def current_actor() -> str:
    """The actor in force; ``system`` where the server itself acts."""
    return _current.get()


@contextmanager
def acting_as(actor: str) -> Iterator[None]:
    """Whatever the block records is this actor's: ``key:…``, ``user:…``, ``token:…``, ``operator:…``."""
    token = _current.set(actor)
    try:
        yield
    finally:
        _current.reset(token)
