"""Remembers answers of the database for a few seconds, for requests that come by the hundred a second."""

import threading
import time
from collections.abc import Callable
from typing import Final, Generic, TypeVar

from engage_server.tenancy.tenant_cache import on_invalidate

# Longest time for which another process's change to keys, tenants and limits is not felt in this one.
REMEMBERED_FOR_S: Final = 4.0
Question = TypeVar("Question")
Answer = TypeVar("Answer")


class TtlCache(Generic[Question, Answer]):
    """Answers by question, each of one tenant; at most ``capacity``, beyond which all are dropped."""

    def __init__(self, *, capacity: int) -> None:
        self._capacity = capacity
        self._lock = threading.Lock()
        self._known: dict[Question, tuple[int, Answer, float]] = {}
        on_invalidate(self._forget)

    def __len__(self) -> int:
        return len(self._known)

    def get_or_load(self, question: Question, ask: Callable[[], tuple[int, Answer]]) -> Answer:
        """The answer that is remembered, else what ``ask`` returns beside its tenant's id; errors are not remembered."""
        known = self._known.get(question)
        if known is not None and time.monotonic() < known[2]:
            return known[1]
        # The time runs from before the question, so that a change while it was asked is felt in time.
        until = time.monotonic() + REMEMBERED_FOR_S
        tenant_id, answer = ask()
        with self._lock:
            if len(self._known) >= self._capacity:
                self._known.clear()
            self._known[question] = (tenant_id, answer, until)
        return answer

    def remembered(self, question: Question) -> Answer | None:
        """The answer, if it is remembered; asks nobody."""
        known = self._known.get(question)
        return known[1] if known is not None and time.monotonic() < known[2] else None

    def _forget(self, tenant_id: int) -> None:
        with self._lock:
            for question in [question for question, known in self._known.items() if known[0] == tenant_id]:
                del self._known[question]
