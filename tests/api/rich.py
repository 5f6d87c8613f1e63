"""The plugin ``reach``: a metric whose declared details have a field of every kind, and two metrics beside it."""

import types
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any

from engage_server.sdk import (
    PERSONAL,
    Benchmark,
    Card,
    DetailsShape,
    Direction,
    Manifest,
    Metric,
    PluginConfig,
    Sample,
    hookimpl,
    shape_of,
)


class Band(Enum):
    LOW = "low"
    HIGH = "high"


@dataclass(frozen=True)
class Step:
    """A step of the way."""

    name: Annotated[str, "As it was configured."]
    taken: int
    band: Band | None = None


@dataclass(frozen=True)
class Reach:
    persons: Annotated[int, "Persons with an event."]
    share: float
    revenue: Decimal
    since: date
    seen_at: datetime
    band: Band
    is_new: bool
    loudest: Annotated[str | None, "Who did most.", PERSONAL]
    first_step: Step
    steps: tuple[Step, ...]
    words: tuple[str, ...]


STORED = {
    "persons": 7,
    "share": 0.25,
    "revenue": "1234567890.12",
    "since": "2026-01-02",
    "seen_at": "2026-03-04T05:06:07+00:00",
    "band": "HIGH",
    "is_new": True,
    "loudest": "ada@example.test",
    "first_step": {"name": "sign-up", "taken": 9, "band": None},
    "steps": [{"name": "sign-up", "taken": 9, "band": "HIGH"}, {"name": "invite", "taken": 4, "band": "LOW"}],
    "words": ["one", "two"],
}
CARD = Card(
    formula="reached / all",
    source="test",
    edge_rules=("Nobody: null.",),
    benchmarks=(Benchmark("Above 40 is good", "test", low=40, applies_to="all"),),
)


def metric(id: str, **changes: Any) -> Metric:
    given = {"title": id.title(), "unit": "%", "direction": Direction.UP, "subjects": ("tenant", "account")}
    return Metric(id=id, **{"card": CARD, **given, "sample": Sample.THINGS, **changes})


DETAILED = metric(
    "breadth", details=shape_of(Reach), units={"ko": "퍼센트"}, subjects=("tenant", "account", "feature")
)
COST = metric("cost", direction=Direction.DOWN, no_interval="Costs are counted, not estimated.")


def plugin(*metrics: Metric, id: str = "reach") -> types.ModuleType:
    made = types.ModuleType(id)
    manifest = Manifest(
        id=id, sdk=">=1", title=id.title(), config=PluginConfig, metrics=metrics, inputs={}, starter=False
    )
    hooks = {"engage_manifest": lambda: manifest, "engage_compute": lambda request: []}
    for name, hook in hooks.items():
        hook.__name__ = name
        setattr(made, name, hookimpl(hook))
    return made


def details(name: str, /, **fields: Any) -> DetailsShape:
    """A shape made by hand, as one that a foreign process sends."""
    return DetailsShape.from_json(
        {
            "name": name,
            "fields": [
                {"kind": kind, "name": field, **PLAIN, **more} for field, (kind, more) in fields.items()
            ],
        }
    )


PLAIN = {
    "description": "",
    "is_null": True,
    "is_list": False,
    "is_personal": False,
    "enum_name": "",
    "values": [],
    "shape": None,
}
REACH = plugin(DETAILED, COST, metric("depth", subjects=("tenant",)))
