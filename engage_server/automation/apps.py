"""Django's entry to the package."""

from django.apps import AppConfig

from engage_server.tenancy.late_registration import register_later


class AutomationConfig(AppConfig):
    """Rules, signals and the messages that follow from them."""

    name = "engage_server.automation"

    def ready(self) -> None:
        """Register the kinds of definitions, and leave the evaluation to the workers."""
        register_later(_register)


def _register() -> None:
    from engage_server.automation import delivery, evaluation, journeys
    from engage_server.automation.channels import CHANNEL, ChannelBody
    from engage_server.automation.playbooks import PLAYBOOK, PlaybookBody
    from engage_server.automation.reports import schedule
    from engage_server.automation.reports.definition import REPORT, ReportBody
    from engage_server.automation.rules import RULE, RuleBody
    from engage_server.automation.shares import SHARE, ShareBody
    from engage_server.automation.surveys import SURVEY, SurveyBody
    from engage_server.definitions.kinds import register_kind
    from engage_server.engine import background_tasks

    register_kind(RULE, RuleBody)
    register_kind(CHANNEL, ChannelBody)
    register_kind(PLAYBOOK, PlaybookBody)
    register_kind(SURVEY, SurveyBody)
    register_kind(SHARE, ShareBody)
    register_kind(REPORT, ReportBody)
    background_tasks.register(evaluation.TASK)
    background_tasks.register(journeys.TASK)
    background_tasks.register(schedule.TASK)
    background_tasks.register(delivery.TASK)
