"""Records what concerns a person in the audit logs of tenants that they belong to, and in no other's."""

import logging

from django.db.models.functions import Now

from engage_server.access.models import Membership, User
from engage_server.access.sessions import current_membership, memberships_of
from engage_server.audit.actor import acting_as
from engage_server.audit.log import record
from engage_server.tenancy.scope import TenantRef, shared_scope, tenant_scope

log = logging.getLogger("engage.access")


def record_in_each_tenant(user: User, action: str, *, actor: str, **details: str) -> None:
    """Record what the operator did to the person's account, which decides in each of their tenants who may enter it.

    Args:
        user: the person whom it concerns.
        action: as ``audit.log.record``.
        actor: who did it.
        details: more about it; all of the tenants read it.
    """
    for membership in memberships_of(user.pk):
        record_in_tenant(user, action, tenant=membership.tenant, actor=actor, **details)


def record_where_done(user: User, action: str, *, place: int | None, address: str) -> None:
    """Record what a person did for themselves in the one tenant that they did it in, else in the server's log alone.

    Anybody can be invited anywhere, and what they do elsewhere is not for that tenant to read.

    Args:
        user: who.
        action: as ``audit.log.record``.
        place: id of the tenant whose host it was done at; None at a host of the server, which leads into the person's
            tenant where they have but one.
        address: where from.
    """
    membership = current_membership(user.pk, wanted=place)
    if membership:
        record_in_tenant(user, action, tenant=membership.tenant, actor=user.actor, address=address)
        return
    log.info("%s %s from %s, in no tenant.", user.actor, action, address, extra={"action": action})


def record_in_tenant(user: User, action: str, *, tenant: TenantRef, actor: str, **details: str) -> None:
    """Record what no other tenant of the person is to know."""
    with tenant_scope(tenant), acting_as(actor):
        record(action, subject=user.actor, details=details)


def record_entry(user: User, *, tenant: TenantRef, address: str) -> None:
    """Record that the person signed in to a tenant of theirs, in its audit log and as its member."""
    with shared_scope():
        Membership.objects.filter(user=user, tenant_id=tenant.id).update(signed_in_at=Now())
    record_in_tenant(user, "user.signed_in", tenant=tenant, actor=user.actor, address=address)
