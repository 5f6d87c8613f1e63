"""Says that tasks are done, on record. Works inside the tenant's scope."""

from django.db import transaction

from engage_server.audit.log import record
from engage_server.automation import tasks
from engage_server.automation.exceptions import AutomationError
from engage_server.automation.models import Task


def complete_task(number: int, outcome: str = "") -> Task:
    """Note that a task is done, and what came of it.

    Raises:
        UnknownTaskError: there is none of this number.
        AutomationError: the outcome is too long.
    """
    said = outcome.strip()
    if len(said) > tasks.LONGEST_OUTCOME:
        raise AutomationError(
            f"An outcome has at most {tasks.LONGEST_OUTCOME} characters and this one {len(said)}. Remedy: say it briefly."
        )
    with transaction.atomic():
        done = tasks.finish(number, said)
        # What came of it is the task's: it may name persons.
        record("task.done", subject=f"task {number}", details={"playbook": done.playbook})
    return done
