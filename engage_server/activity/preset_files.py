"""Reads the dictionaries that come with the server, one TOML file for each kind of product."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any, Final

from engage_server.activity.definitions import Definition, checked
from engage_server.activity.exceptions import InvalidDefinitionError, UnknownPresetError

FIELDS: Final = frozenset({"name", "class", "polarity", "weight", "feature", "key"})


@dataclass(frozen=True, slots=True)
class Preset:
    """A kind of product and what the event names mean there."""

    id: str
    title: str
    events: Mapping[str, Definition]


def preset_ids() -> list[str]:
    """The names of all presets."""
    files = resources.files("engage_server.activity").joinpath("presets").iterdir()
    return sorted(file.name.removesuffix(".toml") for file in files if file.name.endswith(".toml"))


@cache
def preset(preset_id: str) -> Preset:
    """The preset of this name, with the events of the one that it extends.

    Raises:
        UnknownPresetError: there is none; says which there are.
    """
    if preset_id not in preset_ids():
        raise UnknownPresetError(
            f"There is no preset {preset_id!r}. Remedy: one of {', '.join(preset_ids())}."
        )
    file = resources.files("engage_server.activity").joinpath("presets", f"{preset_id}.toml")
    data = tomllib.loads(file.read_text("utf-8"), parse_float=Decimal)
    extended = preset(data["extends"]).events if "extends" in data else {}
    own = {event["name"]: _definition(event) for event in data["event"]}
    return Preset(preset_id, data["title"], {**extended, **own})


def _definition(event: Mapping[str, Any]) -> Definition:
    unknown = event.keys() - FIELDS
    if unknown:
        raise InvalidDefinitionError(f"A preset's event has no field {', '.join(sorted(unknown))}.")
    return checked(
        Definition(
            event_class=event.get("class", "VALUE"),
            polarity=event.get("polarity", 1),
            weight=Decimal(event.get("weight", 1)),
            feature=event.get("feature", ""),
            is_key=event.get("key", False),
        )
    )
