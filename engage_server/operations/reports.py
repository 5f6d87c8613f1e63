"""Defines a tenant's reports and sends them, on record. Works inside the tenant's scope."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from engage_server.access.exceptions import NotPermittedError
from engage_server.audit.log import record
from engage_server.automation import outbox
from engage_server.automation.channels import ChannelKind, channel
from engage_server.automation.exceptions import UnsoundReportError
from engage_server.automation.models import Delivery
from engage_server.automation.reports import schedule
from engage_server.automation.reports.definition import REPORT, Report, ReportBody, report
from engage_server.automation.reports.writing import message, write
from engage_server.customers.models import Account
from engage_server.definitions import store
from engage_server.definitions.kinds import read_body
from engage_server.engine import agenda
from engage_server.operations.writes import require_version
from engage_server.plugin_host.registry import registry


def create_report(name: str, body: Mapping[str, Any], *, sees_persons: bool = True) -> Report:
    """Define a report; one that is to be sent begins with its next period.

    Args:
        name: for people; no two reports have one name.
        body: fields of a ``ReportBody``.
        sees_persons: whether who makes it may see personal data.

    Raises:
        DefinitionsError, UnknownPluginError, UnsoundReportError: says what is wrong with it; nothing was made.
        NotPermittedError: it has what persons said, and who makes it may not see them.
    """
    checked = _checked(body, sees_persons=sees_persons)
    with transaction.atomic():
        made = report(store.define(REPORT, name, checked))
        agenda.call_at(schedule.NAME)
        record("report.created", subject=f"report {made.number}", details=_details(made))
    return made


def change_report(
    number: int,
    *,
    name: str | None = None,
    changes: Mapping[str, Any],
    sees_persons: bool = True,
    expected_version: int | None = None,
) -> Report:
    """Change a report; what is left out stays. What it is of (its kind and account) stays, too.

    One that is sent more seldom, or oftener, goes on with the next of its new periods.

    Raises:
        ConflictError: it has another version by now than the client has seen.
        DefinitionsError, UnknownPluginError, UnsoundReportError, NotPermittedError: as ``create_report``.
    """
    with transaction.atomic():
        store.lock_definitions()
        former = report(number)
        require_version(expected_version, former.version, of=f"The report {former.name!r}")
        whole = {**former.body.model_dump(mode="json"), **changes}
        body = _checked(whole, sees_persons=sees_persons) if changes else None
        if store.redefine(REPORT, number, name=name, body=body):
            agenda.call_at(schedule.NAME)
            record("report.changed", subject=f"report {number}", details=_details(report(number)))
    return report(number)


def retire_report(number: int) -> Report:
    """End a report; it is sent no more.

    Raises:
        UnknownDefinitionError
    """
    with transaction.atomic():
        former = report(number)
        store.retire(REPORT, number)
        record("report.retired", subject=f"report {number}", details=_details(former))
    return former


def send_report(number: int, *, to: int | None = None, sees_persons: bool = True) -> Delivery:
    """Send a report now, by its own channel or another.

    Raises:
        DefinitionsError: there is no such report or channel.
        UnsoundReportError: it has no channel and none is named, or its account is gone.
        NotPermittedError: it has what persons said, and who sends it may not see them.
    """
    one = report(number)
    _require_may_quote(one.body, sees_persons=sees_persons)
    by = one.body.channel if to is None else to
    if by is None:
        raise UnsoundReportError("The report has no channel. Remedy: name the one that it is to go by.")
    _require_for_team(by)
    document = write(one, with_quotes=True)
    if document is None:
        raise UnsoundReportError("The account that the report is of is gone. Remedy: make another report.")
    with transaction.atomic():
        (sent,) = outbox.put(by, [message(one, document)], cause=f"report {number}")
        record("report.sent", subject=f"report {number}", details={"channel": by})
    return sent


def _checked(given: Mapping[str, Any], *, sees_persons: bool) -> ReportBody:
    body = read_body(ReportBody, given)
    for metric in body.metrics:
        _, found = registry().metric(metric)
        if body.subject not in found.subjects:
            raise UnsoundReportError(
                f"The metric {metric!r} is not measured for {body.subject}s. Remedy: one that is; `metrics` says which."
            )
    if body.account is not None and not Account.objects.filter(pk=body.account).exists():
        raise UnsoundReportError(
            f"There is no account {body.account}. Remedy: `accounts` lists those there are."
        )
    if body.channel is not None:
        _require_for_team(body.channel)
    _require_may_quote(body, sees_persons=sees_persons)
    return body


def _require_for_team(number: int) -> None:
    """Go on with a channel to the tenant's own people or programs.

    Raises:
        UnknownDefinitionError: there is none of this number.
        UnsoundReportError: it mails persons.
    """
    if channel(number).body.kind is ChannelKind.PERSONS:
        raise UnsoundReportError(
            "The channel mails the persons that messages are about, and a report is about none. "
            "Remedy: a channel to your team."
        )


def _require_may_quote(body: ReportBody, *, sees_persons: bool) -> None:
    if body.quotes and not sees_persons:
        raise NotPermittedError(
            "A report with what persons said needs the permission 'personal:read'. "
            "Remedy: use a key or a role that has it, or a report without quotes."
        )


def _details(made: Report) -> dict[str, Any]:
    body = made.body
    return {"kind": body.kind.value, "every": body.every and body.every.value, "channel": body.channel}
