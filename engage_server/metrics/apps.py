"""Django's entry to the package."""

from django.apps import AppConfig

from engage_server.tenancy.late_registration import register_later


class MetricsConfig(AppConfig):
    """Stored values, and what people define about them."""

    name = "engage_server.metrics"

    def ready(self) -> None:
        """Register the kinds of definitions."""
        register_later(_register)


def _register() -> None:
    from engage_server.definitions.kinds import register_kind
    from engage_server.metrics.annotations import ANNOTATION, AnnotationBody
    from engage_server.metrics.goals import GOAL, GoalBody
    from engage_server.metrics.overrides import OVERRIDE, OverrideBody

    register_kind(GOAL, GoalBody)
    register_kind(ANNOTATION, AnnotationBody)
    register_kind(OVERRIDE, OverrideBody)
