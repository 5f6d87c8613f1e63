"""Makes and changes a tenant's rules, on record; notes who has seen a signal. Works inside the tenant's scope."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction

from engage_server.access.exceptions import NotPermittedError
from engage_server.activity.models import EventName
from engage_server.audit.log import record
from engage_server.automation import evaluation, signals
from engage_server.automation.channels import channel
from engage_server.automation.exceptions import UnsoundRuleError
from engage_server.automation.models import Signal
from engage_server.automation.replay import Replay, replay, usual_range
from engage_server.automation.rules import (
    RULE,
    Rule,
    RuleBody,
    require_followed,
    rule,
    subject_kind,
)
from engage_server.automation.triggers import Change, Done, Moved, NotDone, Renewal, Unusual, Value
from engage_server.definitions import store
from engage_server.definitions.kinds import read_body
from engage_server.engine import agenda
from engage_server.operations.writes import require_version
from engage_server.plugin_host.registry import registry
from engage_server.tenancy.scope import current_tenant

REPLAYED_DAYS: Final = 90


def check_rule(body: Mapping[str, Any], *, sees_persons: bool = True) -> RuleBody:
    """What was given, as a rule that can be judged.

    Args:
        body: fields of a ``RuleBody``.
        sees_persons: whether who makes it may see personal data.

    Raises:
        DefinitionsError, SegmentsError, UnsoundRuleError, UnknownPluginError: says what is wrong with it.
        NotPermittedError: it tells channels of persons, and who makes it may not see them.
    """
    checked = read_body(RuleBody, body)
    trigger = checked.trigger
    match trigger:
        case Value() | Change() | Unusual():
            _require_metric(trigger.metric, trigger.subject)
        case Done():
            _require_events([trigger.event])
        case NotDone():
            _require_events([trigger.after, trigger.event])
        case Moved():
            require_followed(trigger.segment)
        case Renewal():
            pass
    for number in checked.notify:
        channel(number)
    if checked.segment is not None:
        require_followed(checked.segment, subject=subject_kind(checked))
    if checked.notify and not sees_persons and subject_kind(checked) == "person":
        raise NotPermittedError(
            "A rule that tells channels of persons needs the permission 'personal:read'. "
            "Remedy: use a key or a role that has it, or a rule without channels."
        )
    return checked


def replay_rule(body: RuleBody, *, days: int = REPLAYED_DAYS) -> Replay:
    """What the rule would have said in the last so many whole days; writes nothing.

    Raises:
        ReplayTooLongError
    """
    first, last = usual_range(_today(), days)
    return replay(body, first=first, last=last)


def create_rule(name: str, body: Mapping[str, Any], *, sees_persons: bool = True) -> Rule:
    """Make a rule; workers judge by it from the newest computed day on.

    Args:
        name: for people; no two rules have one name.
        body: fields of a ``RuleBody``.
        sees_persons: as ``check_rule``.

    Raises:
        DefinitionsError, SegmentsError, UnsoundRuleError, UnknownPluginError, NotPermittedError: nothing was made.
    """
    with transaction.atomic():
        made = rule(store.define(RULE, name, check_rule(body, sees_persons=sees_persons)))
        agenda.call_at(evaluation.NAME)
        record("rule.created", subject=f"rule {made.number}", details=_details(made))
    return made


def change_rule(
    number: int,
    *,
    name: str | None = None,
    changes: Mapping[str, Any],
    sees_persons: bool = True,
    expected_version: int | None = None,
) -> Rule:
    """Change a rule's name or fields of its body; what is left out stays. Signals that it raised stay as they are.

    Raises:
        ConflictError: it has another version by now than the client has seen.
        DefinitionsError, SegmentsError, UnsoundRuleError, UnknownPluginError, NotPermittedError: nothing was changed.
    """
    with transaction.atomic():
        store.lock_definitions()
        former = rule(number)
        require_version(expected_version, former.version, of=f"The rule {former.name!r}")
        whole = {**former.body.model_dump(mode="json"), **changes}
        body = check_rule(whole, sees_persons=sees_persons) if changes else None
        if body is not None and subject_kind(body) != subject_kind(former.body):
            raise UnsoundRuleError(
                f"The rule is about {subject_kind(former.body)}s, and its signals are. Remedy: make another rule."
            )
        if store.redefine(RULE, number, name=name, body=body):
            agenda.call_at(evaluation.NAME)
            record("rule.changed", subject=f"rule {number}", details=_details(rule(number)))
    return rule(number)


def retire_rule(number: int) -> Rule:
    """End a rule; its versions stay as history. Its open signals are over.

    Raises:
        UnknownDefinitionError
    """
    with transaction.atomic():
        former = rule(number)
        store.retire(RULE, number)
        Signal.objects.filter(rule=number, cleared_on=None).update(cleared_on=_today())
        record("rule.retired", subject=f"rule {number}", details=_details(former))
    return former


def acknowledge_signal(number: int, reason: str) -> Signal:
    """Note that somebody has seen a signal, and what came of it.

    Raises:
        UnknownSignalError: there is none of this number.
        UnsoundRuleError: the reason is blank or too long.
    """
    said = reason.strip()
    if not 1 <= len(said) <= signals.LONGEST_REASON:
        raise UnsoundRuleError(
            f"A reason has 1 to {signals.LONGEST_REASON} characters and this one {len(said)}. Remedy: say why, briefly."
        )
    with transaction.atomic():
        seen = signals.acknowledge(number, said)
        # The reason is the signal's: it may name persons.
        record("signal.acknowledged", subject=f"signal {number}", details={"rule": seen.rule})
    return seen


def _require_metric(name: str, kind: str) -> None:
    _, metric = registry().metric(name)
    if kind not in metric.subjects:
        raise UnsoundRuleError(
            f"The metric {name!r} is not measured for {kind}s, but for: {', '.join(metric.subjects)}. "
            "Remedy: another metric, or a rule about one of these."
        )


def _require_events(names: list[str]) -> None:
    known = set(EventName.objects.filter(name__in=names).values_list("name", flat=True))
    for name in names:
        if name not in known:
            raise UnsoundRuleError(
                f"The dictionary has no event {name!r}. Remedy: `eventNames` lists those there are; spelling counts."
            )


def _today() -> date:
    return datetime.now(current_tenant().zone).date()


def _details(made: Rule) -> dict[str, Any]:
    body = made.body
    return {"version": made.version, "kind": body.kind.value, "trigger": body.trigger.type}
