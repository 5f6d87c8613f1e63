"""The configuration of a foreign plugin in the server: plain JSON under the plugin's JSON Schema, no class of the plugin's.

A regular expression of the schema is matched in linear time, and nothing that it refers to is fetched.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

import jsonschema_rs
from pydantic import ConfigDict

from engage_server.plugin_host.secret_fields import starred
from engage_server.sdk import PluginConfig


class ForeignConfig(PluginConfig):
    """Base of the classes that ``config_class`` makes. Its fields are whatever the schema says."""

    model_config = ConfigDict(extra="allow", frozen=True)

    declared: ClassVar[Mapping[str, Any]] = {}
    defaults: ClassVar[Mapping[str, Any]] = {}
    validator: ClassVar[jsonschema_rs.Validator]

    def __init__(self, **values: Any) -> None:
        super().__init__(**{**self.defaults, **values})

    @classmethod
    def problems(cls, values: Mapping[str, Any]) -> dict[str, str]:
        """What the schema has against these values, by the path of the field; no value stands in it."""
        return {
            ".".join(str(part) for part in error.instance_path) or "(whole)": error.message
            for error in cls.validator.iter_errors(dict(values))
        }

    @classmethod
    def model_json_schema(cls, *args: Any, **options: Any) -> dict[str, Any]:
        """The schema as the plugin declares it."""
        return dict(cls.declared)

    def model_dump(self, **options: Any) -> dict[str, Any]:
        """All fields, secrets as stars."""
        return starred(self.declared, self.in_clear())

    def in_clear(self) -> dict[str, Any]:
        """All fields, secrets in clear."""
        return dict(self.model_extra or {})


def config_class(plugin: str, schema: Mapping[str, Any], standard: Mapping[str, Any]) -> type[ForeignConfig]:
    """The class of one plugin's configuration; ``standard`` are its defaults.

    Raises:
        ValueError: the schema is none.
    """
    try:
        checked = jsonschema_rs.validator_for(
            dict(schema), offline=True, mask="the value", pattern_options=jsonschema_rs.RegexOptions()
        )
    except (ValueError, jsonschema_rs.ReferencingError) as error:
        raise ValueError(f"the JSON Schema of its configuration is none: {error}") from error

    class Config(ForeignConfig):
        declared: ClassVar[Mapping[str, Any]] = dict(schema)
        defaults: ClassVar[Mapping[str, Any]] = dict(standard)
        validator: ClassVar[jsonschema_rs.Validator] = checked

    Config.__name__ = f"{plugin.title()}Config"
    Config.__doc__ = f"The configuration of {plugin}."
    return Config
