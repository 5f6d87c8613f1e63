"""Takes subjects through playbooks: begins with the signal, does what is due, and ends. Works inside the tenant's scope."""

import hashlib
import logging
import threading
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import transaction

from engage_server.automation import outbox
from engage_server.automation.channels import channels
from engage_server.automation.exceptions import TemplateError, UnsendableError
from engage_server.automation.messages import LONGEST_SUBJECT, Message
from engage_server.automation.models import Journey, Signal
from engage_server.automation.playbooks import Playbook, SendMessage, StopIfOver, Wait, playbooks, version_of
from engage_server.automation.quiet_hours import days_later, next_allowed
from engage_server.automation.rules import Rule, rules
from engage_server.automation.templates import render
from engage_server.automation.variables import Subjects
from engage_server.engine import agenda
from engage_server.engine.background_tasks import BackgroundTask
from engage_server.tenancy.clock import database_now
from engage_server.tenancy.scope import TenantRef, current_tenant, tenant_scope
from engage_server.tenancy.zones import strangers_to

NAME: Final = "playbooks"
SHARE: Final = 100
NOTHING_DUE: Final = timedelta(days=1)
STEP: Final = "playbook.step"
log = logging.getLogger("engage.automation")


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
        if agenda.take_turn(NAME) is not None:
            first = Journey.objects.filter(state=Journey.State.RUNNING).order_by("due_at").first()
            now = database_now()
            agenda.end_turn(NAME, now + NOTHING_DUE if first is None else max(first.due_at, now), {})


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
    share = _Share(found)
    for journey in found:
        share.advance(journey)
    Journey.objects.bulk_update(found, ["step", "due_at", "state", "note"])
    return len(found) == SHARE


class _Share:
    """Journeys that are taken on together: what they need is read once for all of them."""

    def __init__(self, journeys: Sequence[Journey]) -> None:
        self._signals = Signal.objects.in_bulk([one.signal for one in journeys])
        self._subjects = Subjects(journeys)
        self._rules = {one.number: one for one in rules()}
        self._channels = frozenset(one.number for one in channels())
        self._versions = {of: version_of(*of) for of in {(one.playbook, one.version) for one in journeys}}

    def advance(self, journey: Journey) -> None:
        """Do steps until one waits or the last is done."""
        playbook = self._versions[journey.playbook, journey.version]
        signal = self._signals.get(journey.signal)
        if playbook is None or signal is None or not self._subjects.may_be_told_of(journey):
            _end(journey, Journey.State.STOPPED, "the playbook, the signal or the person is gone")
            return
        zone = _zone(self._subjects.zone_of(journey))
        now = database_now()
        for step in playbook.body.steps[journey.step :]:
            match step:
                case Wait():
                    journey.step += 1
                    journey.due_at = days_later(now, step.days, zone) + timedelta(hours=step.hours)
                    return
                case StopIfOver():
                    if signal.cleared_on is not None or signal.acknowledged_at is not None:
                        _end(journey, Journey.State.STOPPED, "the signal was over")
                        return
                case SendMessage():
                    allowed = next_allowed(now, playbook.body.hours, zone)
                    if allowed > now:
                        journey.due_at = allowed
                        return
                    self._send(journey, playbook, step, signal)
            journey.step += 1
        _end(journey, Journey.State.DONE, journey.note)

    def _send(self, journey: Journey, playbook: Playbook, step: SendMessage, signal: Signal) -> None:
        """Write a step's message into the outbox; one that cannot be made is noted, and the others go on."""
        number = journey.step + 1
        if step.channel not in self._channels:
            journey.note = f"step {number}: the channel was retired"
            return
        variables = {**self._subjects.variables(journey), **_about(signal, self._rules)}
        try:
            subject, text = (render(template, variables) for template in (step.subject, step.text))
            data = {
                "playbook": {"number": playbook.number, "name": playbook.name, "version": playbook.version},
                "step": number,
                "subject": {
                    "kind": journey.subject_kind,
                    "id": journey.subject,
                    "externalId": _external_id(variables),
                },
                "text": text,
            }
            message = Message(STEP, " ".join(subject.split())[:LONGEST_SUBJECT], text, data)
        except (TemplateError, UnsendableError) as error:
            journey.note = f"step {number}: {error}"[:500]
            log.warning(
                "A step of playbook %s sent nothing.", playbook.number, extra={"action": "step_failed"}
            )
            return
        outbox.put(step.channel, [message], cause=f"playbook {playbook.number}")


def _about(signal: Signal, named: Mapping[int, Rule]) -> dict[str, Any]:
    rule = named.get(signal.rule)
    return {
        "tenant": {"name": current_tenant().slug},
        "rule": {"name": "" if rule is None else rule.name},
        "signal": {
            "kind": "RISK" if signal.is_risk else "OPPORTUNITY",
            "raised_on": signal.raised_on.isoformat(),
            "evidence": signal.evidence,
        },
    }


def _external_id(variables: Mapping[str, Any]) -> str:
    about = variables.get("account") or variables.get("person") or {}
    return str(about.get("external_id", ""))


def _end(journey: Journey, state: Journey.State, note: str) -> None:
    journey.state, journey.note = state, note


def _zone(name: str | None) -> ZoneInfo:
    return ZoneInfo(name) if name and not strangers_to(name) else current_tenant().zone


TASK: Final = BackgroundTask(NAME, every_s=2.0, tenants=lambda: agenda.due_tenants(NAME), work=go_on)
