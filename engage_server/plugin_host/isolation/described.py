"""A foreign plugin's manifest as plain data, and the manifest that the server makes of it.

The server never imports a foreign plugin. What it would ask the plugin's classes it asks the data: the JSON Schema of the
configuration, the input specifications by the names that the SDK gives them, the shapes of the details.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from typing import Any, Final, Protocol, get_type_hints, runtime_checkable

import msgspec
from pydantic import BaseModel, SecretStr

from engage_server import sdk
from engage_server.sdk import InputSpec, Manifest, Metric, PluginConfig
from engage_server.sdk.details_shape import DetailsShape

OF_CODE: Final = frozenset({"config", "inputs", "metrics", "upgrade_config"})
"""The fields of a manifest or metric that are the plugin's code, or are described one by one."""
KINDS: Final[Mapping[str, type[InputSpec]]] = {
    name: kind
    for name in sdk.__all__
    if isinstance(kind := getattr(sdk, name), type) and issubclass(kind, InputSpec) and kind is not InputSpec
}


@runtime_checkable
class ClearConfig(Protocol):
    """A configuration that the server keeps as plain JSON."""

    def in_clear(self) -> dict[str, Any]:
        """All fields, secrets in clear."""


class Spec(msgspec.Struct, frozen=True):
    """An input specification: its class in the SDK, and its fields."""

    kind: str
    fields: dict[str, Any]


class Described(msgspec.Struct, frozen=True):
    """A manifest. ``inputs`` are those under the default configuration."""

    manifest: dict[str, Any]
    metrics: list[dict[str, Any]]
    schema: dict[str, Any]
    defaults: dict[str, Any]
    inputs: dict[str, Spec]
    upgrades: bool


def described(manifest: Manifest) -> Described:
    """The manifest as data; in the plugin's process.

    Raises:
        TypeError, ValueError: something in it cannot be written down.
    """
    config = manifest.config()
    return Described(
        manifest=_plain_fields(manifest),
        metrics=[_plain_fields(metric) for metric in manifest.metrics],
        schema=manifest.config.model_json_schema(),
        defaults=in_clear(config),
        inputs=specs_of(manifest.inputs_for(config)),
        upgrades=manifest.upgrade_config is not None,
    )


def manifest_of(
    data: Described,
    *,
    config: type[PluginConfig],
    inputs: Callable[[Any], Any],
    upgrade: Callable[[Mapping[str, Any]], Mapping[str, Any]],
) -> Manifest:
    """The manifest that the data tell; ``config``, ``inputs`` and ``upgrade`` stand for the plugin's own.

    Raises:
        ValueError, TypeError: the data are none; says where.
    """
    metrics = tuple(Metric(**_typed_fields(Metric, metric)) for metric in data.metrics)
    return Manifest(
        **_typed_fields(Manifest, data.manifest),
        config=config,
        metrics=metrics,
        inputs=inputs,
        upgrade_config=upgrade if data.upgrades else None,
    )


def type_problems(manifest: Manifest) -> Iterator[str]:
    """Which fields of a manifest and its metrics are of another type than the SDK declares; nobody else looks."""
    parts: tuple[Manifest | Metric, ...] = (manifest, *manifest.metrics)
    for declared in parts:
        hints = get_type_hints(type(declared))
        for field in fields(declared):
            value = getattr(declared, field.name)
            if field.name in OF_CODE or callable(value):
                continue
            try:
                _typed(hints[field.name], msgspec.to_builtins(value, enc_hook=_written), strict=True)
            except (TypeError, ValueError) as error:
                yield f"{type(declared).__name__}.{field.name} of {declared.id!r} is {value!r}: {error}."


def specs_of(inputs: Mapping[str, InputSpec]) -> dict[str, Spec]:
    """Input specifications as data."""
    return {
        # The declared fields alone: columns that follow from them (of properties, of steps) are types, which do not travel.
        name: Spec(
            type(spec).__name__,
            {one.name: msgspec.to_builtins(getattr(spec, one.name)) for one in fields(spec)},
        )
        for name, spec in inputs.items()
    }


def inputs_of(specs: Mapping[str, Spec]) -> dict[str, InputSpec]:
    """The input specifications that data tell.

    Raises:
        ValueError: the SDK has no such input, or not with such fields; says which.
    """
    made: dict[str, InputSpec] = {}
    for name, spec in specs.items():
        kind = KINDS.get(spec.kind)
        if kind is None:
            raise ValueError(f"the input {name!r} is {spec.kind}, which is no input of the SDK")
        try:
            made[name] = msgspec.convert(spec.fields, kind, strict=False)
        except msgspec.ValidationError as error:
            raise ValueError(f"the input {name!r} is no {spec.kind}: {error}") from error
    return made


def in_clear(config: BaseModel) -> dict[str, Any]:
    """A configuration as JSON with its secrets in clear: for the plugin's process, and for sealing."""
    return {
        name: _revealed(value, dumped)
        for (name, dumped) in config.model_dump(mode="json", round_trip=True).items()
        for value in [getattr(config, name, dumped)]
    }


def _revealed(value: Any, dumped: Any) -> Any:
    """``dumped``, in which the stars of each secret of ``value`` are replaced by its text."""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, BaseModel):
        return {name: _revealed(getattr(value, name, part), part) for name, part in dumped.items()}
    if isinstance(value, Mapping) and isinstance(dumped, Mapping):
        return {
            name: _revealed(part, dumped_part)
            for part, (name, dumped_part) in zip(value.values(), dumped.items(), strict=True)
        }
    if isinstance(value, list | tuple) and isinstance(dumped, list):
        return [_revealed(part, dumped_part) for part, dumped_part in zip(value, dumped, strict=True)]
    return dumped


def _plain_fields(made: Any) -> dict[str, Any]:
    return {
        field.name: msgspec.to_builtins(getattr(made, field.name), enc_hook=_written)
        for field in fields(made)
        if field.name not in OF_CODE and not callable(getattr(made, field.name))
    }


def _written(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return in_clear(value)
    raise TypeError(f"{type(value).__name__} cannot be written as data")


def _typed_fields(kind: type, data: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a dataclass of the SDK, each of its declared type; a field that this SDK does not know is left out."""
    hints = get_type_hints(kind)
    return {
        name: _typed(hints[name], value)
        for name, value in data.items()
        if name in hints and name not in OF_CODE
    }


def _typed(hint: Any, value: Any, *, strict: bool = False) -> Any:
    if hint == DetailsShape | None:
        return None if value is None else DetailsShape.from_json(value)
    return msgspec.convert(value, hint, strict=strict)
