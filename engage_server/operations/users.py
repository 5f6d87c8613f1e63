"""Helps people who cannot sign in and keeps out those who must not, on record in each tenant of theirs."""

from django.db import transaction

from engage_server.access import users
from engage_server.access.models import User
from engage_server.access.user_audit import record_in_each_tenant
from engage_server.audit.actor import current_actor


def make_password_link(user: User, *, origin: str = "") -> str:
    """Address of the page where the person chooses a password; see ``access.users.password_link``."""
    record_in_each_tenant(user, "user.password_link_made", actor=current_actor())
    return users.password_link(user, origin=origin)


def lock(user: User) -> None:
    """Refuse the person's sign-ins and sessions in every tenant from now on."""
    with transaction.atomic():
        record_in_each_tenant(user, "user.locked", actor=current_actor())
        users.set_active(user, active=False)


def unlock(user: User) -> None:
    """Let the person sign in again."""
    with transaction.atomic():
        record_in_each_tenant(user, "user.unlocked", actor=current_actor())
        users.set_active(user, active=True)


def unlink(user: User) -> int:
    """Untie the person from their identity at the provider, and another may take its place; return how many were tied."""
    with transaction.atomic():
        record_in_each_tenant(user, "user.unlinked", actor=current_actor())
        return users.unlink(user)
