"""Django's entry to the package."""

from django.apps import AppConfig


class AutomationConfig(AppConfig):
    """Rules, signals and the messages that follow from them."""

    name = "engage_server.automation"

    def ready(self) -> None:
        """Register the kinds of definitions, and leave the evaluation to the workers."""
        from engage_server.automation import delivery, evaluation, journeys
        from engage_server.automation.channels import CHANNEL, ChannelBody
        from engage_server.automation.playbooks import PLAYBOOK, PlaybookBody
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
        background_tasks.register(evaluation.TASK)
        background_tasks.register(journeys.TASK)
        background_tasks.register(delivery.TASK)
