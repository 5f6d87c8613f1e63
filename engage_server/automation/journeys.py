"""Takes subjects through playbooks: begins with the signal, does what is due, and ends. Works inside the tenant's scope."""

import hashlib
import threading
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from django.db import transaction

from engage_server.automation import tasks
from engage_server.automation.journey_work import Share
from engage_server.automation.models import Journey, Signal
from engage_server.automation.playbooks import Playbook, playbooks
from engage_server.engine import agenda
from engage_server.engine.background_tasks import BackgroundTask
from engage_server.tenancy.clock import database_now
from engage_server.tenancy.scope import TenantRef, tenant_scope

NAME: Final = "playbooks"
SHARE: Final = 100
NOTHING_DUE: Final = timedelta(days=1)
KEPT: Final = timedelta(days=400)
"""So long after it began a journey that ended is kept: longer than any cool-down, and for a year's uplift."""
REMOVED_AT_ONCE: Final = 10_000


def begin(raised: Mapping[int, Sequence[Signal]]) -> int:
    """Begin the enabled playbooks of rules about their signals, in their transaction; return how many journeys that is.

    None is begun about who one was begun about within the playbook's cool-down, held out or not. The playbooks are read
    once, however many rules there are.

    Args:
        raised: signals by the number of their rule.
    """
    begun = 0
    for one in playbooks() if any(raised.values()) else ():
        of_rule = raised.get(one.body.rule)
        if one.body.enabled and of_rule:
            begun += _begin(one, of_rule)
    return begun


def is_held_out(playbook: int, subject_kind: str, subject: int, share: float) -> bool:
    """Whether nothing is done about a subject: the same answer each time, whoever else comes or goes."""
    digest = hashlib.blake2b(f"{playbook}:{subject_kind}:{subject}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) / 2**64 < share


def go_on(tenant: TenantRef, stop: threading.Event) -> None:
    """Do what is due of a tenant's journeys, a share in a transaction."""
    more = True
    while more and not stop.is_set():
        with tenant_scope(tenant), transaction.atomic():
            more = _do_share()
    with tenant_scope(tenant), transaction.atomic():
        progress = agenda.take_turn(NAME)
        if progress is not None:
            now = database_now()
            today = now.date().isoformat()
            has_old = progress.get("tidied_on") != today and remove_old()
            first = Journey.objects.filter(state=Journey.State.RUNNING).order_by("due_at").first()
            following = now + NOTHING_DUE if first is None else min(max(first.due_at, now), now + NOTHING_DUE)
            agenda.end_turn(NAME, now if has_old else following, {} if has_old else {"tidied_on": today})


def remove_old() -> bool:
    """Delete journeys that ended, and tasks that were done, long ago; return whether there may be more.

    A signal goes with neither: it is the account's history.
    """
    ended = Journey.objects.exclude(state=Journey.State.RUNNING).filter(begun_at__lt=database_now() - KEPT)
    removed, _ = Journey.objects.filter(pk__in=ended.order_by("id").values("pk")[:REMOVED_AT_ONCE]).delete()
    has_tasks = tasks.remove_old()
    return has_tasks or removed == REMOVED_AT_ONCE


def _begin(one: Playbook, raised: Sequence[Signal]) -> int:
    now = database_now()
    since = now - timedelta(days=one.body.cool_down_days)
    kind = raised[0].subject_kind
    recent = set(
        Journey.objects.filter(
            subject_kind=kind, subject__in=[signal.subject for signal in raised], begun_at__gt=since
        ).values_list("subject", flat=True)
    )
    made = [
        Journey(
            playbook=one.number,
            version=one.version,
            signal=signal.pk,
            subject_kind=kind,
            subject=signal.subject,
            due_at=now,
            state=Journey.State.HELD_OUT
            if is_held_out(one.number, kind, signal.subject, one.body.hold_out)
            else Journey.State.RUNNING,
        )
        for signal in raised
        if signal.subject not in recent
    ]
    Journey.objects.bulk_create(made)
    if made:
        agenda.call_at(NAME)
    return len(made)


def _do_share() -> bool:
    """Take the journeys that are due, each up to where it waits; return whether there may be more."""
    due = Journey.objects.filter(state=Journey.State.RUNNING, due_at__lte=database_now()).order_by(
        "due_at", "id"
    )
    found = list(due.select_for_update(skip_locked=True)[:SHARE])
    if not found:
        return False
    share = Share(found)
    for journey in found:
        share.advance(journey)
    share.write()
    Journey.objects.bulk_update(found, ["step", "due_at", "state", "note"])
    return len(found) == SHARE


TASK: Final = BackgroundTask(NAME, every_s=2.0, tenants=lambda: agenda.due_tenants(NAME), work=go_on)
