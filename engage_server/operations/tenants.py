"""Makes tenants ready to use (above a schema come keys, starter plugins, schedules), changes and removes them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction
from pydantic import JsonValue

from engage_server.access.models import ApiKey
from engage_server.audit.log import record
from engage_server.engine import due_runs, ledger
from engage_server.engine.parquet_export import export_parquet
from engage_server.engine.restatement import restate_calendar
from engage_server.engine.schedules import first_schedules
from engage_server.operations.keys import KeyRequest, make_keys
from engage_server.plugin_host import activation
from engage_server.plugin_host.exceptions import UnknownPluginError
from engage_server.plugin_host.registry import registry
from engage_server.tenancy import mail_domains, origins, services, small_groups
from engage_server.tenancy.exceptions import InvalidTenantError
from engage_server.tenancy.export import export_tenant
from engage_server.tenancy.models import Tenant
from engage_server.tenancy.removal import remove_tenant
from engage_server.tenancy.scope import TenantRef, shared_scope, tenant_scope


@dataclass(frozen=True, slots=True)
class NewTenant:
    """A new tenant and its keys, whose texts are not kept anywhere else."""

    tenant: TenantRef
    ingest_key: str
    query_key: str
    admin_key: str


def onboard(*, slug: str, name: str, domain: str, timezone: str, cadence: str = "DAILY") -> NewTenant:
    """Make a tenant ready to use, in one transaction: schema, role, keys, starter plugins, schedules.

    Raises:
        InvalidTenantError: says what is malformed or taken.
    """
    services.prepare_schema()
    with transaction.atomic():
        tenant = services.create_tenant(
            slug=slug, name=name, domain=domain, timezone=timezone, cadence=cadence
        )
        with tenant_scope(tenant):
            starters = activation.enable_starters()
        first_schedules(tenant, starters)
        kinds = (ApiKey.Kind.INGEST, ApiKey.Kind.QUERY, ApiKey.Kind.ADMIN)
        ingest, query, admin = (key.text for key in make_keys(tenant, [KeyRequest(kind) for kind in kinds]))
        return NewTenant(tenant=tenant, ingest_key=ingest, query_key=query, admin_key=admin)


def suspend(slug: str) -> None:
    """Stop serving a tenant.

    Raises:
        UnknownTenantError, InvalidTenantError: as ``services.set_status``.
    """
    with transaction.atomic():
        _record(services.set_status(slug, Tenant.Status.SUSPENDED), "tenant.suspended")


def resume(slug: str) -> None:
    """Serve a tenant again.

    Raises:
        UnknownTenantError, InvalidTenantError: as ``services.set_status``.
    """
    with transaction.atomic():
        _record(services.set_status(slug, Tenant.Status.ACTIVE), "tenant.resumed")


def rename(slug: str, *, name: str = "", new_slug: str = "", domain: str = "") -> Tenant:
    """Change what is given.

    Raises:
        UnknownTenantError, InvalidTenantError: as ``services.rename_tenant``.
    """
    with transaction.atomic():
        tenant = services.rename_tenant(slug, name=name, new_slug=new_slug, domain=domain)
        changed = {"name": name, "slug": new_slug, "domain": domain}
        _record(
            tenant,
            "tenant.renamed",
            {"former": slug} | {key: value for key, value in changed.items() if value},
        )
    return tenant


def change_tenant(
    slug: str, *, name: str = "", timezone: str = "", cadence: str = "", primary_metric: str | None = None
) -> Tenant:
    """Change what is given; an empty primary metric is none.

    In another time zone the days of the calendar begin at other hours: roll-ups are rebuilt, schedules planned again, and
    every stored day is computed once more.

    Raises:
        UnknownTenantError: there is none of this slug.
        InvalidTenantError: name, zone, cadence or primary metric is none; says which.
    """
    if primary_metric:
        _require_metric(primary_metric)
    with transaction.atomic():
        with shared_scope():
            Tenant.objects.select_for_update(no_key=True).filter(slug=slug).first()
        former = services.find_tenant(slug)
        tenant = services.set_facts(
            slug, name=name, timezone=timezone, cadence=cadence, primary_metric=primary_metric
        )
        changed = {
            field: getattr(tenant, field)
            for field in ("name", "timezone", "cadence", "primary_metric")
            if getattr(tenant, field) != getattr(former, field)
        }
        if not changed:
            return tenant
        with tenant_scope(tenant.ref):
            record("tenant.changed", subject=slug, details=changed)
        if "timezone" in changed:
            # What is under way computes days of the former calendar.
            ledger.take_back(tenant.pk)
            due_runs.replan_moved_tenants()
            restate_calendar(tenant.ref)
    return tenant


def set_origins(slug: str, wanted: Iterable[str], *, acting: Iterable[str] | None = None) -> None:
    """Say which web pages may ask the tenant, and which of them may act as who is signed in.

    None are named: tracking from any page, GraphQL from no other origin.

    Raises:
        UnknownTenantError, InvalidTenantError: as ``origins.set_origins``.
    """
    with transaction.atomic():
        now = origins.set_origins(slug, wanted, acting=acting)
        named: list[JsonValue] = [*sorted(now.named)]
        may_act: list[JsonValue] = [*sorted(now.acting)]
        _record(services.find_tenant(slug), "origins.changed", {"origins": named, "acting": may_act})


def set_mail_domains(slug: str, wanted: Iterable[str]) -> None:
    """Say where mail to the tenant's own people may go besides to its members; none: to members alone.

    Raises:
        UnknownTenantError, InvalidTenantError: as ``mail_domains.set_mail_domains``.
    """
    with transaction.atomic():
        named: list[JsonValue] = [*mail_domains.set_mail_domains(slug, wanted)]
        _record(services.find_tenant(slug), "mail_domains.changed", {"domains": named})


def set_minimum_persons(slug: str, persons: int) -> TenantRef:
    """Withhold values of fewer persons from who may not see personal data.

    Raises:
        UnknownTenantError, InvalidTenantError: as ``small_groups.set_minimum_persons``.
    """
    with transaction.atomic():
        former = services.find_tenant(slug).minimum_persons
        tenant = small_groups.set_minimum_persons(slug, persons)
        details = {"persons": persons, "former": former}
        _record(services.find_tenant(slug), "minimum_persons.changed", details)
    return tenant


def export(slug: str, directory: Path, *, parquet: bool = False) -> Path:
    """Write a tenant's data to a new folder below ``directory``; recorded before anything leaves.

    Raises:
        UnknownTenantError: there is none.
    """
    tenant = services.find_tenant(slug)
    _record(tenant, "data.exported", {"scope": "tenant"})
    return (export_parquet if parquet else export_tenant)(tenant.ref, directory)


def remove(slug: str, *, export_dir: Path) -> Path:
    """Stop serving a tenant, export it, its audit log included, and drop everything of it; return the export.

    Raises:
        UnknownTenantError, InvalidTenantError: as ``removal.remove_tenant``.
    """
    _record(services.find_tenant(slug), "tenant.deletion_begun")
    return remove_tenant(slug, export_dir=export_dir)


def _require_metric(name: str) -> None:
    """Go on with the full id of a metric that the tenant itself has values of.

    Raises:
        InvalidTenantError: it is none.
    """
    try:
        _, metric = registry().metric(name)
    except UnknownPluginError as error:
        raise InvalidTenantError(f"{error} Remedy: one of these.") from None
    if "tenant" not in metric.subjects:
        raise InvalidTenantError(
            f"The metric {name!r} is not measured for the tenant. Remedy: name one that is."
        )


def _record(tenant: Tenant, action: str, details: Mapping[str, JsonValue] | None = None) -> None:
    with tenant_scope(tenant.ref):
        record(action, subject=tenant.slug, details=details)
