"""Deletes a tenant: frozen, exported, dropped. Killed anywhere, it goes on where it was when asked again."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from django.db import connection

from engage_server.tenancy.exceptions import InvalidTenantError
from engage_server.tenancy.export import export_tenant
from engage_server.tenancy.late_registration import load_registrations
from engage_server.tenancy.models import Tenant
from engage_server.tenancy.scope import TenantRef, shared_scope
from engage_server.tenancy.services import delete_tenant, find_tenant

# First half of the advisory lock that a deletion holds (the tenant's id is the second), so that the janitor
# sees which deletions nobody is carrying out any more.
REMOVAL_LOCK: Final = 0x64656C
_keepers: Final[list[Callable[[TenantRef, Path], None]]] = []


def keep_beside_export(keep: Callable[[TenantRef, Path], None]) -> None:
    """Have this called with each tenant that is about to be dropped and the folder of its export."""
    _keepers.append(keep)


def remove_tenant(slug: str, *, export_dir: Path) -> Path:
    """Stop serving a tenant, export it and drop everything of it; return where the export lies.

    Raises:
        UnknownTenantError: there is none.
        InvalidTenantError: another process is deleting it.
    """
    tenant = find_tenant(slug)
    with _alone(tenant):
        with shared_scope():
            # Committed before the export, so that nothing is accepted that the export lacks.
            Tenant.objects.filter(pk=tenant.pk).update(status=Tenant.Status.DELETING)
        path = export_tenant(tenant.ref, export_dir)
        load_registrations()
        for keep in _keepers:
            keep(tenant.ref, path)
        delete_tenant(slug)
    return path


@contextmanager
def _alone(tenant: Tenant) -> Iterator[None]:
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [REMOVAL_LOCK, tenant.pk])
        if cursor.fetchone() != (True,):
            raise InvalidTenantError(
                f"The tenant {tenant.slug!r} is being deleted by another process already."
            )
    try:
        yield
    finally:
        with shared_scope():
            if connection.is_usable():
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [REMOVAL_LOCK, tenant.pk])
