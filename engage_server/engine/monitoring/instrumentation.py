"""Makes what a run does visible: its log lines name it, it is counted and timed, and it is a span of the trace."""

import functools
import time
from collections.abc import Callable
from typing import Concatenate, ParamSpec

from engage_server.engine.ledger import Claim
from engage_server.telemetry import counters
from engage_server.telemetry.context import about
from engage_server.telemetry.tracing import span
from engage_server.tenancy.scope import TenantRef

P = ParamSpec("P")
Execute = Callable[Concatenate[TenantRef, Claim, P], int | None]


def observed(execute: Execute[P]) -> Execute[P]:
    """Decorates what executes a claimed run; None from it means failed."""

    @functools.wraps(execute)
    def seen(tenant: TenantRef, claimed: Claim, /, *args: P.args, **kwargs: P.kwargs) -> int | None:
        began = time.perf_counter()
        written = None
        with (
            about(tenant=tenant.slug, plugin=claimed.plugin, run=claimed.run_id),
            span("run", tenant=tenant.slug, plugin=claimed.plugin, run=claimed.run_id),
        ):
            try:
                written = execute(tenant, claimed, *args, **kwargs)
            finally:
                seconds = time.perf_counter() - began
                counters.count_run(
                    claimed.plugin, succeeded=written is not None, seconds=seconds, tenant=tenant.slug
                )
        return written

    return seen
