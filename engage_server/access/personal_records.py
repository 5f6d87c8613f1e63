"""Records what concerns a person rather than one tenant in the audit log of each tenant that they belong to."""

from engage_server.access.models import User
from engage_server.access.sessions import belongings_of
from engage_server.audit.actor import acting_as
from engage_server.audit.log import record
from engage_server.tenancy.scope import tenant_scope


def record_in_each_tenant(user: User, action: str, *, actor: str, **details: str) -> bool:
    """Record it, tenant by tenant; False where there is none that is served.

    Args:
        user: whom it concerns.
        action: as ``audit.log.record``.
        actor: who did it.
        details: more about it.
    """
    belongings = belongings_of(user.pk)
    for belonging in belongings:
        with tenant_scope(belonging.tenant), acting_as(actor):
            record(action, subject=user.actor, details=details)
    return bool(belongings)
