"""Who acts now: a context variable, so that code that records something need not pass it on."""

import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

NOBODY: Final = "system"
_current: ContextVar[str] = ContextVar("engage_actor", default=NOBODY)


def current_actor() -> str:
    """The actor in force; ``system`` where the server itself acts."""
    return _current.get()


def operator() -> str:
    """The actor of a command: the user who is logged in to the machine."""
    try:
        return f"operator:{getpass.getuser()}"
    except (OSError, KeyError):
        return f"operator:{os.getuid()}"  # a container's user may have a number and no name


@contextmanager
def acting_as(actor: str) -> Iterator[None]:
    """Whatever the block records is this actor's: ``key:…``, ``user:…``, ``token:…``, ``operator:…``."""
    token = _current.set(actor)
    try:
        yield
    finally:
        _current.reset(token)
