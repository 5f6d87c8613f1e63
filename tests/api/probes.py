"""Two small plugins, ``mood`` and ``pulse``, and the means to install plugins made in a test."""

import types
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Annotated

import strawberry
from pydantic import Field

from engage_server.plugin_host.registry import Candidate, Plugin, build_registry
from engage_server.sdk import (
    Card,
    Direction,
    GraphQLContribution,
    Manifest,
    Metric,
    PluginConfig,
    Vector,
    hookimpl,
    shape_of,
)


class ProbeConfig(PluginConfig):
    days: int = Field(30, description="Length of the window in days.")


@dataclass(frozen=True)
class Temper:
    share: Annotated[float, "Share of the good-tempered."]


def metric(metric_id: str) -> Metric:
    card = Card(
        formula="promised - kept",
        source="test",
        edge_rules=("No answer: null.",),
        vectors=(Vector(given="1, 2", expected="3", source="ours"),),
    )
    return Metric(
        id=metric_id,
        title=metric_id.title(),
        unit="points",
        direction=Direction.UP,
        subjects=("tenant", "account", "feature"),
        card=card,
        titles={"ko": "점수"},
        details=shape_of(Temper),
    )


def probe(
    plugin_id: str, contribution: GraphQLContribution | None, metrics: Iterable[str] = ("score",)
) -> types.ModuleType:
    made = types.ModuleType(plugin_id)
    manifest = Manifest(
        id=plugin_id,
        sdk=">=2,<3",
        title=plugin_id.title(),
        config=ProbeConfig,
        metrics=tuple(metric(name) for name in metrics),
        inputs={},
        starter=False,
    )
    hooks: dict[str, Callable] = {
        "engage_manifest": lambda: manifest,
        "engage_compute": lambda request: [],
        "engage_graphql": lambda: contribution or GraphQLContribution(),
    }
    for name, hook in hooks.items():
        hook.__name__ = name
        setattr(made, name, hookimpl(hook))
    return made


@strawberry.type
class MoodQuery:
    @strawberry.field
    def mood_fault(self) -> float | None:
        raise KeyError("a secret of the plugin")


@strawberry.type
class MoodAccountFields:
    @strawberry.field
    def mood_letter(self) -> str:
        return "m"


@strawberry.type
class PulseQuery:
    @strawberry.field
    def pulse_rate(self) -> int | None:
        return 72


MOOD = probe(
    "mood",
    GraphQLContribution(query=MoodQuery, account=MoodAccountFields),
    metrics=("score", "swing", "range"),
)
PULSE = probe("pulse", GraphQLContribution(query=PulseQuery))


def candidates(*modules: types.ModuleType) -> list[Candidate]:
    return [
        Candidate(module.__name__, f"engage-{module.__name__}", "1.2.3", lambda module=module: module)
        for module in modules
    ]


def plugins(*modules: types.ModuleType) -> list[Plugin]:
    built = build_registry(candidates(*modules))
    assert not built.broken
    return list(built.plugins.values())
