"""Django's entry to the package."""

from django.apps import AppConfig
from django.conf import settings

from engage_server.telemetry.exceptions import TracingUnavailableError


class TelemetryConfig(AppConfig):
    """Counters, log lines, request ids, traces."""

    name = "engage_server.telemetry"

    def ready(self) -> None:
        """Begin to trace where ENGAGE_OTEL is on.

        Raises:
            TracingUnavailableError: the packages of the extra "otel" are missing.
        """
        if not settings.ENGAGE_OTEL:
            return
        try:
            from engage_server.telemetry import opentelemetry
        except ModuleNotFoundError as error:
            raise TracingUnavailableError(
                f"ENGAGE_OTEL is on and the package {error.name!r} is not installed. "
                "Remedy: pip install 'engage-server[otel]', or set ENGAGE_OTEL=0."
            ) from error
        opentelemetry.start()
