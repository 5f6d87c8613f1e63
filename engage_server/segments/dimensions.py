"""Segments that the server makes of the values of a tracked dimension: one for each value that an account ever has.

A dimension is tracked while a tracked segment is of it (``SegmentBody.dimension``): nothing else is kept of it. Works
inside the tenant's scope.
"""

import hashlib
import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

from django.db import transaction

from engage_server.definitions import store
from engage_server.definitions.kinds import read_body
from engage_server.segments import catalogue
from engage_server.segments.body import SegmentBody
from engage_server.segments.catalogue import Segment
from engage_server.segments.conditions import Plan, Stage, Trait
from engage_server.segments.evaluation import Evaluation
from engage_server.segments.exceptions import UnknownDimensionError
from engage_server.segments.groups import MOST_GROUPS, OF_ACCOUNTS, OF_BANDS, OF_PERSONS

ATTRIBUTES: Final = ("plan", "stage")
OTHERS: Final = frozenset({"", "owner", "top"})
LONGEST_DIMENSION: Final = 100
DIGEST: Final = 8
log = logging.getLogger("engage.segments")


def trackable(dimension: str) -> str:
    """The dimension as its segments bear it.

    Raises:
        UnknownDimensionError: no condition says which of its values an account has.
    """
    name = dimension.strip().removeprefix(OF_ACCOUNTS)
    if name in OTHERS or name.startswith((OF_PERSONS, OF_BANDS)) or len(name) > LONGEST_DIMENSION:
        raise UnknownDimensionError(
            f"{dimension[:LONGEST_DIMENSION]!r} cannot be tracked. Remedy: plan, stage, or the name of a trait of accounts; "
            "of others make the segments that matter."
        )
    return name


def values_of(dimension: str, evaluation: Evaluation) -> list[str]:
    """The values that accounts have on the evaluation's day, in their order."""
    is_attribute = dimension in ATTRIBUTES
    found = evaluation.by_attribute(dimension) if is_attribute else evaluation.by_trait("account", dimension)
    return sorted(value for value in found if value.strip())


def segments_of(dimension: str) -> dict[str, Segment]:
    """The segments of a dimension that are in force, tracked or not, by value."""
    return _by_dimension().get(dimension, {})


def make_missing(evaluation: Evaluation) -> list[Segment]:
    """Make a segment of each value that somebody has on the evaluation's day and that a tracked dimension has none of.

    A dimension has as many segments as groups may be asked for, and no more; the log says what has none.
    """
    known = _by_dimension()
    tracked = [name for name, found in known.items() if any(one.body.tracked for one in found.values())]
    missing = {name: set(values_of(name, evaluation)) - known[name].keys() for name in tracked}
    return [one for name, values in missing.items() if values for one in make(name, values)]


def make(dimension: str, values: Iterable[str]) -> list[Segment]:
    """Make tracked segments of those values that have none; return what was made."""
    made: list[Segment] = []
    with transaction.atomic():
        store.lock_definitions()
        known = segments_of(dimension)
        names = {one.name for one in catalogue.segments()}
        missing = sorted(set(values) - known.keys())
        free = max(0, MOST_GROUPS - len(known))
        for value in missing[:free]:
            name = _name(dimension, value, taken=names)
            names.add(name)
            made.append(catalogue.make(name, _body(dimension, value)))
    if missing[free:]:
        log.warning(
            "%s values of %r have no segment, since a dimension has %s at most. Remedy: stop tracking it, and make segments "
            "of the values that matter.", len(missing[free:]), dimension, MOST_GROUPS,
            extra={"action": "dimension_full"},
        )  # fmt: skip
    return made


def _by_dimension() -> Mapping[str, dict[str, Segment]]:
    found: dict[str, dict[str, Segment]] = defaultdict(dict)
    for one in catalogue.segments():
        match one.body.condition:
            case (Plan() | Stage() | Trait()) as condition if one.body.dimension and condition.any_of:
                found[one.body.dimension][str(condition.any_of[0])] = one
            case _:
                pass
    return found


def _body(dimension: str, value: str) -> SegmentBody:
    said = {"type": dimension} if dimension in ATTRIBUTES else {"type": "trait", "name": dimension}
    condition = {**said, "any_of": [value]}
    return read_body(
        SegmentBody, {"subject": "account", "condition": condition, "tracked": True, "dimension": dimension}
    )


def _name(dimension: str, value: str, *, taken: Iterable[str]) -> str:
    """A name that says what it is; with a digest of the value where that is too long, or somebody took the name."""
    name = f"{dimension}: {value}"
    if len(name) <= store.LONGEST_NAME and name not in taken:
        return name
    digest = hashlib.sha256(value.encode()).hexdigest()[:DIGEST]
    return f"{name[: store.LONGEST_NAME - DIGEST - 1]} {digest}"
