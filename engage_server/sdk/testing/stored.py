"""Measurements as resolvers meet them once they are stored: for tests of a plugin's GraphQL fields."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

from engage_server.sdk.compute import Measurement, Subject
from engage_server.sdk.details import encoded
from engage_server.sdk.graphql import StoredValue
from engage_server.sdk.manifest import Manifest
from engage_server.sdk.testing.requests import DAY, window_for


class StoredMeasurements:
    """A MetricReader over measurements of one day; ``context()`` is what resolvers find as ``info.context``."""

    def __init__(
        self,
        manifest: Manifest,
        measurements: Iterable[Measurement],
        *,
        day: date = DAY,
        labels: Mapping[Subject, str] | None = None,
    ) -> None:
        """Keep the measurements under their full ids; subjects without a label have an empty one."""
        labels = labels or {}
        versions = {metric.id: metric.definition_version for metric in manifest.metrics}
        self._values = [
            stored_value(
                measurement,
                plugin=manifest.id,
                day=day,
                label=labels.get(measurement.subject, ""),
                definition_version=versions[measurement.metric],
            )
            for measurement in measurements
        ]

    def latest(self, metric: str, subject: Subject, on: date | None = None) -> StoredValue | None:
        """See MetricReader."""
        return next((value for value in self._found(metric, on) if value.subject == subject), None)

    def by_subject(self, metric: str, kind: str, on: date | None = None) -> list[StoredValue]:
        """See MetricReader; null values come last."""
        found = [value for value in self._found(metric, on) if value.subject.kind == kind]
        return sorted(found, key=lambda value: (value.value is None, -(value.value or 0.0)))

    def context(self) -> SimpleNamespace:
        """The context value to execute a schema with."""
        return SimpleNamespace(metrics=self)

    def _found(self, metric: str, on: date | None) -> Iterable[StoredValue]:
        return (value for value in self._values if value.metric == metric and on in (None, value.day))


def stored_value(
    measurement: Measurement, *, plugin: str, day: date = DAY, label: str = "", definition_version: int = 1
) -> StoredValue:
    """The measurement as the server keeps it after a first run, in UTC."""
    end = window_for(day).end
    return StoredValue(
        metric=f"{plugin}.{measurement.metric}",
        subject=measurement.subject,
        label=label,
        day=day,
        value=None if measurement.value is None else float(measurement.value),
        status=measurement.status,
        n=measurement.n,
        window_start=end - timedelta(days=measurement.window_days),
        window_end=end,
        timezone="UTC",
        definition_version=definition_version,
        configuration_version=1,
        revision=1,
        computed_at=datetime(day.year, day.month, day.day, 12, tzinfo=UTC),
        data_as_of=None,
        contributions=[asdict(part) for part in measurement.contributions],
        details=dict(encoded(measurement.details)),
        unit=measurement.unit,
        direction=measurement.direction,
        interval=measurement.interval,
        normalised=None if measurement.normalised is None else float(measurement.normalised),
    )
