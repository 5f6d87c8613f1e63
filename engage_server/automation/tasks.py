"""Tasks that playbooks give to owners: finds them, and notes that one is done. Works inside the tenant's scope."""

from datetime import timedelta
from typing import Final

from django.db.models import QuerySet
from django.utils import timezone

from engage_server.audit.actor import current_actor
from engage_server.automation.exceptions import UnknownTaskError
from engage_server.automation.models import Task
from engage_server.tenancy.clock import database_now

LONGEST_TITLE: Final = 200
LONGEST_TEXT: Final = 20_000
LONGEST_OUTCOME: Final = 500
KEPT: Final = timedelta(days=400)
"""So long after it was done a task is kept."""
REMOVED_AT_ONCE: Final = 10_000


def tasks(*, done: bool | None = False, owner: str | None = None) -> QuerySet[Task]:
    """Tasks in the order in which they were made.

    Args:
        done: False: those that are to be done; True: the others; None: all.
        owner: of this owner alone; the empty text: those whose account had none.
    """
    found = Task.objects.order_by("id")
    if done is not None:
        found = found.filter(done_at__isnull=not done)
    return found if owner is None else found.filter(owner=owner)


def finish(number: int, outcome: str) -> Task:
    """Note that a task is done, by whom and what came of it; another time the note is replaced.

    Raises:
        UnknownTaskError: there is none of this number.
    """
    found = Task.objects.select_for_update().filter(pk=number).first()
    if found is None:
        raise UnknownTaskError(
            f"There is no task of the number {number}. Remedy: `tasks` lists those there are."
        )
    found.done_at, found.done_by, found.outcome = timezone.now(), current_actor(), outcome
    found.save(update_fields=["done_at", "done_by", "outcome"])
    return found


def remove_old() -> bool:
    """Delete tasks that were done long ago, so many at once; return whether there may be more."""
    done = Task.objects.filter(done_at__lt=database_now() - KEPT).order_by("id")
    removed, _ = Task.objects.filter(pk__in=done.values("pk")[:REMOVED_AT_ONCE]).delete()
    return removed == REMOVED_AT_ONCE
