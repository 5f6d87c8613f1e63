"""Writes the messages that tell of raised signals into the outbox: of each to programs, one of all to people."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from engage_server.automation import evidence, outbox
from engage_server.automation.accounts_of_persons import accounts_of_persons
from engage_server.automation.channels import ChannelKind, channels
from engage_server.automation.evidence import Told
from engage_server.automation.messages import LONGEST_SUBJECT, Message
from engage_server.automation.models import Signal
from engage_server.automation.rules import Rule
from engage_server.customers.models import Account, Person
from engage_server.tenancy.scope import current_tenant

Figures = Mapping[str, Any]
NAMED: Final = 20
"""So many are named to people; the others are counted."""
RAISED: Final = "signal.raised"


def announce(rule: Rule, raised: Sequence[Signal]) -> int:
    """Have a rule's channels told of its signals; return how many messages that are. In the signals' transaction.

    Channels that were retired since are left out. Who reads them is known to nobody: figures that rest on few persons are
    withheld.
    """
    kinds = {one.number: one.body.kind for one in channels()} if rule.body.notify and raised else {}
    told = [number for number in rule.body.notify if number in kinds]
    if not told:
        return 0
    known = _subjects(raised)
    minimum = current_tenant().minimum_persons
    figures = dict(
        zip(raised, evidence.shown([Told.of(one) for one in raised], minimum=minimum), strict=True)
    )
    cause = f"rule {rule.number}"
    accounts = _accounts(raised)
    for number in told:
        if kinds[number] is ChannelKind.WEBHOOK:
            messages = [
                replace(
                    _of_one(rule, one, known[one.subject], figures[one]), account=accounts.get(one.subject)
                )
                for one in raised
            ]
        else:
            of = {accounts.get(one.subject) for one in raised}
            messages = [replace(_of_all(rule, figures, known), account=of.pop() if len(of) == 1 else None)]
        outbox.put(number, messages, cause=cause)
    return sum(len(raised) if kinds[number] is ChannelKind.WEBHOOK else 1 for number in told)


def _accounts(raised: Sequence[Signal]) -> Mapping[int, int]:
    """By subject the account that its signal is about."""
    kind, ids = raised[0].subject_kind, {one.subject for one in raised}
    if kind == "account":
        return {id: id for id in ids}
    return accounts_of_persons(ids) if kind == "person" else {}


def _of_one(rule: Rule, signal: Signal, subject: Mapping[str, Any], figures: Figures) -> Message:
    data = {
        "signal": signal.pk,
        "kind": rule.body.kind.value,
        "rule": {"number": rule.number, "name": rule.name, "version": rule.version},
        "subject": subject,
        "raisedOn": signal.raised_on.isoformat(),
        "evidence": figures,
    }
    return Message(
        RAISED, _line(f"{rule.body.kind.value}: {rule.name}: {_name(subject)}"), _line_of(figures), data
    )


def _of_all(rule: Rule, figures: Mapping[Signal, Figures], known: Mapping[int, Mapping[str, Any]]) -> Message:
    raised = list(figures)
    kind = rule.body.kind.value
    # Who is a person is told to programs alone: mail and chats are kept where no erasure reaches.
    lines = [
        f"{_name(known[one.subject])}: {_line_of(figures[one])}"
        for one in raised[:NAMED]
        if one.subject_kind != "person"
    ]
    if len(raised) > len(lines):
        lines.append(f"and {len(raised) - len(lines)} more" if lines else f"{len(raised)} persons")
    day = raised[0].raised_on.isoformat()
    data = {"kind": kind, "rule": rule.number, "raised": len(raised), "raisedOn": day}
    subject = _line(f"{kind}: {rule.name} ({len(raised)} on {day})")
    return Message(RAISED, subject, "\n".join(lines), data)


def _name(subject: Mapping[str, Any]) -> str:
    return str(subject["name"] or subject["externalId"] or subject["kind"])


def _line_of(figures: Figures) -> str:
    return ", ".join(f"{name} {value}" for name, value in figures.items() if value is not None)


def _line(text: str) -> str:
    """A subject that names came into: on one line, and no longer than it may be."""
    return "".join(character if character.isprintable() else " " for character in text)[:LONGEST_SUBJECT]


def _subjects(raised: Sequence[Signal]) -> dict[int, dict[str, Any]]:
    kind = raised[0].subject_kind
    ids = [one.subject for one in raised]
    rows: Iterable[tuple[int, str | None, str]] = ()
    if kind == "account":
        rows = Account.objects.filter(pk__in=ids).values_list("pk", "external_id", "name")
    elif kind == "person":
        persons = Person.objects.filter(pk__in=ids).values_list("pk", "external_id")
        rows = ((pk, name, "") for pk, name in persons)
    found = {
        pk: {"kind": kind, "id": pk, "externalId": name or "", "name": title} for pk, name, title in rows
    }
    return {id: found.get(id, {"kind": kind, "id": id, "externalId": "", "name": ""}) for id in ids}
