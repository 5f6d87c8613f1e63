"""What a process asks of the database for all its subscriptions together, in a thread."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from engage_server.access.principal import Principal
from engage_server.activity.recent_events import RecentEvent, recent_events
from engage_server.api.exceptions import RequestError
from engage_server.api.live.credentials import Credential
from engage_server.automation.recent_signals import RaisedSignal, signals_behind
from engage_server.engine.finished_runs import FinishedRun, finished_runs
from engage_server.tenancy.scope import TenantRef, tenant_scope

TENANTS_TIMEOUT_MS = 1_000


@dataclass(frozen=True, slots=True)
class Looked:
    """Runs that ended lately, and for whom each credential stands now or why it opens nothing any more."""

    runs: Sequence[FinishedRun]
    principals: Mapping[Credential, Principal | RequestError]


def look(tenants: Collection[int], credentials: Collection[Credential]) -> Looked:
    """One statement for the runs of all these tenants, and one in four seconds for each credential.

    Raises:
        OperationalError, InterfaceError: the database does not answer.
    """
    runs = finished_runs(tenants) if tenants else ()
    return Looked(runs, {one: _principal(one) for one in credentials})


def look_at_events(tenant: TenantRef) -> Sequence[RecentEvent]:
    """The events that came to a tenant lately; one statement.

    Raises:
        OperationalError, InterfaceError: the database does not answer.
    """
    with tenant_scope(tenant, timeout_ms=TENANTS_TIMEOUT_MS):
        return recent_events()


def look_at_signals(tenant: TenantRef, behind: int) -> Sequence[RaisedSignal]:
    """The signals that were raised in a tenant behind a number; one statement.

    Raises:
        OperationalError, InterfaceError: the database does not answer.
    """
    with tenant_scope(tenant, timeout_ms=TENANTS_TIMEOUT_MS):
        return signals_behind(behind)


def _principal(credential: Credential) -> Principal | RequestError:
    try:
        return credential.principal()
    except RequestError as error:
        return error
