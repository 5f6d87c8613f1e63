"""What apps register is loaded once somebody looks: it is half of all modules, and most commands need none of it.

An app hands over in ``AppConfig.ready`` what it would register there. Whoever reads such a registry calls
``load_registrations`` first; whoever writes one does not, so that to import a module never loads another.
"""

import threading
from collections.abc import Callable, Iterator, MutableMapping
from typing import Final, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")

_waiting: Final[list[Callable[[], None]]] = []
_lock: Final = threading.RLock()  # whoever is loading may look, and finds what is there so far; others wait


def register_later(register: Callable[[], None]) -> None:
    """Have this called, once, before anybody looks at what is registered; in the order of the calls."""
    _waiting.append(register)


def load_registrations() -> None:
    """Return once everything is registered that apps have handed over."""
    with _lock:
        while _waiting:
            _run(_waiting.pop(0))


def _run(register: Callable[[], None]) -> None:
    done = False
    try:
        register()
        done = True
    finally:
        if not done:  # the next look has to fail likewise, and not to find half
            _waiting.insert(0, register)


class LateMapping(MutableMapping[Key, Value]):
    """A registry that loads what belongs in it at the first look; ``registered`` has what is there without a look."""

    def __init__(self) -> None:
        self.registered: dict[Key, Value] = {}

    def __getitem__(self, key: Key) -> Value:
        """What is registered under the key."""
        load_registrations()
        return self.registered[key]

    def __setitem__(self, key: Key, value: Value) -> None:
        """Register it."""
        self.registered[key] = value

    def __delitem__(self, key: Key) -> None:
        """Take it out."""
        del self.registered[key]

    def __iter__(self) -> Iterator[Key]:
        """All keys."""
        load_registrations()
        return iter(self.registered)

    def __len__(self) -> int:
        """How many there are."""
        load_registrations()
        return len(self.registered)
