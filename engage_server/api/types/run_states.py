"""The states of a run, for the lists and for the subscriptions that show them."""

from typing import TypeAlias

from engage_server.engine.models import Run
from engage_server.sdk.graphql import expose_enum

RunState: TypeAlias = Run.State
expose_enum(
    RunState,
    name="RunState",
    description="PENDING waits, perhaps for another try; RUNNING is computed; the others are final: FAILED was given up "
    "after five failures, QUARANTINED took its worker along.",
)
