"""Django's entry to the package."""

from django.apps import AppConfig


class EngineConfig(AppConfig):
    """Schedules and runs."""

    name = "engage_server.engine"

    def ready(self) -> None:
        """Have changes of persons restated."""
        from engage_server.activity.rollups.affected_days import on_persons_changed
        from engage_server.engine.restatement import note_person_changes

        on_persons_changed(note_person_changes)
