"""The outbox: messages are written in the transaction of what causes them, and told when they may be sent.

Works inside the tenant's scope.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from engage_server.automation.exceptions import UnknownDeliveryError
from engage_server.automation.messages import Message
from engage_server.automation.models import Delivery
from engage_server.engine import agenda
from engage_server.tenancy.clock import database_now

TASK: Final = "deliveries"
KEPT: Final = timedelta(days=90)
"""So long after its end a delivery is kept, with what was said of whom."""
REMOVED_AT_ONCE: Final = 10_000


def put(channel: int, messages: Iterable[Message], *, cause: str) -> list[Delivery]:
    """Have messages sent by a channel, once the caller's transaction is committed."""
    written = Delivery.objects.bulk_create(
        Delivery(channel=channel, account=message.account, cause=cause, message=message.stored)
        for message in messages
    )
    if written:
        agenda.call_at(TASK)
    return written


def origin_of(row: Delivery) -> str:
    """From what a message follows: a rule, a playbook, a survey, a report, or a test."""
    return row.cause.partition(" ")[0]


def definition_of(row: Delivery) -> int | None:
    """The number of the rule, playbook, survey or report that a message follows from; None of a test."""
    number = row.cause.partition(" ")[2]
    return int(number) if number else None


def person_of(row: Delivery) -> int | None:
    """The id of the person that a message is about; None where it is about none."""
    subject = row.message["data"].get("subject", {})
    return int(subject["id"]) if subject.get("kind") == "person" else None


def remove_old() -> bool:
    """Delete deliveries that ended long ago, so many at once; return whether there may be more."""
    ended = Delivery.objects.filter(finished_at__lt=database_now() - KEPT).order_by("id")
    removed, _ = Delivery.objects.filter(pk__in=ended.values("pk")[:REMOVED_AT_ONCE]).delete()
    return removed == REMOVED_AT_ONCE


def send_again(number: int) -> Delivery:
    """Give a dead delivery another round of attempts, under its key; its log goes on.

    Raises:
        UnknownDeliveryError: there is none of this number, or it is not dead.
    """
    changed = Delivery.objects.filter(pk=number, state=Delivery.State.DEAD).update(
        state=Delivery.State.PENDING, attempts=0, due_at=database_now(), finished_at=None
    )
    if not changed:
        raise UnknownDeliveryError(
            f"There is no dead delivery of the number {number}. Remedy: `deliveries(state: DEAD)` lists those there are."
        )
    agenda.call_at(TASK)
    return Delivery.objects.get(pk=number)
