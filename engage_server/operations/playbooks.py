"""Makes and changes a tenant's playbooks, on record. Works inside the tenant's scope."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db import transaction

from engage_server.access.exceptions import NotPermittedError
from engage_server.audit.log import record
from engage_server.automation import templates
from engage_server.automation.audience import require_confirmed
from engage_server.automation.channels import ChannelKind, channel
from engage_server.automation.exceptions import TemplateError, UnaskableError
from engage_server.automation.models import Journey
from engage_server.automation.playbooks import PLAYBOOK, Playbook, PlaybookBody, playbook
from engage_server.automation.rules import Rule, require_followed, rule, subject_kind
from engage_server.automation.steps import Annotate, AskSurvey, MakeTask, SendMessage, all_of, segments_of
from engage_server.automation.surveys import survey
from engage_server.automation.triggers import WITH_N
from engage_server.definitions import store
from engage_server.definitions.kinds import read_body
from engage_server.tenancy.clock import database_now
from engage_server.tenancy.scope import current_tenant

ANNOTATION_NAMES: Final = frozenset({"tenant.name", "rule.name", "signal.kind", "signal.raised_on"})


def create_playbook(
    name: str, body: Mapping[str, Any], *, sees_persons: bool = True, at_most: int | None = None
) -> Playbook:
    """Make a playbook; it does nothing before it is enabled.

    Args:
        name: for people; no two playbooks have one name.
        body: fields of a ``PlaybookBody``.
        sees_persons: whether who makes it may see personal data.
        at_most: of so many it may speak, where it is enabled; needed where those are many.

    Raises:
        DefinitionsError, TemplateError: says what is wrong with it; nothing was made.
        UnconfirmedAudienceError: it is enabled, and may speak of more than were meant.
        NotPermittedError: it tells of persons, and who makes it may not see them.
    """
    with transaction.atomic():
        checked = _checked(body, sees_persons=sees_persons)
        if checked.enabled:
            require_confirmed(rule(checked.rule), at_most)
        made = playbook(store.define(PLAYBOOK, name, checked))
        record("playbook.created", subject=f"playbook {made.number}", details=_details(made))
    return made


def change_playbook(
    number: int,
    *,
    name: str | None = None,
    changes: Mapping[str, Any],
    sees_persons: bool = True,
    at_most: int | None = None,
) -> Playbook:
    """Change a playbook; what is left out stays. Who is under way finishes under the version that it began.

    ``at_most``: as of ``create_playbook``, asked where it is switched on.

    Raises:
        DefinitionsError, TemplateError: says what is wrong; nothing was changed.
        UnconfirmedAudienceError: it is switched on, and may speak of more than were meant.
        NotPermittedError: as ``create_playbook``.
    """
    with transaction.atomic():
        former = playbook(number)
        whole = {**former.body.model_dump(mode="json"), **changes}
        body = _checked(whole, sees_persons=sees_persons) if changes else None
        if body is not None and body.enabled and not former.body.enabled:
            require_confirmed(rule(body.rule), at_most)
        if store.redefine(PLAYBOOK, number, name=name, body=body):
            record("playbook.changed", subject=f"playbook {number}", details=_details(playbook(number)))
    return playbook(number)


def retire_playbook(number: int) -> Playbook:
    """End a playbook at once, for those who are under way too; its versions stay as history.

    Raises:
        UnknownDefinitionError
    """
    with transaction.atomic():
        former = playbook(number)
        store.retire(PLAYBOOK, number)
        under_way = Journey.objects.filter(playbook=number, state=Journey.State.RUNNING)
        under_way.update(state=Journey.State.STOPPED, note="the playbook was retired")
        record("playbook.retired", subject=f"playbook {number}", details=_details(former))
    return former


def preview(subject: str, text: str, account: Mapping[str, Any]) -> tuple[str, str]:
    """What a message's subject and text would say of an account, with a signal that is made up; writes nothing.

    Args:
        subject: a template.
        text: a template.
        account: ``variables.of_account``, as who asks may see it.

    Raises:
        TemplateError: a text cannot be made.
    """
    for one in (subject, text):
        templates.check(one)
    today = database_now().astimezone(current_tenant().zone).date()
    variables = {
        "tenant": {"name": current_tenant().slug},
        "rule": {"name": "Example"},
        "signal": {"kind": "RISK", "raised_on": today.isoformat(), "evidence": {}},
        "account": account,
    }
    return templates.render(subject, variables), templates.render(text, variables)


def _checked(given: Mapping[str, Any], *, sees_persons: bool) -> PlaybookBody:
    body = read_body(PlaybookBody, given)
    of = rule(body.rule)
    for number in sorted(segments_of(body.steps)):
        require_followed(number, subject=subject_kind(of.body))
    for step in all_of(body.steps):
        match step:
            case SendMessage():
                channel(step.channel)
                words = [step.subject, step.text]
                words += [text for one in step.variants for text in (one.subject, one.text)]
                _check_texts(words, of, sees_persons=sees_persons)
            case MakeTask():
                _check_texts([step.title, step.text], of, sees_persons=sees_persons)
            case Annotate():
                _check_annotation(step.text)
            case AskSurvey():
                _check_survey(step, of, sees_persons=sees_persons)
    return body


def _check_survey(step: AskSurvey, of: Rule, *, sees_persons: bool) -> None:
    """Go on with a step that can ask somebody.

    Raises:
        UnknownDefinitionError: there is no such survey or channel.
        UnaskableError: the rule is about no persons, or the channel goes to none.
        NotPermittedError: who writes it may not see persons.
    """
    survey(step.survey)
    if subject_kind(of.body) != "person":
        raise UnaskableError("A survey asks persons. Remedy: a rule about persons.")
    if channel(step.channel).body.kind is not ChannelKind.PERSONS:
        raise UnaskableError("The channel does not go to persons. Remedy: one of the kind PERSONS.")
    if not sees_persons:
        raise NotPermittedError(
            "Asking persons needs the permission 'personal:read'. Remedy: use a key or a role that has it."
        )


def _check_texts(texts: Sequence[str], of: Rule, *, sees_persons: bool) -> None:
    """Go on with texts that can be made, and that tell nothing that who writes them may not see.

    Raises:
        TemplateError: one is no template.
        NotPermittedError: one is about a person, names one, or a metric's figures, which may rest on few.
    """
    for text in texts:
        templates.check(text)
    has_figures = isinstance(of.body.trigger, WITH_N)
    is_about_persons = subject_kind(of.body) == "person"
    if not sees_persons and (is_about_persons or templates.tells_of_persons(texts, has_figures=has_figures)):
        raise NotPermittedError(
            "A message or task about persons, or with a metric's figures, needs the permission 'personal:read'. "
            "Remedy: use a key or a role that has it, or leave out person and signal.evidence."
        )


def _check_annotation(text: str) -> None:
    """Go on with a text for the tenant's series: it names nobody, so that it is said once a day whoever it came of.

    Raises:
        TemplateError: it is no template, or names a subject or its figures.
    """
    templates.check(text)
    named = sorted(name for name in templates.names(text) if name not in ANNOTATION_NAMES)
    if named:
        raise TemplateError(
            f"An annotation is the tenant's and names {named[0][:100]!r}. "
            f"Remedy: name {', '.join(sorted(ANNOTATION_NAMES))} alone."
        )


def _details(made: Playbook) -> dict[str, Any]:
    body = made.body
    return {"version": made.version, "rule": body.rule, "steps": len(body.steps), "enabled": body.enabled}
