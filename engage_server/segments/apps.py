"""Django's entry to the package."""

from django.apps import AppConfig


class SegmentsConfig(AppConfig):
    """Segments of accounts and persons."""

    name = "engage_server.segments"

    def ready(self) -> None:
        """Register the kind of definition."""
        from engage_server.definitions.kinds import register_kind
        from engage_server.segments.body import SEGMENT, SegmentBody

        register_kind(SEGMENT, SegmentBody)
