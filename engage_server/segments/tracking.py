"""Which segments a tenant tracks, and what decides who is in them. Inside the tenant's scope."""

from engage_server.sdk import InputSpec
from engage_server.segments.catalogue import Segment, reaching, segments
from engage_server.segments.evaluation import specs_of


def tracked() -> list[Segment]:
    """The segments for which metrics are computed by schedule."""
    return [one for one in segments() if one.body.tracked]


def tracked_specs() -> tuple[InputSpec, ...]:
    """The inputs that decide who is in a tracked segment: what changes in them concerns the segment's values."""
    bodies = {one.number: one.body for one in segments()}
    numbers = {number for one in bodies if bodies[one].tracked for number in reaching(one)}
    found: dict[InputSpec, None] = {}
    for number in sorted(numbers):
        condition = bodies[number].condition
        if condition is not None:
            found.update(dict.fromkeys(specs_of(condition, bodies[number].subject)))
    return tuple(found)
