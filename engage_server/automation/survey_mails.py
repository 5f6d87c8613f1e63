"""Writes the mails that ask into the outbox, in the transaction of the invitations. Inside the tenant's scope."""

from collections.abc import Sequence
from dataclasses import replace

from engage_server.automation import outbox
from engage_server.automation.addressees import language_of
from engage_server.automation.invitations import survey_url
from engage_server.automation.mail_links import SURVEY_ASKED
from engage_server.automation.messages import LONGEST_SUBJECT, Message
from engage_server.automation.models import SurveyInvitation
from engage_server.automation.quiet_hours import Allowed
from engage_server.automation.survey_texts import MAILS, question
from engage_server.automation.surveys import Survey
from engage_server.customers.models import Person
from engage_server.tenancy.models import Tenant
from engage_server.tenancy.scope import current_tenant, shared_scope


def send(
    survey: Survey,
    made: Sequence[SurveyInvitation],
    *,
    channel: int,
    cause: str,
    allowed: Allowed | None = None,
) -> None:
    """Have each invitation mailed to its person, in its language; ``allowed``: in these hours alone.

    Raises:
        UnsendableError: the server does not know its own address.
    """
    if not made:
        return
    with shared_scope():
        tenant_name = Tenant.objects.values_list("name", flat=True).get(pk=current_tenant().id)
    persons = Person.objects.in_bulk([one.person for one in made])
    messages = [
        replace(_mail(survey, one, language_of(persons[one.person].traits), tenant_name), allowed=allowed)
        for one in made
        if one.person in persons
    ]
    outbox.put(channel, messages, cause=cause)


def _mail(survey: Survey, one: SurveyInvitation, language: str, tenant_name: str) -> Message:
    asked = " ".join(question(survey.body, language, tenant_name=tenant_name).split())
    url = f"{survey_url(one)}?language={language}"
    data = {"survey": survey.number, "subject": {"kind": "person", "id": one.person}}
    return Message(
        SURVEY_ASKED,
        asked[:LONGEST_SUBJECT],
        MAILS[language].format(question=asked, url=url),
        data,
        account=one.account,
    )
