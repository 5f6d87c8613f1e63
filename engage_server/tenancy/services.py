"""Use cases around tenants: find, create, change, delete. All work on the shared schema by themselves."""

import re
from typing import Final

from django.db import transaction

from engage_server.tenancy import citus, schemas, spare_schemas
from engage_server.tenancy.digests import schema_digest
from engage_server.tenancy.domains import add_domain, check_domain, require_free
from engage_server.tenancy.exceptions import (
    InvalidTenantError,
    TenantMovingError,
    TenantSuspendedError,
    UnknownTenantError,
)
from engage_server.tenancy.models import Domain, Tenant
from engage_server.tenancy.scope import TenantRef, shared_scope
from engage_server.tenancy.templates import template_statements
from engage_server.tenancy.tenant_cache import invalidate_tenant
from engage_server.tenancy.zones import require_zone

SLUG: Final = re.compile(r"[a-z][a-z0-9-]{1,61}[a-z0-9]\Z")
LONGEST_NAME: Final = 200


def prepare_schema() -> None:
    """Have a schema ready for a tenant that is about to be made, where it needs transactions of its own (Citus).

    Raises:
        NodeAwayError: a node of the cluster is away.
    """
    if citus.in_use():
        spare_schemas.make_one_for_now()


def create_tenant(*, slug: str, name: str, domain: str, timezone: str, cadence: str = "DAILY") -> TenantRef:
    """Make a tenant with its schema, role and primary domain: whole or not at all.

    Raises:
        InvalidTenantError: slug, domain, zone or cadence is malformed or taken; says which and what to do.
    """
    _check_slug(slug)
    check_domain(domain)
    require_zone(timezone)
    _check_cadence(cadence)
    statements = template_statements()
    prepare_schema()
    with shared_scope(), transaction.atomic():
        if Tenant.objects.filter(slug=slug).exists():
            raise InvalidTenantError(f"There is a tenant {slug!r} already. Remedy: choose another slug.")
        require_free(domain)
        spare = spare_schemas.claim()
        if spare is None:
            citus.refuse(
                "a tenant takes a schema that lies ready, and another one was faster: do the same again"
            )
        tenant = Tenant(
            slug=slug,
            name=name,
            timezone=timezone,
            cadence=cadence,
            schema_name=spare or schemas.generate_schema_name(),
            schema_digest=schema_digest(),
        )
        # Not saved one by one: django-tenants would first look through all tenants for the schema's name in any
        # spelling (ours are drawn at random), and through the new tenant's domains for a primary one.
        Tenant.objects.bulk_create([tenant])
        Domain.objects.bulk_create([Domain(tenant=tenant, domain=domain, is_primary=True)])
        if spare is None:
            schemas.create_schema(tenant.ref, statements)
    return tenant.ref


def find_tenant(slug: str) -> Tenant:
    """The tenant of this slug.

    Raises:
        UnknownTenantError: names the remedy.
    """
    with shared_scope():
        tenant = Tenant.objects.filter(slug=slug).first()
    if tenant is None:
        raise UnknownTenantError(f"There is no tenant {slug!r}. Remedy: `manage.py tenant list` shows them.")
    return tenant


def tenant_ref(tenant_id: int) -> TenantRef:
    """The tenant of this id, if it is served.

    Raises:
        UnknownTenantError: there is none.
        TenantSuspendedError, TenantMovingError: it is not served.
    """
    with shared_scope():
        tenant = Tenant.objects.filter(pk=tenant_id).first()
    if tenant is None:
        raise UnknownTenantError(f"There is no tenant with the id {tenant_id}.")
    require_active(tenant)
    return tenant.ref


def require_active(tenant: Tenant) -> None:
    """Raise unless the tenant is served.

    Raises:
        TenantSuspendedError: names the remedy.
        TenantMovingError: it is served again soon, here or elsewhere.
    """
    if tenant.status == Tenant.Status.MOVING:
        raise TenantMovingError(moving_text(tenant.slug))
    if tenant.status == Tenant.Status.DELETING:
        raise TenantSuspendedError(f"The tenant {tenant.slug!r} is being deleted.")
    if tenant.status != Tenant.Status.ACTIVE:
        raise TenantSuspendedError(
            f"The tenant {tenant.slug!r} is suspended. Remedy: its operator resumes it with `manage.py tenant resume`."
        )


def moving_text(slug: str) -> str:
    """What clients of a tenant read that is on its way to another installation."""
    return f"The tenant {slug!r} is being moved; nothing was stored. Remedy: send the same again in a few seconds."


def tenant_of_host(host: str) -> Tenant | None:
    """The tenant that has this host name (no port) as a domain, or None."""
    with shared_scope():
        domain = Domain.objects.select_related("tenant").filter(domain=host.lower()).first()
    return None if domain is None else domain.tenant


def list_tenants() -> list[Tenant]:
    """All tenants by slug, with their domains."""
    with shared_scope():
        return list(Tenant.objects.prefetch_related("domains"))


def rename_tenant(slug: str, *, name: str = "", new_slug: str = "", domain: str = "") -> Tenant:
    """Change what is given; the schema keeps its name, so that nothing has to be moved.

    Raises:
        UnknownTenantError, InvalidTenantError: as for finding and creating.
    """
    tenant = find_tenant(slug)
    with shared_scope(), transaction.atomic():
        if new_slug and new_slug != slug:
            _check_slug(new_slug)
            if Tenant.objects.filter(slug=new_slug).exists():
                raise InvalidTenantError(
                    f"There is a tenant {new_slug!r} already. Remedy: choose another slug."
                )
            tenant.slug = new_slug
        if name:
            tenant.name = name
        # These alone: a migration or suspension since the reading above must not be undone.
        tenant.save(update_fields=["slug", "name"])
        if domain:
            add_domain(tenant.pk, domain, primary=True)
    return tenant


def set_facts(
    slug: str, *, name: str = "", timezone: str = "", cadence: str = "", primary_metric: str | None = None
) -> Tenant:
    """Change what is given, where an empty primary metric is none.

    What follows from another time zone is the caller's (``engage_server.operations.tenants``).

    Raises:
        UnknownTenantError, InvalidTenantError: as for finding and creating.
    """
    tenant = find_tenant(slug)
    if timezone:
        require_zone(timezone)
    if cadence:
        _check_cadence(cadence)
    if len(name) > LONGEST_NAME:
        raise InvalidTenantError(f"A tenant's name has {LONGEST_NAME} characters at most.")
    given = {"name": name, "timezone": timezone, "cadence": cadence}
    wanted = {field: value for field, value in given.items() if value}
    if primary_metric is not None:
        wanted["primary_metric"] = primary_metric
    with shared_scope():
        if wanted:
            Tenant.objects.filter(pk=tenant.pk).update(**wanted)
        tenant.refresh_from_db()
    invalidate_tenant(tenant.pk)
    return tenant


def set_status(slug: str, status: Tenant.Status) -> Tenant:
    """Suspend or resume a tenant.

    Raises:
        UnknownTenantError: there is none.
        InvalidTenantError: its deletion has begun, or it is being moved.
    """
    tenant = find_tenant(slug)
    with shared_scope():
        changed = (
            Tenant.objects.filter(pk=tenant.pk)
            .exclude(status__in=[Tenant.Status.DELETING, Tenant.Status.MOVING])
            .update(status=status)
        )
        tenant.refresh_from_db(fields=["status"])
    invalidate_tenant(tenant.pk)
    if not changed and tenant.status == Tenant.Status.MOVING:
        raise InvalidTenantError(
            f"The tenant {slug!r} is being moved. Remedy: `manage.py tenant move` again ends a move that stopped, "
            "with --undo it takes it back."
        )
    if not changed:
        raise InvalidTenantError(
            f"The tenant {slug!r} is being deleted. Remedy: `manage.py tenant janitor --fix` ends a deletion that stopped."
        )
    tenant.status = status
    return tenant


def delete_tenant(slug: str) -> None:
    """Drop schema and role and delete the shared rows, in one transaction; `removal` guards and exports first.

    Raises:
        UnknownTenantError: there is none.
    """
    tenant = find_tenant(slug)
    ref = tenant.ref
    with shared_scope(timeout_ms=0), transaction.atomic():
        tenant.delete()
        schemas.drop_schema(ref)
    invalidate_tenant(ref.id)


def _check_slug(slug: str) -> None:
    if not SLUG.match(slug):
        raise InvalidTenantError(
            f"The slug {slug!r} must be 3 to 63 lower-case letters, digits and hyphens, and begin with a letter."
        )


def _check_cadence(cadence: str) -> None:
    if cadence not in Tenant.Cadence.values:
        raise InvalidTenantError(
            f"Unknown cadence {cadence[:LONGEST_NAME]!r}. Remedy: one of {', '.join(Tenant.Cadence.values)}."
        )
