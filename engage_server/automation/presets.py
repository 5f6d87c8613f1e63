"""Playbooks that come with the server, each with the case that it is taken from: data, a TOML file each. They are made off.

They speak of the tenant's own events, which whoever applies one names: nobody's product calls them the same.
"""

import tomllib
from collections.abc import Mapping
from importlib import resources
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from engage_server.automation.exceptions import UnknownPresetError

FOLDER: Final = resources.files("engage_server.automation").joinpath("preset_data")
SEGMENT: Final = "%segment%"
LONGEST_LINK: Final = 500
Need = Literal["after", "event", "link"]


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PresetSegment(_Data):
    """Whom the rule is about, followed from then on; the words of docs/segments.md."""

    name: str
    subject: Literal["account", "person"]
    condition: dict[str, Any]


class Preset(_Data):
    """A rule and a playbook after it.

    ``needs`` are what whoever applies it names: events of the tenant's own, and the address of a page (``link``). They
    stand as ``%event%`` in the rule and the steps, and ``%segment%`` for the segment's number. ``usual`` names a metric
    in days whose newest value says how long to wait.
    """

    id: str
    order: int
    title: Mapping[str, str]
    why: Mapping[str, str]
    needs: tuple[Need, ...]
    rule: dict[str, Any]
    steps: tuple[dict[str, Any], ...] = Field(alias="step")
    segment: PresetSegment | None = None
    usual: str = ""


def _read() -> tuple[Preset, ...]:
    found = [
        Preset(id=file.name.removesuffix(".toml"), **tomllib.loads(file.read_text("utf-8")))
        for file in FOLDER.iterdir()
        if file.name.endswith(".toml")
    ]
    return tuple(sorted(found, key=lambda one: one.order))


PRESETS: Final = _read()


def preset(id: str) -> Preset:
    """The preset of an id.

    Raises:
        UnknownPresetError: there is none; names those there are.
    """
    found = next((one for one in PRESETS if one.id == id), None)
    if found is None:
        known = ", ".join(one.id for one in PRESETS)
        raise UnknownPresetError(f"There is no preset {id[:100]!r}. Remedy: one of these: {known}.")
    return found


def require_needs(one: Preset, given: Mapping[str, str]) -> None:
    """Go on where what it needs is named, and nothing else.

    Raises:
        UnknownPresetError: an event is not named, or one that it does not need is; or the link is no web address.
    """
    if set(given) != set(one.needs):
        wanted = " and ".join(one.needs) or "no event"
        raise UnknownPresetError(
            f"The preset {one.id!r} needs {wanted}. Remedy: name what it needs and nothing else."
        )
    link = given.get("link", "https://")
    if not link.startswith("https://") or len(link) > LONGEST_LINK or not link.isprintable() or "{" in link:
        raise UnknownPresetError(
            f"The link {link[:100]!r} is no address. Remedy: one that begins with https:// and has at most "
            f"{LONGEST_LINK} characters, no braces among them."
        )


def filled(
    one: Preset, *, channel: int, given: Mapping[str, str], segment: int | None = None
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The body of its rule and the steps of its playbook, with what was named and the channel put in."""
    words: dict[str, Any] = {f"%{need}%": name for need, name in given.items()}
    if segment is not None:
        words[SEGMENT] = segment
    rule = {field: _filled(value, words) for field, value in one.rule.items()}
    steps = [{field: _filled(value, words) for field, value in step.items()} for step in one.steps]
    return rule, [{**step, "channel": channel} if step["type"] == "message" else step for step in steps]


def _filled(value: Any, words: Mapping[str, Any]) -> Any:
    if isinstance(value, Mapping):
        return {field: _filled(below, words) for field, below in value.items()}
    if not isinstance(value, str):
        return value
    if value in words:
        return words[value]
    for mark, word in words.items():
        value = value.replace(mark, str(word))
    return value
