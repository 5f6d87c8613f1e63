"""Django's entry to the package."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core import checks
from django.utils.module_loading import autodiscover_modules

from engage_server.tenancy.late_registration import register_later


class EngineConfig(AppConfig):
    """Schedules and runs."""

    name = "engage_server.engine"

    def ready(self) -> None:
        """Have changes of persons restated; have the resolvers of all apps loaded, and them and plugins checked."""
        register_later(_register)
        checks.register(_check_inputs)


def _register() -> None:
    from engage_server.activity.rollups.affected_days import on_persons_changed
    from engage_server.engine.plugin_examination import unrunnable
    from engage_server.engine.restatement import note_person_changes
    from engage_server.plugin_host.registry import examine_with

    autodiscover_modules("inputs", "input_ranges")
    examine_with(unrunnable)
    on_persons_changed(note_person_changes)


def _check_inputs(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[checks.CheckMessage]:
    from engage_server.engine.checks import check_inputs

    return check_inputs()
