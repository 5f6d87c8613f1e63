"""Asks the person of a journey by a survey; inside the tenant's scope and a transaction."""

from engage_server.automation import invitations, survey_mails
from engage_server.automation.exceptions import UnsendableError
from engage_server.automation.models import Journey
from engage_server.automation.quiet_hours import Allowed
from engage_server.automation.steps import AskSurvey
from engage_server.automation.surveys import survey
from engage_server.definitions.exceptions import UnknownDefinitionError


def ask(journey: Journey, step: AskSurvey, allowed: Allowed | None) -> str:
    """Have the person asked, within hours; return why not, empty where it is."""
    if journey.subject_kind != "person":
        return "a survey asks persons, and the signal is about none"
    try:
        found = survey(step.survey)
        made = invitations.invite(found, [journey.subject])
        cause = f"playbook {journey.playbook}"
        survey_mails.send(found, made, channel=step.channel, cause=cause, allowed=allowed)
    except UnknownDefinitionError:
        return "the survey was retired"
    except UnsendableError as error:
        return str(error)
    return "" if made else "the person was asked lately, or may not be asked"
