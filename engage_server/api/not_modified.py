"""Answers of which it is known that they are what they were, without computing them once more.

Such an answer was made by PostgreSQL alone (``database_json``), so it depends on the request, on who asks and by which
rights, on the plugins, on the tenant's day, and on what the database shows. As long as the database's snapshot is the same,
nobody has committed anything: it shows the same. A change anywhere in it, another tenant's too, costs one more computation.
"""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec
from graphql_compiled import ReadyJson

from engage_server.access.principal import Principal
from engage_server.api.database_json.lists import may_be_ready
from engage_server.api.deadline import STATEMENT_TIMEOUT_MS
from engage_server.api.execution import GraphQLRequest
from engage_server.plugin_host.activation import recent_active_ids
from engage_server.tenancy.postgresql.prepared import read
from engage_server.tenancy.scope import TenantRef, tenant_scope

MOST_ANSWERS: Final = 2_000  # 200 bytes each
# A transaction that has written sees what nobody else does. A server that was restored counts its transactions anew.
STATE: Final = """
    SELECT CASE WHEN pg_current_xact_id_if_assigned() IS NULL
        THEN pg_current_snapshot()::text || ' ' || pg_postmaster_start_time()::text END
"""


@dataclass(frozen=True, slots=True)
class Mark:
    """What an answer is made of: ``request`` stands for all that is asked and by whom, ``state`` for the data."""

    request: bytes
    state: str


_known: Final[OrderedDict[bytes, tuple[str, str]]] = OrderedDict()
_lock: Final = threading.Lock()


def mark(asked: GraphQLRequest, principal: Principal) -> Mark | None:
    """What the answer to a query will be made of, if that can be told.

    Raises:
        OperationalError, InterfaceError: the database does not answer.
    """
    if not may_be_ready(principal):
        return None
    with tenant_scope(principal.tenant, timeout_ms=STATEMENT_TIMEOUT_MS):
        plugins, state = sorted(recent_active_ids()), _state()
    if state is None:
        return None
    told = (
        principal.tenant.id,
        principal.actor,
        sorted(permission.value for permission in principal.permissions),
        plugins,
        datetime.now(principal.tenant.zone).date().isoformat(),
        asked.query,
        asked.variables,
        asked.operation_name,
    )
    return Mark(hashlib.sha256(msgspec.json.encode(told, order="deterministic")).digest(), state)


def etag_at(one: Mark) -> str | None:
    """The ETag of the answer where it was remembered under the same state of the data."""
    with _lock:
        etag, state = _known.get(one.request, ("", ""))
        if state != one.state:
            return None
        _known.move_to_end(one.request)
        return etag


def remember(one: Mark, payload: Mapping[str, Any], etag: str, tenant: TenantRef) -> None:
    """Note the ETag of an answer that was made behind its mark, if nothing was committed since.

    Raises:
        OperationalError, InterfaceError: the database does not answer.
    """
    data = payload.get("data")
    if "errors" in payload or not data or not all(isinstance(part, ReadyJson) for part in data.values()):
        return
    with tenant_scope(tenant, timeout_ms=STATEMENT_TIMEOUT_MS):
        if _state() != one.state:
            return
    with _lock:
        _known[one.request] = (etag, one.state)
        _known.move_to_end(one.request)
        while len(_known) > MOST_ANSWERS:
            _known.popitem(last=False)


def _state() -> str | None:
    ((state,),) = read(STATE, {})
    return None if state is None else str(state)
