"""Opens subscriptions and answers them: every answer is that of an ordinary execution, for who may read it then."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engage_server.access.principal import Principal
from engage_server.api.execution import Answer, GraphQLRequest, answer
from engage_server.api.live.changes import Change, Happening, Opening, RunsFinished, Topic, Wanted
from engage_server.tenancy.clock import database_now
from engage_server.tenancy.scope import TenantRef, tenant_scope


@dataclass(frozen=True, slots=True)
class Opened:
    """A subscription that was found valid and permitted. ``since``: what happened earlier is not told."""

    request: GraphQLRequest
    tenant: TenantRef
    wanted: Wanted
    since: datetime

    @property
    def topic(self) -> Topic:
        """What has to be looked for."""
        return self.wanted.topic

    def happenings(self, change: Change) -> Sequence[Happening]:
        """What of a change of its tenant it is told, one answer each."""
        if isinstance(change, RunsFinished):
            change = RunsFinished([run for run in change.runs if run.finished_at > self.since])
        return self.wanted.happenings(change)

    def answer(self, happening: Happening, principal: Principal) -> dict[str, Any]:
        """The payload that tells of a happening.

        Raises:
            RequestError, PluginHostError, OperationalError, InterfaceError: as ``answer``.
        """
        return answer(self.request, principal, root=happening).payload


def open_operation(request: GraphQLRequest, principal: Principal, *, may_change: bool) -> Opened | Answer:
    """Open a subscription; the answer where the operation is a query or a mutation, or was refused.

    Raises:
        RequestError, PluginHostError, OperationalError, InterfaceError: as ``answer``.
    """
    opening = Opening()
    with tenant_scope(principal.tenant):
        since = database_now()
    given = answer(request, principal, may_change=may_change, root=opening)
    if opening.wanted is None or "errors" in given.payload:
        return given
    return Opened(request, principal.tenant, opening.wanted, since)
