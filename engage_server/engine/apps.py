"""Django's entry to the package."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class EngineConfig(AppConfig):
    """Schedules and runs."""

    name = "engage_server.engine"

    def ready(self) -> None:
        """Have changes of persons restated; load the resolvers of all apps, and the checks of them and of
        plugins.
        """
        from engage_server.activity.rollups.affected_days import on_persons_changed
        from engage_server.engine import checks  # noqa: F401
        from engage_server.engine.plugin_examination import unrunnable
        from engage_server.engine.restatement import note_person_changes
        from engage_server.plugin_host.registry import examine_with

        autodiscover_modules("inputs", "input_ranges")
        examine_with(unrunnable)
        on_persons_changed(note_person_changes)
