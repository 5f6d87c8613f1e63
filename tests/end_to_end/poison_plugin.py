"""A plugin that kills the process it runs in, as a crash in a C library would."""

import os
import signal
from typing import Any

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


@hookimpl
def engage_manifest() -> Manifest:
    """One metric that is never measured."""
    metric = Metric(
        id="death",
        title="Death",
        unit="",
        direction=Direction.DOWN,
        subjects=("tenant",),
        card=Card(formula="None.", source="ours", edge_rules=("It never measures anything.",)),
        titles={"en": "Death", "ko": "죽음"},
        units={"en": "", "ko": ""},
    )
    return Manifest(
        id="poison", sdk=">=2,<3", title="Poison", config=PluginConfig, metrics=(metric,), inputs={},
        starter=False, translations={"en": "Poison", "ko": "독"},
    )  # fmt: skip


@hookimpl
def engage_compute(request: ComputeRequest[Any]) -> list[Measurement]:
    """Die, and take the worker along."""
    os.kill(os.getpid(), signal.SIGKILL)
    return []
