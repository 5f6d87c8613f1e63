"""Channels to receivers of the tests, messages for them, and a worker that has its turn."""

import threading
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from engage_server.automation import delivery, outbox
from engage_server.automation.messages import Message
from engage_server.automation.models import Delivery
from engage_server.engine.models import Agenda
from engage_server.operations import channels as operations
from engage_server.tenancy.scope import shared_scope, tenant_scope

HELLO = Message("signal.raised", "Hello", "A text.", {"n": 1})


def webhook(receiver, **fields):
    return operations.create_channel("Hook", {"kind": "WEBHOOK", "url": receiver.url, **fields})


def put(number: int, *messages: Message) -> None:
    with transaction.atomic():
        outbox.put(number, messages or [HELLO], cause="test")


def deliver(tenant) -> list[Delivery]:
    """Let a worker have its turn; what stands in the outbox then."""
    delivery.TASK.work(tenant, threading.Event())
    with tenant_scope(tenant):
        return list(Delivery.objects.order_by("id"))


def make_due(tenant) -> None:
    with tenant_scope(tenant):
        Delivery.objects.filter(state__in=["PENDING", "SENDING"]).update(
            due_at=timezone.now() - timedelta(seconds=1)
        )
    with shared_scope():
        Agenda.objects.filter(tenant_id=tenant.id).update(due_at=timezone.now() - timedelta(seconds=1))
