"""Django's entry to the package."""

from django.apps import AppConfig


class AutomationConfig(AppConfig):
    """Rules and signals."""

    name = "engage_server.automation"

    def ready(self) -> None:
        """Register the kinds of definitions, and leave the evaluation to the workers."""
        from engage_server.automation import evaluation
        from engage_server.automation.rules import RULE, RuleBody
        from engage_server.definitions.kinds import register_kind
        from engage_server.engine import background_tasks

        register_kind(RULE, RuleBody)
        background_tasks.register(evaluation.TASK)
