"""What somebody asks of a metric now: of which days, for which part of the tenant, under which configuration.

Works inside the tenant's scope.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

import msgspec
from django.utils import timezone
from pydantic import BaseModel, ConfigDict

from engage_server.activity.rollups.freshness import current_rollups
from engage_server.activity.watermark import watermark
from engage_server.customers.inputs import trailing_start
from engage_server.customers.slices import WHOLE
from engage_server.customers.windows import day_window
from engage_server.engine.data_retention import require_kept
from engage_server.engine.exceptions import TooManyAnswersError, UnknownMetricError
from engage_server.engine.on_demand import Asked, chosen, compute_slices, measure_slices, require_tenant_value
from engage_server.engine.tracked_segments import slice_of
from engage_server.plugin_host.activation import (
    ActivePlugin,
    active_plugin,
    current_settings,
    validate_config,
)
from engage_server.sdk import TENANT, Measurement, Subject, Window
from engage_server.sdk.details import encoded
from engage_server.sdk.graphql import StoredValue
from engage_server.segments.catalogue import reaching, segment
from engage_server.segments.evaluation import Evaluation, specs_of
from engage_server.segments.groups import OF_PERSONS, Group, groups_of
from engage_server.tenancy.scope import current_tenant

ENCODER: Final = msgspec.json.Encoder(enc_hook=float, decimal_format="number")


class Question(BaseModel):
    """A metric's values from ``first`` to ``last``, both included.

    ``segment`` is a number, ``group_by`` a dimension (see ``segments.groups``), ``config`` replaces fields of the
    plugin's configuration. Without them it is the tenant as a whole, as it is set.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    metric: str
    first: date
    last: date
    segment: int | None = None
    group_by: str | None = None
    config: dict[str, Any] | None = None

    @property
    def names_persons(self) -> bool:
        """Whether the groups are what single persons are."""
        return self.group_by is not None and self.group_by.startswith(OF_PERSONS)

    @property
    def days(self) -> list[date]:
        """The days asked for, the oldest first; none where the range is turned round."""
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]


@dataclass(frozen=True, slots=True)
class Answered:
    """The value of one day and group; the group is None where the question names no dimension."""

    group: str | None
    value: StoredValue


def answers(question: Question, *, skip: int = 0, most: int | None = None) -> Iterator[list[Answered]]:
    """The values of one day after the other; of each day those of all groups.

    ``skip``: so many days were answered already. ``most``: so many values are given at most, of all days.

    Raises:
        UnknownPluginError, PluginDisabledError, InvalidConfigurationError: before anything is computed.
        SegmentsError: there is no such segment or dimension.
        TooManyAnswersError: more than ``most`` were asked for.
        NoTenantValueError, NotSliceableError, BeyondRetentionError, PluginFailedError: see ``on_demand``.
    """
    asked = _asked(question)
    for day in question.days[skip:]:
        yield _answer_day(question, asked, day, most=most)


def of_segment(plugin_id: str, number: int, day: date) -> dict[str, StoredValue]:
    """All metrics of the tenant that a plugin measures, of a segment's members on a day; by full id.

    Raises:
        UnknownPluginError, PluginDisabledError, UnknownSegmentError
        NotSliceableError, BeyondRetentionError, PluginFailedError: see ``on_demand``.
    """
    active = active_plugin(plugin_id)
    window = day_window(day, current_tenant().timezone)
    with current_rollups():
        data_as_of = watermark()
        ((label, part),) = [(group.label, group.part) for group in _parts(number, None, window)]
        (measured,) = measure_slices(active, window, [part])
    asked = [Asked(active, one.metric) for one in measured if one.subject == TENANT]
    values = [
        _value(
            of,
            chosen(of, measured, window),
            window,
            Subject("segment", number),
            label=label,
            data_as_of=data_as_of,
        )
        for of in asked
    ]
    return {value.metric: value for value in values}


def require_answerable(question: Question) -> None:
    """Go on with a question about what there is, without answering it.

    Raises:
        UnknownPluginError, PluginDisabledError, InvalidConfigurationError, UnknownMetricError, NoTenantValueError
        UnknownSegmentError
    """
    _asked(question)
    if question.segment is not None:
        segment(question.segment)


def require_few(question: Question, *, most: int) -> None:
    """Go on with a question of a range of at most so many days.

    Raises:
        TooManyAnswersError
    """
    number = len(question.days)
    if not 1 <= number <= most:
        raise TooManyAnswersError(
            f"{question.first} to {question.last} are {max(number, 0)} days, and 1 to {most} are computed at once. "
            "Remedy: a shorter range, or a computation that works on by itself."
        )


def _answer_day(question: Question, asked: Asked, day: date, *, most: int | None) -> list[Answered]:
    tenant = current_tenant()
    window = day_window(day, tenant.timezone)
    with current_rollups():
        data_as_of = watermark()
        groups = _parts(question.segment, question.group_by, window)
        if most is not None and len(groups) * len(question.days) > most:
            raise TooManyAnswersError(
                f"{len(question.days)} days of {len(groups)} groups are more than {most} values at once. "
                "Remedy: fewer days, or a computation that works on by itself."
            )
        measured = compute_slices(asked, window, [group.part for group in groups])
    subject = TENANT if question.segment is None else Subject("segment", question.segment)
    return [
        Answered(
            group=group.label if question.group_by is not None else None,
            value=_value(asked, measurement, window, subject, label=group.label, data_as_of=data_as_of),
        )
        for group, measurement in zip(groups, measured, strict=True)
    ]


def _parts(number: int | None, group_by: str | None, window: Window) -> list[Group]:
    evaluation = Evaluation(window)
    part, label = WHOLE, ""
    if number is not None:
        wanted = segment(number)
        for body in (segment(one).body for one in reaching(number)):
            if body.condition is not None:
                require_kept(current_tenant(), specs_of(body.condition, body.subject), window.day)
        part, label = slice_of(wanted.body, evaluation.members(number)), wanted.name
    if group_by is None:
        return [Group(label, part)]
    return [Group(one.label, one.part.meet(part)) for one in groups_of(group_by, evaluation)]


def _asked(question: Question) -> Asked:
    plugin_id, _, metric_id = question.metric.partition(".")
    active = active_plugin(plugin_id)
    if question.config is not None:
        merged = {**current_settings()[plugin_id].config, **question.config}
        config = {name: value for name, value in merged.items() if value is not None}
        active = ActivePlugin(active.plugin, validate_config(active.plugin, config), version=active.version)
    if metric_id not in {metric.id for metric in active.plugin.manifest.metrics}:
        raise UnknownMetricError(
            f"The plugin {plugin_id!r} has no metric {metric_id!r}. Remedy: `metrics {{ id }}` lists those there are."
        )
    asked = Asked(active, metric_id)
    require_tenant_value(asked)
    return asked


def _value(
    asked: Asked,
    measured: Measurement,
    window: Window,
    subject: Subject,
    *,
    label: str,
    data_as_of: datetime | None,
) -> StoredValue:
    """The measurement in the form in which stored values are shown; revision 0 says that it is not stored."""
    return StoredValue(
        metric=asked.full_id,
        subject=subject,
        label=label,
        day=window.day,
        value=None if measured.value is None else float(measured.value),
        status=measured.status,
        n=measured.n,
        window_start=trailing_start(window, measured.window_days),
        window_end=window.end,
        timezone=window.timezone,
        definition_version=asked.active.plugin.metric(asked.metric).definition_version,
        configuration_version=asked.active.version,
        revision=0,
        computed_at=timezone.now(),
        data_as_of=data_as_of,
        contributions=_plain(measured.contributions),
        details=dict(encoded(measured.details)),
        unit=measured.unit,
        direction=measured.direction,
        interval=measured.interval,
        normalised=None if measured.normalised is None else float(measured.normalised),
    )


def _plain(parts: object) -> Any:
    return msgspec.json.decode(ENCODER.encode(parts))
