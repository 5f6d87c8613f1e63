"""Removes what is known of erased persons here. Inside the tenant's scope."""

from collections.abc import Callable, Sequence

from engage_server.automation.models import Signal

ERASED = "erased on request"


def remove_signals_of(persons: Sequence[int]) -> int:
    """Delete the signals about these persons; return how many."""
    removed, _ = Signal.objects.filter(subject_kind="person", subject__in=persons).delete()
    return removed


def redact_reasons(mentions: Callable[[str], bool]) -> int:
    """Replace the reasons of acknowledged signals in which somebody is mentioned; return how many."""
    named = [
        pk for pk, reason in Signal.objects.exclude(reason="").values_list("pk", "reason") if mentions(reason)
    ]
    return Signal.objects.filter(pk__in=named).update(reason=ERASED)
