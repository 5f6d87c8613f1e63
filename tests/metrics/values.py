"""Stored values written, changed and removed by hand."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from engage_server.metrics import bulk_copy
from engage_server.metrics.layouts import pack_stored
from engage_server.metrics.models import Computation, DayValue, MeasuredValue, MetricValue, Wording
from engage_server.metrics.wordings import numbers_of_series, numbers_of_texts

DAY = date(2026, 3, 31)
PART = {"points": None, "weight": None, "n": None, "note": ""}
COMPUTATION = (
    "timezone", "plugin_version", "configuration_version", "input_digest", "data_as_of", "run_id", "window_end",
    "computed_at",
)  # fmt: skip


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
    values: dict[str, Any] = {
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
        "revision": 1,
        "superseded_at": None,
        "reason": "",
        **changes,
    }
    packed = pack_stored([{**PART, **part} for part in values["contributions"]], values["details"])
    row = bulk_copy.Row(
        metric=metric,
        subject_kind=kind,
        subject_id=subject,
        value=None if value is None else Decimal(str(value)).quantize(Decimal("1e-10")),
        status=values["status"],
        n=values["n"],
        layout=packed.layout,
        figures=packed.figures,
        window_days=1,
        window_start=values["window_start"],
        definition_version=values["definition_version"],
        revision=values["revision"],
        reason=values["reason"],
    )
    lineage = {name: values[name] for name in bulk_copy.Lineage.__slots__ if name in values}
    bulk_copy.copy_values([row], bulk_copy.Lineage(**lineage, day=day))
    key = {
        "metric": metric,
        "subject_kind": kind,
        "subject_id": subject,
        "day": day,
        "revision": row.revision,
    }
    if values["superseded_at"] is not None:
        _day_values(**key).update(superseded_at=values["superseded_at"])
    return MetricValue.objects.get(**key)


def alter(*, all_of_them: bool = False, **changes: Any) -> None:
    """Change what was measured or where it comes from, behind the writer's back.

    ``all_of_them``: of every stored value; else ``where`` holds conditions on the view.
    """
    found = MetricValue.objects.all() if all_of_them else MetricValue.objects.filter(**changes.pop("where"))
    for value in found:
        _change(value, changes)


def remove(**where: Any) -> None:
    """Delete values."""
    for value in MetricValue.objects.filter(**where):
        _day_values_of(value).delete()


def copy_to_subject(value: MetricValue, subject: int, *, kind: str = "", metric: str = "") -> None:
    """Store a value again, of another subject (and metric), with a measurement of its own."""
    stored = _day_values_of(value).get()
    measured = MeasuredValue.objects.get(pk=stored.measured_id)
    measured.pk = None
    measured.save()
    series = (metric or value.metric, kind or value.subject_kind)
    DayValue.objects.create(
        measured_id=measured.pk, series_id=numbers_of_series([series])[series], day=stored.day, subject_id=subject,
        computation_id=stored.computation_id, revision=stored.revision,
    )  # fmt: skip


def _change(value: MetricValue, changes: dict[str, Any]) -> None:
    """Give the value measurement and lineage of its own, changed; what others share stays as it is."""
    stored = _day_values_of(value)
    row = stored.get()
    measured = MeasuredValue.objects.get(pk=row.measured_id)
    own = {
        name: new for name, new in changes.items() if name in {"value", "status", "n", "definition_version"}
    }
    explained = {"contributions": value.contributions, "details": value.details} | {
        name: new for name, new in changes.items() if name in {"contributions", "details"}
    }
    packed = pack_stored([{**PART, **part} for part in explained["contributions"]], explained["details"])
    measured.pk, measured.digest = None, None
    measured.layout_id = numbers_of_texts([packed.layout])[packed.layout]
    measured.figures = packed.figures.decode()
    for name, new in own.items():
        setattr(measured, name, new)
    measured.save()
    computation = Computation.objects.get(pk=row.computation_id)
    lineage = {name: new for name, new in changes.items() if name in COMPUTATION}
    if lineage:
        computation.pk = None
        for name, new in lineage.items():
            setattr(computation, name, new)
        computation.save()
    pointers: dict[str, Any] = {"measured_id": measured.pk, "computation_id": computation.pk}
    if "metric" in changes:
        pointers["series_id"] = numbers_of_series([(changes["metric"], value.subject_kind)])[
            changes["metric"], value.subject_kind
        ]
    stored.update(**pointers)


def _day_values_of(value: MetricValue):
    return _day_values(
        metric=value.metric, subject_kind=value.subject_kind, subject_id=value.subject_id, day=value.day,
        revision=value.revision,
    )  # fmt: skip


def _day_values(*, metric: str, subject_kind: str, **where: Any):
    series = Wording.objects.get(metric=metric, subject_kind=subject_kind)
    return DayValue.objects.filter(series_id=series.pk, **where)
