"""Says what event names mean: class, polarity, weight, feature, and which of them are key actions."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Any, Final

from django.db import connection

from engage_server.activity.exceptions import InvalidDefinitionError, UnknownEventNameError
from engage_server.activity.models import DayBitmap, EventName, Feature
from engage_server.activity.rollups.freshness import require_current

MOST_CHARACTERS: Final = 200
PLACES: Final = Decimal("0.001")
LARGEST_WEIGHT: Final = Decimal(10) ** 6
POLARITIES: Final = (-1, 0, 1)
DAYS_OF: Final = """
    SELECT DISTINCT day FROM activity_daybitmap WHERE kind = %s AND event = ANY(%s) AND bit_count(bits) > 0
"""


@dataclass(frozen=True, slots=True)
class Definition:
    """What is to be said of a name; None leaves a field as it is, and an empty ``feature`` takes the feature away."""

    event_class: str | None = None
    polarity: int | None = None
    weight: Decimal | None = None
    feature: str | None = None
    is_key: bool | None = None

    @property
    def fields(self) -> dict[str, Any]:
        """The fields that are given."""
        return {name: value for name, value in asdict(self).items() if value is not None}


def checked(definition: Definition) -> Definition:
    """The definition as it can be stored, its weight with three places.

    Raises:
        InvalidDefinitionError: says which field cannot be, and what can.
    """
    if definition.event_class not in {None, *EventName.EventClass.values}:
        raise InvalidDefinitionError(
            f"The class {definition.event_class!r} is unknown. Remedy: one of {', '.join(EventName.EventClass.values)}."
        )
    if definition.polarity not in {None, *POLARITIES}:
        raise InvalidDefinitionError(f"The polarity {definition.polarity} is none. Remedy: -1, 0 or 1.")
    if definition.feature is not None and len(definition.feature) > MOST_CHARACTERS:
        raise InvalidDefinitionError(
            f"The feature's name is too long. Remedy: at most {MOST_CHARACTERS} characters."
        )
    return Definition(**{**asdict(definition), "weight": _weight(definition.weight)})


def define(entry: EventName, definition: Definition, *, as_tenant: bool) -> frozenset[str]:
    """Write what differs, in the scope of the tenant; return the names of the fields that did.

    Args:
        entry: as read from the table; it is changed along.
        definition: a checked one.
        as_tenant: the tenant said so, and presets leave these fields alone from now on; else it is a preset's word,
            and what the tenant set stands.
    """
    own = set(entry.own_fields or ())
    given = {name: value for name, value in definition.fields.items() if as_tenant or name not in own}
    if "feature" in given:
        given["feature"] = (
            Feature.objects.get_or_create(name=given["feature"])[0] if given["feature"] else None
        )
    changed = {name for name, value in given.items() if getattr(entry, name) != value}
    for name in changed:
        setattr(entry, name, given[name])
    if as_tenant and not own >= given.keys():
        entry.own_fields = sorted(own | given.keys())
        entry.save(update_fields=[*changed, "own_fields"])
    elif changed:
        entry.save(update_fields=sorted(changed))
    return frozenset(changed)


def entry_of(name: str) -> EventName:
    """The entry of this name, locked until the transaction ends.

    Raises:
        UnknownEventNameError: no event of this name was seen, and no preset brought it.
    """
    entry = (
        EventName.objects.select_for_update(of=("self",)).select_related("feature").filter(name=name).first()
    )
    if entry is None:
        raise UnknownEventNameError(
            f"There is no event {name!r} in the dictionary. Remedy: `manage.py dictionary list` shows those there are."
        )
    return entry


def days_with(entries: Iterable[EventName]) -> frozenset[date]:
    """The days of the tenant's calendar on which somebody who counts did one of these; inside ``current_rollups()``."""
    require_current()
    with connection.cursor() as cursor:
        cursor.execute(DAYS_OF, [DayBitmap.Kind.ROOT, [entry.pk for entry in entries]])
        return frozenset(day for (day,) in cursor.fetchall())


def definition_of(texts: Mapping[str, str]) -> Definition:
    """A definition out of ``field=value`` texts, as commands get them.

    Raises:
        InvalidDefinitionError: an unknown field, or a value that its field cannot have.
    """
    readers: dict[str, tuple[str, Callable[[str], Any]]] = {
        "class": ("event_class", str.upper),
        "polarity": ("polarity", int),
        "weight": ("weight", Decimal),
        "feature": ("feature", str),
        "key": ("is_key", _yes_no),
    }
    values: dict[str, Any] = {}
    for field, text in texts.items():
        if field not in readers:
            raise InvalidDefinitionError(f"There is no field {field!r}. Remedy: one of {', '.join(readers)}.")
        name, read = readers[field]
        try:
            values[name] = read(text)
        except (ValueError, InvalidOperation):
            raise InvalidDefinitionError(f"{field}={text}: this is no {field}.") from None
    return checked(Definition(**values))


def _weight(weight: Decimal | None) -> Decimal | None:
    if weight is None:
        return None
    if not weight.is_finite() or abs(weight) >= LARGEST_WEIGHT:
        raise InvalidDefinitionError(f"The weight {weight} is out of range. Remedy: between -10^6 and 10^6.")
    return weight.quantize(PLACES, ROUND_HALF_EVEN)


def _yes_no(text: str) -> bool:
    words = {"yes": True, "true": True, "no": False, "false": False}
    if text.lower() not in words:
        raise ValueError(text)
    return words[text.lower()]
