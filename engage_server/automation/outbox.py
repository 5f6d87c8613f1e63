"""The outbox: messages are written in the transaction of what causes them, and told when they may be sent.

Works inside the tenant's scope.
"""

from collections.abc import Iterable
from typing import Final

from engage_server.automation.exceptions import UnknownDeliveryError
from engage_server.automation.messages import Message
from engage_server.automation.models import Delivery
from engage_server.engine import agenda
from engage_server.tenancy.clock import database_now

TASK: Final = "deliveries"


def put(channel: int, messages: Iterable[Message], *, cause: str) -> list[Delivery]:
    """Have messages sent by a channel, once the caller's transaction is committed."""
    written = Delivery.objects.bulk_create(
        Delivery(channel=channel, cause=cause, message=message.stored) for message in messages
    )
    if written:
        agenda.call_at(TASK)
    return written


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
