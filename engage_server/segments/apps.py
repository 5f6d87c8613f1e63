"""Django's entry to the package."""

from django.apps import AppConfig

from engage_server.tenancy.late_registration import register_later


class SegmentsConfig(AppConfig):
    """Segments of accounts and persons."""

    name = "engage_server.segments"

    def ready(self) -> None:
        """Register the kind of definition."""
        register_later(_register)


def _register() -> None:
    from engage_server.definitions.kinds import register_kind
    from engage_server.segments.body import SEGMENT, SegmentBody

    register_kind(SEGMENT, SegmentBody)
