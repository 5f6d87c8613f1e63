"""A small plugin in several releases, one of which is installed at a time."""

import types
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from pydantic import Field, SecretStr

from engage_server.plugin_host import registry as plugin_registry
from engage_server.plugin_host.registry import Candidate
from engage_server.sdk import (
    TENANT,
    Accounts,
    Card,
    ComputeRequest,
    Direction,
    InputSpec,
    Manifest,
    Measurement,
    Metric,
    PluginConfig,
    hookimpl,
)

CARD = Card(formula="1", source="ours", edge_rules=("None.",))


class Settings(PluginConfig):
    """What the plugin takes."""

    days: int = Field(7, description="Length of the window.")
    token: SecretStr = Field(SecretStr(""), description="Of the other system.")


def release(
    *,
    definition: int = 1,
    config: type[PluginConfig] = Settings,
    inputs: Mapping[str, InputSpec] | None = None,
    upgrade_config: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = None,
) -> types.ModuleType:
    """The module of one release. Its value is the length of the token; the definition is added."""
    made = types.ModuleType("tracker")

    def engage_manifest() -> Manifest:
        metric = Metric(
            id="score", title="Score", unit="", direction=Direction.UP, subjects=("tenant",), card=CARD,
            definition_version=definition,
        )  # fmt: skip
        return Manifest(
            id="tracker", sdk=">=1,<3", title="Tracker", config=config, metrics=(metric,), starter=False,
            inputs={"accounts": Accounts()} if inputs is None else inputs, upgrade_config=upgrade_config,
        )  # fmt: skip

    def engage_compute(request: ComputeRequest[Any]) -> list[Measurement]:
        token = request.config.token.get_secret_value()
        return [Measurement("score", TENANT, len(token) + definition, 1)]

    for hook in (engage_manifest, engage_compute):
        setattr(made, hook.__name__, hookimpl(hook))
    return made


@contextmanager
def installed(module: types.ModuleType, version: str = "1.0") -> Iterator[None]:
    """The only plugin there is, in this version, for a while."""
    candidate = Candidate("tracker", "engage-tracker", version, lambda: module)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plugin_registry, "installed_candidates", lambda: [candidate])
        plugin_registry.registry.cache_clear()
        yield
    plugin_registry.registry.cache_clear()
