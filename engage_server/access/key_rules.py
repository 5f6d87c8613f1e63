"""What keys of each kind may do, how long they last, and when they are in force."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from django.conf import settings
from django.utils import timezone

from engage_server.access.exceptions import KeyRequestError
from engage_server.access.models import ApiKey
from engage_server.access.principal import EVERYTHING, Permission

READING: Final = frozenset(
    {
        Permission.METRICS_READ,
        Permission.PERSONAL_READ,
        Permission.EXPORT_READ,
        Permission.AUDIT_READ,
        Permission.AUTOMATION_READ,
    }
)
# Ingest keys stand in public pages: anyone who reads one there may write events and nothing else.
POSSIBLE_OF_KIND: Final[Mapping[ApiKey.Kind, frozenset[Permission]]] = MappingProxyType(
    {
        ApiKey.Kind.INGEST: frozenset({Permission.EVENTS_WRITE}),
        ApiKey.Kind.QUERY: READING,
        ApiKey.Kind.ADMIN: EVERYTHING,
    }
)
PERMISSIONS_OF_KIND: Final[Mapping[ApiKey.Kind, frozenset[Permission]]] = MappingProxyType(
    {
        **POSSIBLE_OF_KIND,
        ApiKey.Kind.QUERY: frozenset({Permission.METRICS_READ, Permission.PERSONAL_READ}),
    }
)
UNUSED_AFTER: Final = timedelta(days=90)


def permissions_of(key: ApiKey) -> frozenset[Permission]:
    """What the key may do: what it was given, or all that its kind usually may."""
    if key.permissions is None:
        return PERMISSIONS_OF_KIND[ApiKey.Kind(key.kind)]
    return frozenset(Permission(value) for value in key.permissions)


def check_permissions(kind: ApiKey.Kind, permissions: frozenset[Permission]) -> None:
    """Refuse what keys of the kind cannot have.

    Raises:
        KeyRequestError: says what they can.
    """
    if permissions and permissions <= POSSIBLE_OF_KIND[kind]:
        return
    refused = ", ".join(sorted(permissions - POSSIBLE_OF_KIND[kind])) or "no permission at all"
    raise KeyRequestError(
        f"A key of the kind {kind.label.lower()!r} cannot have: {refused}. "
        f"Remedy: choose of these: {', '.join(sorted(POSSIBLE_OF_KIND[kind]))}."
    )


def expiry(wanted: datetime | None, *, maker: ApiKey | None = None) -> datetime:
    """When a new key ends: when it is wanted to, or after ENGAGE_KEY_DAYS; no later than the key that makes it.

    Raises:
        KeyRequestError: the time is past, more than ENGAGE_KEY_MAX_DAYS away, or after the maker's end.
    """
    now = timezone.now()
    if wanted is None:
        usual = now + timedelta(days=settings.ENGAGE_KEY_DAYS)
        return usual if maker is None else min(usual, maker.expires_at)
    if not now < wanted <= now + timedelta(days=settings.ENGAGE_KEY_MAX_DAYS):
        raise KeyRequestError(
            f"A key cannot end at {wanted.isoformat()}. "
            f"Remedy: a time to come, at most {settings.ENGAGE_KEY_MAX_DAYS} days from now."
        )
    if maker is not None and wanted > maker.expires_at:
        raise KeyRequestError(
            f"A key cannot end at {wanted.isoformat()}, after the key that makes it. "
            f"Remedy: at most {maker.expires_at.isoformat()}; or a signed-in person makes the key."
        )
    return wanted


def is_in_force(key: ApiKey) -> bool:
    """Whether the key opens now."""
    return key.revoked_at is None and key.expires_at > timezone.now()


def is_unused(key: ApiKey) -> bool:
    """Whether the key opens and nobody has used it for 90 days: then it should be revoked."""
    return is_in_force(key) and (key.last_used_at or key.created_at) < timezone.now() - UNUSED_AFTER
