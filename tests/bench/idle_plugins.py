"""Ten plugins that do nothing, installed for a while: what is left of a run's time is the engine's own."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from engage_server.sdk import (
    Card,
    ComputeRequest,
    Direction,
    Manifest,
    Measurement,
    Metric,
    PluginConfig,
    hookimpl,
)
from tests.end_to_end.extra_plugins import announce

IDS: Final = tuple(f"idle{number}" for number in range(10))
CARD: Final = Card(formula="Nothing.", source="ours", edge_rules=("It never measures anything.",))


class IdlePlugin:
    """The hooks of one of them."""

    def __init__(self, plugin_id: str) -> None:
        self.id = plugin_id

    @hookimpl
    def engage_manifest(self) -> Manifest:
        """One metric, no inputs, not for new tenants."""
        metric = Metric(
            id="nothing",
            title="Nothing",
            unit="",
            direction=Direction.UP,
            subjects=("tenant",),
            card=CARD,
            titles={"en": "Nothing", "ko": "없음"},
            units={"en": "", "ko": ""},
        )
        return Manifest(
            id=self.id, sdk=">=2,<3", title="Idle", config=PluginConfig, metrics=(metric,), inputs={},
            starter=False, translations={"en": "Idle", "ko": "무동작"},
        )  # fmt: skip

    @hookimpl
    def engage_compute(self, request: ComputeRequest[Any]) -> list[Measurement]:
        """Measure nothing."""
        return []


idle0, idle1, idle2, idle3, idle4, idle5, idle6, idle7, idle8, idle9 = map(IdlePlugin, IDS)


@contextmanager
def installed(directory: Path) -> Iterator[str]:
    """Announce the plugins as an installed distribution would; yields what PYTHONPATH must hold for workers."""
    announce(directory, {plugin_id: f"{__name__}:{plugin_id}" for plugin_id in IDS})
    sys.path.insert(0, str(directory))
    try:
        yield str(directory)
    finally:
        sys.path.remove(str(directory))
