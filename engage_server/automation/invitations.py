"""Asks persons, each at most once in a while, and takes their answers, each once. Inside the tenant's scope.

A link says which invitation it is, signed; what it came to stands in the database, so that it is good for one answer.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Final

from django.core.signing import BadSignature, Signer
from django.db import connection, transaction

from engage_server.automation import outbox
from engage_server.automation.accounts_of_persons import accounts_of_persons
from engage_server.automation.addressees import persons_to_tell
from engage_server.automation.exceptions import ClosedSurveyError, UnfitAnswerError
from engage_server.automation.mail_links import bad_link, require_public_url, tenant_of_link, unsigned
from engage_server.automation.models import SurveyInvitation
from engage_server.automation.surveys import Survey, survey_version
from engage_server.customers.cache_epoch import lock_epoch
from engage_server.customers.models import Account, Person, PersonAlias
from engage_server.engine import agenda
from engage_server.ingest.items import PersonKey, ResponseItem
from engage_server.ingest.outcomes import OutcomeKind
from engage_server.ingest.store import store_items
from engage_server.tenancy.clock import database_now
from engage_server.tenancy.scope import TenantRef, current_tenant

SURVEY_PATH: Final = "survey"
SALT: Final = "engage.survey"
SOURCE: Final = "survey"
LONGEST_WORDS: Final = 5_000
# Two that ask the same person at once ask it once.
LOCK: Final = "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || ':surveys', 0))"
TAKEN: Final = frozenset({OutcomeKind.STORED, OutcomeKind.INCOMPLETE})
KEPT: Final = timedelta(days=400)
"""So long an invitation is kept: longer than any cool-down, and than any link is good for."""
REMOVED_AT_ONCE: Final = 10_000
State = SurveyInvitation.State


@dataclass(frozen=True, slots=True)
class SurveyLink:
    """What a link says: which invitation of which tenant, and whose."""

    tenant: TenantRef
    tenant_name: str
    invitation: int
    person: int


@dataclass(frozen=True, slots=True)
class Opened:
    """An invitation that can be answered, with what it asks and whom."""

    invitation: SurveyInvitation
    survey: Survey
    person: Person


def invite(
    survey: Survey, persons: Collection[int], *, release: int | None = None, cools_down: bool = True
) -> list[SurveyInvitation]:
    """Ask those of the persons who may be asked now, in the caller's transaction.

    Left out are those who are gone, suppressed or without consent, who were asked anything within the survey's cool-down,
    and of a wave who was asked in it already. A fixed number of statements.
    """
    with connection.cursor() as cursor:
        cursor.execute(LOCK)
    known = {person.pk: person for person in persons_to_tell(persons).values()}
    now = database_now()
    asked = SurveyInvitation.objects.filter(person__in=known)
    recent: set[int] = set()
    if cools_down:
        since = now - timedelta(days=survey.body.cool_down_days)
        recent |= set(asked.filter(asked_at__gt=since).values_list("person", flat=True))
    if release is not None:
        recent |= set(asked.filter(survey=survey.number, release=release).values_list("person", flat=True))
    wanted = sorted(known.keys() - recent)
    if wanted:
        agenda.call_at(outbox.TASK)  # its daily round takes old invitations away
    accounts = accounts_of_persons(wanted)
    return SurveyInvitation.objects.bulk_create(
        SurveyInvitation(
            survey=survey.number,
            version=survey.version,
            person=person,
            account=accounts.get(person),
            release=release,
            asked_at=now,
            ends_at=now + timedelta(days=survey.body.ends_after_days),
        )
        for person in wanted
    )


def remove_old() -> bool:
    """Delete invitations of long ago, so many at once; return whether there may be more. Answers stay."""
    old = SurveyInvitation.objects.filter(asked_at__lt=database_now() - KEPT).order_by("id")
    removed, _ = SurveyInvitation.objects.filter(pk__in=old.values("pk")[:REMOVED_AT_ONCE]).delete()
    return removed == REMOVED_AT_ONCE


def open_invitation_of(survey: int, person: int) -> SurveyInvitation | None:
    """The newest invitation of a survey that a person can still answer."""
    found = SurveyInvitation.objects.filter(
        survey=survey, person=person, state=State.ASKED, ends_at__gt=database_now()
    )
    return found.order_by("-pk").first()


def survey_url(invitation: SurveyInvitation) -> str:
    """Where an invitation is answered; below it ``/frame`` is the same for a frame.

    Raises:
        UnsendableError: the server does not know its own address.
    """
    signed = Signer(salt=SALT).sign(f"{current_tenant().id}.{invitation.pk}.{invitation.person}")
    return f"{require_public_url()}/{SURVEY_PATH}/{signed}"


def read_survey_link(text: str, *, host: str) -> SurveyLink:
    """What a link says; outside of any tenant's scope.

    Raises:
        BadLinkError: it was not signed here, or the tenant is gone.
        ForeignHostError: the host is another tenant's, or nobody's.
    """
    try:
        tenant_id, invitation, person = (int(part) for part in unsigned(text, salt=SALT).split("."))
    except (BadSignature, ValueError) as error:
        raise bad_link() from error
    tenant = tenant_of_link(tenant_id, host=host)
    return SurveyLink(tenant.ref, tenant.name, invitation, person)


def opened(link: SurveyLink) -> Opened:
    """The invitation of a link; locked where a transaction is under way.

    Raises:
        ClosedSurveyError: it was used, is over, or its survey or person is gone.
    """
    found = SurveyInvitation.objects.filter(pk=link.invitation, person=link.person)
    if connection.in_atomic_block:
        found = found.select_for_update()
    invitation = found.first()
    if invitation is None:
        raise ClosedSurveyError("gone")
    if invitation.state != State.ASKED:
        raise ClosedSurveyError("used")
    if invitation.ends_at <= database_now():
        raise ClosedSurveyError("expired")
    of = survey_version(invitation.survey, invitation.version)
    person = persons_to_tell([invitation.person]).get(invitation.person)
    if of is None or person is None:
        raise ClosedSurveyError("gone")
    return Opened(invitation, of, person)


def answer(link: SurveyLink, *, score: int | None, text: str) -> Opened:
    """Keep an answer: once, and as any other road would, so that what follows from answers follows.

    Args:
        link: of the invitation.
        score: a whole number of the survey's scale; None where it has none.
        text: words of the person, if any.

    Raises:
        ClosedSurveyError: as ``opened``.
        UnfitAnswerError: the score is not of the scale, or there are no words where words are asked for.
    """
    return _end(link, State.ANSWERED, score=score, text=text)


def dismiss(link: SurveyLink) -> Opened:
    """Keep that somebody would not answer.

    Raises:
        ClosedSurveyError: as ``opened``.
    """
    return _end(link, State.DISMISSED, score=None, text="")


def _end(link: SurveyLink, state: State, *, score: int | None, text: str) -> Opened:
    with transaction.atomic():
        lock_epoch()
        found = opened(link)
        item = _item(found, score=score, text=text, is_answer=state is State.ANSWERED)
        if item is not None:
            (outcome,) = store_items([item], source=SOURCE)
            if outcome.kind not in TAKEN:
                raise ClosedSurveyError("gone")
        SurveyInvitation.objects.filter(pk=found.invitation.pk).update(
            state=state, finished_at=database_now()
        )
    return found


def _item(found: Opened, *, score: int | None, text: str, is_answer: bool) -> ResponseItem | None:
    """What is stored; nothing of a dismissal that has no scale to be one of."""
    body, scale = found.survey.body, found.survey.body.scale
    words = text.strip()[:LONGEST_WORDS].replace("\x00", "") if body.asks_why else ""
    if is_answer and scale is not None and (score is None or not scale.low <= score <= scale.high):
        raise UnfitAnswerError("Remedy: choose one of the answers.")
    if scale is None and not words:
        if is_answer:
            raise UnfitAnswerError("Remedy: write some words.")
        return None
    invitation = found.invitation
    account = None
    if invitation.account is not None:
        names = Account.objects.filter(pk=invitation.account).values_list("external_id", flat=True)
        account = names.first()
    return ResponseItem(
        external_id=f"survey:{invitation.survey}:{invitation.pk}",
        instrument=body.answered_as,
        scale_min=None if scale is None else Decimal(scale.low),
        scale_max=None if scale is None else Decimal(scale.high),
        direction="UP" if scale is None else scale.direction,
        score=None if score is None or scale is None else Decimal(score),
        occurred_at=database_now(),
        person=_key_of(found.person),
        account=account,
        text=words,
        tags=() if invitation.release is None else (f"release {invitation.release}",),
    )


def _key_of(person: Person) -> PersonKey:
    if person.external_id is not None:
        return PersonKey(user_id=person.external_id)
    alias = PersonAlias.objects.filter(person=person).order_by("pk").values_list("alias", flat=True).first()
    return PersonKey(anonymous_id=alias)
