"""Stored values written by hand."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from engage_server.metrics.models import MetricValue

DAY = date(2026, 3, 31)


def store(
    metric: str,
    value: float | None,
    *,
    kind: str = "tenant",
    subject: int = 0,
    day: date = DAY,
    **changes: Any,
) -> MetricValue:
    """Write a value in force, as a run would."""
    end = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)
    values = {
        "metric": metric,
        "subject_kind": kind,
        "subject_id": subject,
        "day": day,
        "value": value,
        "status": "NO_DATA" if value is None else "OK",
        "n": 4,
        "contributions": [{"key": "all", "label": "All", "value": value, "points": value}],
        "details": {"share": 0.5},
        "window_start": end - timedelta(days=1),
        "window_end": end,
        "timezone": "Europe/Berlin",
        "definition_version": 1,
        "plugin_version": "1.2.3",
        "configuration_version": 1,
        "input_digest": "0" * 32,
        "data_as_of": end,
        "run_id": 1,
    }
    return MetricValue.objects.create(**{**values, **changes})
