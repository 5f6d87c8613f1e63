"""Which segments a tenant tracks, and what decides who is in them. Inside the tenant's scope."""

from engage_server.sdk import InputSpec
from engage_server.segments.catalogue import Segment, reaching, segment, segments
from engage_server.segments.evaluation import specs_of


def tracked() -> list[Segment]:
    """The segments for which metrics are computed by schedule."""
    return [one for one in segments() if one.body.tracked]


def tracked_specs() -> tuple[InputSpec, ...]:
    """The inputs that decide who is in a tracked segment: what changes in them concerns the segment's values."""
    found: dict[InputSpec, None] = {}
    for number in sorted(tracked_reach()):
        body = segment(number).body
        if body.condition is not None:
            found.update(dict.fromkeys(specs_of(body.condition, body.subject)))
    return tuple(found)


def tracked_reach() -> frozenset[int]:
    """The tracked segments and all that they refer to."""
    return frozenset(number for one in tracked() for number in reaching(one.number))
