"""Signals: finds them, and notes that somebody has seen one. Works inside the tenant's scope."""

from collections.abc import Collection

from django.db.models import QuerySet
from django.utils import timezone

from engage_server.audit.actor import current_actor
from engage_server.automation.exceptions import UnknownSignalError
from engage_server.automation.models import Signal

LONGEST_REASON = 500


def queue(
    *,
    is_risk: bool | None = None,
    rule: int | None = None,
    acknowledged: bool | None = False,
    cleared: bool = False,
) -> QuerySet[Signal]:
    """Signals, the newest first: those that are open and that nobody has acknowledged, unless asked otherwise.

    Args:
        is_risk: risks alone, or opportunities alone.
        rule: of one rule.
        acknowledged: None: whether or not.
        cleared: those that are over, too.
    """
    found = Signal.objects.order_by("-id")
    if is_risk is not None:
        found = found.filter(is_risk=is_risk)
    if rule is not None:
        found = found.filter(rule=rule)
    if acknowledged is not None:
        found = found.filter(acknowledged_at__isnull=not acknowledged)
    return found if cleared else found.filter(cleared_on=None)


def open_of(kind: str, subjects: Collection[int]) -> QuerySet[Signal]:
    """Open signals about these subjects, acknowledged or not, the newest first."""
    return Signal.objects.filter(subject_kind=kind, subject__in=subjects, cleared_on=None).order_by("-id")


def acknowledge(number: int, reason: str) -> Signal:
    """Note who has seen a signal and what came of it; another time the note is replaced.

    Raises:
        UnknownSignalError: there is none of this number.
    """
    found = Signal.objects.filter(pk=number).first()
    if found is None:
        raise UnknownSignalError(
            f"There is no signal of the number {number}. Remedy: `signals` lists those there are."
        )
    found.acknowledged_at, found.acknowledged_by, found.reason = timezone.now(), current_actor(), reason
    found.save(update_fields=["acknowledged_at", "acknowledged_by", "reason"])
    return found
