"""Does the steps of journeys, a share of them together: what they need is read once, what they leave is written at once.

Works inside the tenant's scope and a transaction.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, Final
from zoneinfo import ZoneInfo

from engage_server.automation import outbox
from engage_server.automation.channels import channels
from engage_server.automation.exceptions import TemplateError, UnsendableError
from engage_server.automation.journey_notes import annotate
from engage_server.automation.messages import LONGEST_SUBJECT, Message
from engage_server.automation.models import Journey, Signal, Task
from engage_server.automation.playbooks import Playbook, version_of
from engage_server.automation.quiet_hours import Allowed, days_later, next_allowed
from engage_server.automation.rules import rules
from engage_server.automation.steps import (
    Annotate,
    Ask,
    AskSurvey,
    Branch,
    Leap,
    MakeTask,
    SendMessage,
    StopIfOver,
    Wait,
    row_of,
    segments_of,
)
from engage_server.automation.survey_step import ask
from engage_server.automation.tasks import LONGEST_TEXT, LONGEST_TITLE
from engage_server.automation.templates import render, tells_of_persons
from engage_server.automation.triggers import WITH_N
from engage_server.automation.variables import Subjects
from engage_server.segments.membership import memberships
from engage_server.tenancy.clock import database_now
from engage_server.tenancy.models import Tenant
from engage_server.tenancy.scope import current_tenant, shared_scope
from engage_server.tenancy.zones import strangers_to

STEP: Final = "playbook.step"
log = logging.getLogger("engage.automation")


class Share:
    """Journeys that are taken on together."""

    def __init__(self, journeys: Sequence[Journey]) -> None:
        self._now: Final[datetime] = database_now()
        self._today: Final[date] = self._now.astimezone(current_tenant().zone).date()
        self._signals = Signal.objects.in_bulk([one.signal for one in journeys])
        self._subjects = Subjects(journeys)
        self._rules = {one.number: one for one in rules()}
        self._channels = frozenset(one.number for one in channels())
        self._versions = {of: version_of(*of) for of in {(one.playbook, one.version) for one in journeys}}
        self._rows = {of: row_of(one.body.steps) for of, one in self._versions.items() if one is not None}
        asked = {number for one in self._versions.values() if one for number in segments_of(one.body.steps)}
        self._members = (
            memberships(asked, {one.subject for one in journeys}, self._today) if asked else frozenset()
        )
        self._tasks: list[Task] = []

    def advance(self, journey: Journey) -> None:
        """Do steps until one waits or the last is done."""
        of = (journey.playbook, journey.version)
        playbook = self._versions[of]
        signal = self._signals.get(journey.signal)
        if playbook is None or signal is None or not self._subjects.may_be_told_of(journey):
            _end(journey, Journey.State.STOPPED, "the playbook, the signal or the person is gone")
            return
        zone = _zone(self._subjects.zone_of(journey))
        row = self._rows[of]
        while journey.step < len(row):
            step = row[journey.step]
            match step:
                case Wait():
                    journey.step += 1
                    journey.due_at = days_later(self._now, step.days, zone) + timedelta(hours=step.hours)
                    return
                case StopIfOver():
                    if _is_over(signal):
                        _end(journey, Journey.State.STOPPED, "the signal was over")
                        return
                case Ask():
                    if not self._is_so(step.branch, journey, signal):
                        journey.step = step.otherwise
                        continue
                case Leap():
                    journey.step = step.to
                    continue
                case SendMessage() | AskSurvey():
                    allowed = next_allowed(self._now, playbook.body.hours, zone)
                    if allowed > self._now:
                        journey.due_at = allowed
                        return
                    self._tell(journey, playbook, step, signal, Allowed.within(playbook.body.hours, zone))
                case MakeTask():
                    self._give(journey, step, signal)
                case Annotate():
                    self._annotate(journey, step, signal)
            journey.step += 1
        _end(journey, Journey.State.DONE, journey.note)

    def write(self) -> None:
        """Keep the tasks that came of it; messages stand in the outbox already."""
        Task.objects.bulk_create(self._tasks)

    def _is_so(self, branch: Branch, journey: Journey, signal: Signal) -> bool:
        if branch.segment is not None:
            return (branch.segment, journey.subject) in self._members
        return _is_over(signal) == branch.over

    def _tell(
        self,
        journey: Journey,
        playbook: Playbook,
        step: SendMessage | AskSurvey,
        signal: Signal,
        allowed: Allowed | None,
    ) -> None:
        """Have it said. The hours go along with it: it is asked again for them when it is sent."""
        if isinstance(step, AskSurvey):
            self._ask(journey, step, allowed)
        else:
            self._send(journey, playbook, step, signal, allowed)

    def _send(
        self,
        journey: Journey,
        playbook: Playbook,
        step: SendMessage,
        signal: Signal,
        allowed: Allowed | None,
    ) -> None:
        """Write a step's message into the outbox; one that cannot be made is noted, and the others go on."""
        number = journey.step + 1
        if step.channel not in self._channels:
            journey.note = f"step {number}: the channel was retired"
            return
        variables = self._variables(journey, signal)
        words = next((one for one in step.variants if (one.segment, journey.subject) in self._members), step)
        try:
            subject, text = (render(template, variables) for template in (words.subject, words.text))
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
            line = " ".join(subject.split())[:LONGEST_SUBJECT]
            message = Message(STEP, line, text, data, allowed, self._subjects.account_of(journey))
        except (TemplateError, UnsendableError) as error:
            _note_failure(journey, error)
            return
        outbox.put(step.channel, [message], cause=f"playbook {playbook.number}")

    def _ask(self, journey: Journey, step: AskSurvey, allowed: Allowed | None) -> None:
        """Have the person asked; why it is not is noted, and the other steps go on."""
        said = ask(journey, step, allowed) if step.channel in self._channels else "the channel was retired"
        if said:
            journey.note = f"step {journey.step + 1}: {said}"[:500]

    def _give(self, journey: Journey, step: MakeTask, signal: Signal) -> None:
        """Make the owner's task; one whose words cannot be made is noted, and the others go on."""
        variables = self._variables(journey, signal)
        try:
            title, text = (render(template, variables) for template in (step.title, step.text))
        except TemplateError as error:
            _note_failure(journey, error)
            return
        rule = self._rules.get(signal.rule)
        has_figures = rule is None or isinstance(rule.body.trigger, WITH_N)
        self._tasks.append(
            Task(
                playbook=journey.playbook,
                signal=journey.signal,
                subject_kind=journey.subject_kind,
                subject=journey.subject,
                owner=variables.get("account", {}).get("owner", ""),
                title=_plain(" ".join(title.split()))[:LONGEST_TITLE],
                text=_plain(text)[:LONGEST_TEXT],
                is_personal=journey.subject_kind == "person"
                or tells_of_persons((step.title, step.text), has_figures=has_figures),
                due_on=None if step.due_days is None else self._today + timedelta(days=step.due_days),
            )
        )

    def _annotate(self, journey: Journey, step: Annotate, signal: Signal) -> None:
        try:
            annotate(render(step.text, self._about(signal)), self._today)
        except TemplateError as error:
            _note_failure(journey, error)

    def _variables(self, journey: Journey, signal: Signal) -> dict[str, Any]:
        return {**self._subjects.variables(journey), **self._about(signal)}

    def _about(self, signal: Signal) -> dict[str, Any]:
        rule = self._rules.get(signal.rule)
        return {
            "tenant": {"name": self._tenant_name},
            "rule": {"name": "" if rule is None else rule.name},
            "signal": {
                "kind": "RISK" if signal.is_risk else "OPPORTUNITY",
                "raised_on": signal.raised_on.isoformat(),
                "evidence": signal.evidence,
            },
        }

    @cached_property
    def _tenant_name(self) -> str:
        with shared_scope():
            return str(Tenant.objects.values_list("name", flat=True).get(pk=current_tenant().id))


def _is_over(signal: Signal) -> bool:
    return signal.cleared_on is not None or signal.acknowledged_at is not None


def _external_id(variables: Mapping[str, Any]) -> str:
    about = variables.get("account") or variables.get("person") or {}
    return str(about.get("external_id", ""))


def _note_failure(journey: Journey, error: Exception) -> None:
    journey.note = f"step {journey.step + 1}: {error}"[:500]
    log.warning("A step of playbook %s left nothing.", journey.playbook, extra={"action": "step_failed"})


def _end(journey: Journey, state: Journey.State, note: str) -> None:
    journey.state, journey.note = state, note


def _plain(text: str) -> str:
    """What PostgreSQL can keep."""
    return text.replace("\x00", "")


def _zone(name: str | None) -> ZoneInfo:
    return ZoneInfo(name) if name and not strangers_to(name) else current_tenant().zone
