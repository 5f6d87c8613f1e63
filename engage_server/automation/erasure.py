"""Removes what is known of erased persons here. Inside the tenant's scope."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from engage_server.automation.models import Delivery, Journey, Signal, SurveyInvitation, Task

ERASED = "erased on request"


def remove_signals_of(persons: Sequence[int]) -> int:
    """Delete the signals about these persons; return how many."""
    removed, _ = Signal.objects.filter(subject_kind="person", subject__in=persons).delete()
    return removed


def remove_journeys_of(persons: Sequence[int]) -> int:
    """Delete the journeys of these persons, under way or not; return how many."""
    removed, _ = Journey.objects.filter(subject_kind="person", subject__in=persons).delete()
    return removed


def remove_invitations_of(persons: Sequence[int]) -> int:
    """Delete the invitations of these persons to surveys, answered or not; return how many."""
    removed, _ = SurveyInvitation.objects.filter(person__in=persons).delete()
    return removed


def remove_tasks_of(persons: Sequence[int]) -> int:
    """Delete the tasks about these persons, done or not; return how many."""
    removed, _ = Task.objects.filter(subject_kind="person", subject__in=persons).delete()
    return removed


def redact_tasks(mentions: Callable[[str], bool]) -> int:
    """Replace what tasks about others say where somebody is mentioned; return in how many."""
    named: list[Task] = []
    for task in Task.objects.order_by("pk").iterator(chunk_size=1_000):
        texts = {field: getattr(task, field) for field in ("title", "text", "outcome")}
        found = [field for field, text in texts.items() if text and mentions(text)]
        for field in found:
            setattr(task, field, ERASED)
        if found:
            named.append(task)
    Task.objects.bulk_update(named, ["title", "text", "outcome"])
    return len(named)


def redact_reasons(mentions: Callable[[str], bool]) -> int:
    """Replace the reasons of acknowledged signals in which somebody is mentioned; return how many."""
    named = [
        pk for pk, reason in Signal.objects.exclude(reason="").values_list("pk", "reason") if mentions(reason)
    ]
    return Signal.objects.filter(pk__in=named).update(reason=ERASED)


def remove_deliveries_about(persons: Sequence[int], mentions: Callable[[str], bool]) -> int:
    """Delete messages about these persons or with a text that mentions one, sent or waiting; return how many."""
    named = [delivery.pk for delivery in deliveries_about(persons, mentions)]
    removed, _ = Delivery.objects.filter(pk__in=named).delete()
    return removed


def deliveries_about(persons: Sequence[int], mentions: Callable[[str], bool]) -> Iterator[Delivery]:
    """Messages about these persons or with a text that mentions one, sent or waiting, in the order of their numbers."""
    wanted = frozenset(persons)
    for delivery in Delivery.objects.order_by("pk").iterator(chunk_size=1_000):
        is_about = _is_about(delivery.message["data"].get("subject", {}), wanted)
        if is_about or any(map(mentions, texts_in([delivery.message, delivery.log]))):
            yield delivery


def texts_in(value: Any) -> Iterator[str]:
    """Every text within."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from (text for part in value.values() for text in texts_in(part))
    elif isinstance(value, list):
        yield from (text for part in value for text in texts_in(part))


def _is_about(subject: Mapping[str, Any], persons: frozenset[int]) -> bool:
    return subject.get("kind") == "person" and subject.get("id") in persons
