"""How a measurement's details, and what else it says of itself, lie in the column ``details`` together."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any, Final

from engage_server.sdk import Direction, Interval, Measurement
from engage_server.sdk.details import encoded

UNIT: Final = "value_unit"
DIRECTION: Final = "value_direction"
INTERVAL: Final = "value_interval"
NORMALISED: Final = "normalised"
OF_AN_INTERVAL: Final = tuple(field.name for field in fields(Interval))
OWN: Final = frozenset({UNIT, DIRECTION, INTERVAL, NORMALISED})
"""The names that the server writes beside the plugin's; no details class may use them."""

OWN_OF: Final = attrgetter("unit", "direction", "interval", "normalised")
NOTHING: Final = (None, None, None, None)


@dataclass(frozen=True, slots=True)
class Said:
    """The details, and what the value says of itself; null where it says nothing."""

    details: Mapping[str, Any]
    unit: str | None = None
    direction: Direction | None = None
    interval: Interval | None = None
    normalised: float | None = None


def as_stored(measurement: Measurement) -> Mapping[str, Any]:
    """The content of the column, ready for JSON.

    Raises:
        DetailsError: the details hold what their class does not say.
    """
    checked = measurement._encoded
    details = encoded(measurement.details) if checked is None else checked
    if OWN_OF(measurement) == NOTHING:
        return details
    stored = dict(details)
    if measurement.unit is not None:
        stored[UNIT] = measurement.unit
    if measurement.direction is not None:
        stored[DIRECTION] = measurement.direction.value
    if (interval := measurement.interval) is not None:
        stored[INTERVAL] = {name: getattr(interval, name) for name in OF_AN_INTERVAL}
    if measurement.normalised is not None:
        stored[NORMALISED] = measurement.normalised
    return stored


def as_said(stored: Mapping[str, Any]) -> Said:
    """The column taken apart; whatever an older release wrote under these names and cannot be read is null."""
    if not OWN & stored.keys():
        return Said(stored)
    unit = stored.get(UNIT)
    return Said(
        details={name: value for name, value in stored.items() if name not in OWN},
        unit=unit if isinstance(unit, str) else None,
        direction=_direction(stored.get(DIRECTION)),
        interval=_interval(stored.get(INTERVAL)),
        normalised=_number(stored.get(NORMALISED)),
    )


def _direction(stored: object) -> Direction | None:
    return next((direction for direction in Direction if direction == stored), None)


def _interval(stored: object) -> Interval | None:
    if not isinstance(stored, Mapping):
        return None
    low, high, level = (_number(stored.get(name)) for name in ("low", "high", "level"))
    if low is None or high is None or level is None:
        return None
    return Interval(low, high, level, str(stored.get("method", "")))


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
