"""Makes and changes a tenant's surveys, and asks persons, on record. Works inside the tenant's scope."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction
from django.db.models import Count

from engage_server.audit.log import record
from engage_server.automation import invitations, survey_mails
from engage_server.automation.channels import ChannelKind, channel
from engage_server.automation.exceptions import UnaskableError
from engage_server.automation.mail_links import require_public_url
from engage_server.automation.models import SurveyInvitation
from engage_server.automation.surveys import SURVEY, Survey, SurveyBody, survey
from engage_server.customers.canonical_persons import canonical_person
from engage_server.customers.models import Person
from engage_server.definitions import store
from engage_server.definitions.kinds import read_body
from engage_server.metrics.annotations import AnnotationKind, annotation
from engage_server.operations.merges import person_known_as
from engage_server.operations.segments import members_on
from engage_server.operations.writes import require_version

MOST_AT_ONCE: Final = 10_000


@dataclass(frozen=True, slots=True)
class Asked:
    """Whether a person was asked: ``url`` is where it answers, None where it is not asked now."""

    url: str | None


@dataclass(frozen=True, slots=True)
class Wave:
    """How many persons a wave has asked, of how many it would ask if nobody had been asked lately."""

    persons: int
    asked: int


@dataclass(frozen=True, slots=True)
class Response:
    """What became of a survey's invitations."""

    asked: int
    answered: int
    dismissed: int


def create_survey(name: str, body: Mapping[str, Any]) -> Survey:
    """Make a survey; nobody is asked yet.

    Raises:
        DefinitionsError: says what is wrong with it; nothing was made.
    """
    with transaction.atomic():
        made = survey(store.define(SURVEY, name, read_body(SurveyBody, body)))
        record("survey.created", subject=f"survey {made.number}", details=_details(made))
    return made


def change_survey(
    number: int, *, name: str | None = None, changes: Mapping[str, Any], expected_version: int | None = None
) -> Survey:
    """Change a survey; what is left out stays. Who was asked answers the version that asked.

    Raises:
        ConflictError: it has another version by now than the client has seen.
        DefinitionsError: says what is wrong; nothing was changed.
    """
    with transaction.atomic():
        store.lock_definitions()
        former = survey(number)
        require_version(expected_version, former.version, of=f"The survey {former.name!r}")
        whole = {**former.body.model_dump(mode="json"), **changes}
        body = read_body(SurveyBody, whole) if changes else None
        if store.redefine(SURVEY, number, name=name, body=body):
            record("survey.changed", subject=f"survey {number}", details=_details(survey(number)))
    return survey(number)


def retire_survey(number: int) -> Survey:
    """End a survey: links that are out lead to a page that says so.

    Raises:
        UnknownDefinitionError
    """
    with transaction.atomic():
        former = survey(number)
        store.retire(SURVEY, number)
        record("survey.retired", subject=f"survey {number}", details=_details(former))
    return former


def invite_person(number: int, person: str, *, by: int | None = None) -> Asked:
    """Ask one person, by a channel to persons or, without one, by a link for a page of the tenant's own.

    Who was asked by a link and has not answered yet gets the same link again.

    Raises:
        UnknownPersonError: nobody is known under the name.
        UnaskableError: the channel sends no mail to persons.
        UnsendableError: the server does not know its own address.
    """
    require_public_url()
    with transaction.atomic():
        found = survey(number)
        _require_mail(by)
        row = canonical_person(Person.objects.select_related("merged_into").get(pk=person_known_as(person)))
        if by is None and (known := invitations.open_invitation_of(number, row.pk)) is not None:
            return Asked(invitations.survey_url(known))
        made = invitations.invite(found, [row.pk])
        if not made:
            return Asked(None)
        if by is not None:
            survey_mails.send(found, made, channel=by, cause=f"survey {number}")
        record("survey.invited", subject=f"survey {number}", details={"person": row.pk, "channel": by})
        return Asked(invitations.survey_url(made[0]))


def start_wave(
    number: int, *, release: int, by: int, segment: int, at_most: int, dry_run: bool = False
) -> Wave:
    """Ask the members of a segment of persons about a release, each once for it however often it is called.

    Args:
        number: of the survey.
        release: number of an annotation of the kind RELEASE.
        by: number of a channel to persons.
        segment: number of a segment of persons.
        at_most: so many persons the segment may have: what the caller means to ask.
        dry_run: count alone.

    Raises:
        UnknownDefinitionError, SegmentsError: there is none of a number.
        UnaskableError: the annotation is no release, the channel no mail to persons, the segment none of persons or larger.
    """
    require_public_url()
    with transaction.atomic():
        found = survey(number)
        _require_mail(by)
        if annotation(release).body.kind is not AnnotationKind.RELEASE:
            raise UnaskableError("The annotation is no release. Remedy: one of the kind RELEASE.")
        members = members_on(segment)
        if members.segment.body.subject != "person":
            raise UnaskableError("The segment is one of accounts. Remedy: a segment of persons.")
        size = len(members.ids)
        if size > min(at_most, MOST_AT_ONCE):
            raise UnaskableError(
                f"The segment has {size} persons, and {min(at_most, MOST_AT_ONCE)} were meant at most. Remedy: a smaller "
                f"segment, or say that so many are meant, {MOST_AT_ONCE} at once."
            )
        made = invitations.invite(found, members.ids, release=release)
        if dry_run:
            transaction.set_rollback(True)
            return Wave(size, len(made))
        survey_mails.send(found, made, channel=by, cause=f"survey {number}")
        details = {"release": release, "persons": size, "asked": len(made)}
        record("survey.wave_started", subject=f"survey {number}", details=details)
    return Wave(size, len(made))


def response_to(numbers: list[int]) -> dict[int, Response]:
    """What became of the invitations of these surveys; one statement."""
    rows = (
        SurveyInvitation.objects.filter(survey__in=numbers)
        .values_list("survey", "state")
        .annotate(number=Count("pk"))
    )
    counts = {(number, state): count for number, state, count in rows}
    state = SurveyInvitation.State
    return {
        number: Response(
            asked=sum(counts.get((number, one), 0) for one in state),
            answered=counts.get((number, state.ANSWERED), 0),
            dismissed=counts.get((number, state.DISMISSED), 0),
        )
        for number in numbers
    }


def _require_mail(by: int | None) -> None:
    if by is not None and channel(by).body.kind is not ChannelKind.PERSONS:
        raise UnaskableError("The channel does not go to persons. Remedy: one of the kind PERSONS.")


def _details(made: Survey) -> dict[str, Any]:
    return {"version": made.version, "kind": made.body.kind.value}
