"""Makes and changes a tenant's segments, on record; says who is in one on a day. Works inside the tenant's scope."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from engage_server.activity.rollups.freshness import current_rollups
from engage_server.audit.log import record
from engage_server.customers.windows import day_window
from engage_server.definitions import store
from engage_server.definitions.kinds import read_body
from engage_server.engine.data_retention import require_kept
from engage_server.engine.restatement import restate_segment
from engage_server.operations.writes import require_version
from engage_server.plugin_host.registry import registry
from engage_server.segments import catalogue
from engage_server.segments.body import SEGMENT, SegmentBody
from engage_server.segments.catalogue import Segment
from engage_server.segments.evaluation import Evaluation, specs_of
from engage_server.segments.exceptions import NotStaticError, UnknownMetricConditionError
from engage_server.segments.members import named_subjects, shown
from engage_server.segments.membership import Moved, add_members, remove_members
from engage_server.tenancy.scope import current_tenant


@dataclass(frozen=True, slots=True)
class Members:
    """Who is in a segment on a day, by number, as far as it may be shown."""

    segment: Segment
    day: date
    ids: tuple[int, ...]


def create_segment(name: str, body: Mapping[str, Any]) -> Segment:
    """Make a segment.

    Args:
        name: for people; no two segments have one name.
        body: ``subject`` ("account" or "person") and, unless members are to be listed by hand, ``condition``;
            ``description`` and ``tracked`` if wanted.

    Raises:
        SegmentsError, DefinitionsError: says what is wrong with it; nothing was made.
    """
    checked = _checked(body)
    with transaction.atomic():
        made = catalogue.make(name, checked)
        record("segment.created", subject=f"segment {made.number}", details=_details(made))
    return made


def change_segment(
    number: int, *, name: str | None = None, changes: Mapping[str, Any], expected_version: int | None = None
) -> Segment:
    """Change a segment's name or fields of its body; what is left out stays.

    Raises:
        ConflictError: it has another version by now than the client has seen.
        SegmentsError, DefinitionsError: says what is wrong; nothing was changed.
    """
    with transaction.atomic():
        store.lock_definitions()
        former = catalogue.segment(number)
        require_version(expected_version, former.version, of=f"The segment {former.name!r}")
        body = _checked({**former.body.model_dump(mode="json"), **_own(changes)}) if changes else None
        if catalogue.change(number, name=name, body=body):
            changed = catalogue.segment(number)
            record("segment.changed", subject=f"segment {number}", details=_details(changed))
            if changed.body.condition != former.body.condition:
                restate_segment(current_tenant(), number, date.min)
    return catalogue.segment(number)


def retire_segment(number: int) -> Segment:
    """End a segment; its versions stay as history.

    Raises:
        UnknownSegmentError, SegmentInUseError
    """
    with transaction.atomic():
        former = catalogue.retire(number)
        record("segment.retired", subject=f"segment {number}", details=_details(former))
    return former


def change_members(
    number: int, *, add: Iterable[str] = (), remove: Iterable[str] = (), start: date | None = None
) -> Moved:
    """Let accounts or persons belong to a static segment from a day on, and others no longer; all or nothing.

    Args:
        number: the segment's.
        add: external ids of accounts, or user ids of persons.
        remove: the same; who is not in it stays out.
        start: first day of the change; default: today in the tenant's calendar.

    Raises:
        UnknownSegmentError, NotStaticError, UnknownMemberError
    """
    day = start or datetime.now(current_tenant().zone).date()
    with transaction.atomic():
        segment = catalogue.segment(number)
        if not segment.body.is_static:
            raise NotStaticError(
                f"The members of {segment.name!r} follow from its condition. Remedy: change that, or make a segment "
                "without one and list its members."
            )
        subject = segment.body.subject
        leaving = remove_members(number, named_subjects(subject, remove).values(), day)
        coming = add_members(number, named_subjects(subject, add).values(), day)
        moved = Moved(joined=coming - leaving, left=leaving - coming)
        if moved:
            details: dict[str, Any] = {
                "joined": len(moved.joined),
                "left": len(moved.left),
                "from": day.isoformat(),
            }
            record("segment.members_changed", subject=f"segment {number}", details=details)
            restate_segment(current_tenant(), number, day)
    return moved


def members_on(number: int, on: date | None = None) -> Members:
    """Who is in a segment on a day; default: today, as far as it has come.

    Raises:
        UnknownSegmentError
        BeyondRetentionError: events that decide it are no longer kept.
    """
    tenant = current_tenant()
    segment = catalogue.segment(number)
    window = day_window(on or datetime.now(tenant.zone).date(), tenant.timezone)
    for body in (catalogue.segment(one).body for one in catalogue.reaching(number)):
        if body.condition is not None:
            require_kept(tenant, specs_of(body.condition, body.subject), window.day)
    with current_rollups():
        found = Evaluation(window).members(number)
    return Members(segment, window.day, tuple(shown(segment.body.subject, found)))


def count_fitting(body: Mapping[str, Any]) -> int:
    """How many a segment of this body would have today, as far as it has come; nothing is made.

    Args:
        body: ``subject`` and ``condition``, as `create_segment` takes them.

    Raises:
        SegmentsError, DefinitionsError: says what is wrong with it.
        BeyondRetentionError: events that decide it are no longer kept.
    """
    checked = _checked(body)
    catalogue.require_sound(checked)
    if checked.condition is None:
        return 0
    tenant = current_tenant()
    window = day_window(datetime.now(tenant.zone).date(), tenant.timezone)
    referred = (one for number in catalogue.references(checked) for one in catalogue.reaching(number))
    for each in (checked, *(catalogue.segment(one).body for one in referred)):
        if each.condition is not None:
            require_kept(tenant, specs_of(each.condition, each.subject), window.day)
    with current_rollups():
        found = Evaluation(window).fitting(checked.condition, checked.subject)
    return len(shown(checked.subject, found))


def versions_of(number: int) -> list[Segment]:
    """Every version of a segment, the newest first.

    Raises:
        UnknownSegmentError
    """
    catalogue.segment(number)
    return list(store.history(SEGMENT, SegmentBody, number))


def _checked(body: Mapping[str, Any]) -> SegmentBody:
    checked = read_body(SegmentBody, body)
    installed = registry().plugins
    for metric, subject in catalogue.metrics_of(checked):
        plugin_id, _, metric_id = metric.partition(".")
        declared = installed[plugin_id].manifest.metrics if plugin_id in installed else ()
        kinds = next((one.subjects for one in declared if one.id == metric_id), ())
        if subject not in kinds:
            raise UnknownMetricConditionError(
                f"There is no metric {metric!r} of {subject}s. Remedy: `metrics {{ id subjects }}` lists those there are."
            )
    return checked


def _own(changes: Mapping[str, Any]) -> dict[str, Any]:
    """The changes; a segment with another condition is none of a dimension's values any more."""
    return {**changes, "dimension": ""} if "condition" in changes else {**changes}


def _details(segment: Segment) -> dict[str, Any]:
    body = segment.body
    return {"version": segment.version, "subject": body.subject, "tracked": body.tracked}
