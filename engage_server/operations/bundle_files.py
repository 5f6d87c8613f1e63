"""Reads the bundles that come with the server: data, one TOML file each. No code of the server names a plugin."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict

from engage_server.operations.exceptions import UnknownBundleError

FOLDER: Final = resources.files("engage_server.operations").joinpath("bundle_data")


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BundledPlugin(_Data):
    """A plugin to enable, with the fields of its configuration that are not to be at their defaults."""

    id: str
    config: dict[str, Any] = {}


class BundledSegment(_Data):
    """A segment to make, unless there is one of this name; the condition is in the words of docs/segments.md."""

    name: str
    subject: Literal["account", "person"]
    description: str
    condition: dict[str, Any]


class Bundle(_Data):
    """What belongs together: plugins, segments, and of the tenant the cadence, the dictionary preset and the primary metric.

    What is empty the bundle leaves as it is.
    """

    id: str
    title: Mapping[str, str]
    plugin: tuple[BundledPlugin, ...]
    segment: tuple[BundledSegment, ...] = ()
    cadence: Literal["", "DAILY", "WEEKLY", "MONTHLY"] = ""
    preset: str = ""
    primary_metric: str = ""


def bundle_ids() -> list[str]:
    """The names of all bundles."""
    return sorted(file.name.removesuffix(".toml") for file in FOLDER.iterdir() if file.name.endswith(".toml"))


@cache
def bundle(bundle_id: str) -> Bundle:
    """The bundle of this name.

    Raises:
        UnknownBundleError: there is none; says which there are.
    """
    if bundle_id not in bundle_ids():
        raise UnknownBundleError(
            f"There is no bundle {bundle_id[:100]!r}. Remedy: one of {', '.join(bundle_ids())}."
        )
    return Bundle(id=bundle_id, **tomllib.loads(FOLDER.joinpath(f"{bundle_id}.toml").read_text("utf-8")))
