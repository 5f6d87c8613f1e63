"""Signals behind a number: what those who watch are told. Works inside the tenant's scope.

A tenant's rules are judged by one worker at a time (``automation.evaluation``), so that numbers become visible in order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import Max

from engage_server.automation.models import Signal

MOST: Final = 1_000


@dataclass(frozen=True, slots=True)
class RaisedSignal:
    """As much of a signal as tells for whom it is; ``subject`` is a row of the tenant, 0 for the tenant itself."""

    id: int
    rule: int
    is_risk: bool
    subject_kind: str
    subject: int


def newest_signal() -> int:
    """The number of the newest signal; 0 where there is none."""
    return Signal.objects.aggregate(newest=Max("id"))["newest"] or 0


def signals_behind(number: int) -> Sequence[RaisedSignal]:
    """Signals with a higher number, the oldest first, at most MOST of them; one statement."""
    fields = ("id", "rule", "is_risk", "subject_kind", "subject")
    rows = Signal.objects.filter(id__gt=number).order_by("id").values_list(*fields)[:MOST]
    return [RaisedSignal(*row) for row in rows]
