"""Brings schemas up to date: captures the DDL of a new tenant and migrates existing ones.

A tenant's schema bears the digest of its migrations, so that having nothing to do costs one query.
"""

import hashlib
import inspect
import logging
import sys
from collections.abc import Callable
from functools import cache
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from engage_server.tenancy.models import Template, Tenant
from engage_server.tenancy.schemas import generate_schema_name, grant_rights
from engage_server.tenancy.scope import TenantRef, shared_scope, tenant_scope

log = logging.getLogger("engage.tenancy")


def tenant_app_labels() -> frozenset[str]:
    """Labels of the apps whose tables live in the tenants' schemas."""
    return frozenset(app.label for app in apps.get_app_configs() if app.name in settings.TENANT_APPS)


@cache
def schema_digest() -> str:
    """SHA-256 over the tenant apps' migrations, names and texts."""
    loader = MigrationLoader(None)
    digest = hashlib.sha256()
    for key in sorted(loader.disk_migrations):
        if key[0] in tenant_app_labels():
            digest.update(repr(key).encode())
            module = sys.modules[type(loader.disk_migrations[key]).__module__]
            digest.update(inspect.getsource(module).encode())
    return digest.hexdigest()


def template() -> Template:
    """The captured DDL of the present migrations; captured now if this is the first call since they changed."""
    with shared_scope(timeout_ms=0):
        known = Template.objects.filter(digest=schema_digest()).first()
        if known is not None:
            return known
        made, _ = Template.objects.get_or_create(
            digest=schema_digest(), defaults={"statements": capture_statements()}
        )
        return made


def capture_statements() -> list[str]:
    """Migrate a schema that is rolled back again, and return the SQL that did it."""
    scratch = TenantRef(id=0, slug="scratch", schema=generate_schema_name(), timezone="UTC")
    statements: list[str] = []

    def record(
        execute: Callable[..., Any], statement: Any, params: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        text = context["cursor"].mogrify(statement, params) if params else str(statement)
        if not text.lstrip().upper().startswith(("SELECT", "SHOW", "SET")):
            statements.append(text.rstrip("; \n"))
        return execute(statement, params, many, context)

    with transaction.atomic():
        with shared_scope(timeout_ms=0), connection.cursor() as cursor:
            cursor.execute(f'CREATE SCHEMA "{scratch.schema}"')
        with tenant_scope(scratch, role="none", timeout_ms=0), connection.execute_wrapper(record):
            _run_migrations()
        transaction.set_rollback(True)
    return statements


def migrate_tenants() -> int:
    """Migrate each tenant whose digest differs, each in a transaction of its own; return how many."""
    template()
    with shared_scope():
        behind = list(Tenant.objects.exclude(schema_digest=schema_digest()))
    for tenant in behind:
        with transaction.atomic():
            with tenant_scope(tenant.ref, role="none", timeout_ms=0):
                _run_migrations()
            grant_rights(tenant.ref)
            with shared_scope():
                Tenant.objects.filter(pk=tenant.pk).update(schema_digest=schema_digest())
        log.info(
            "Migrated tenant %s.", tenant.slug, extra={"action": "tenant_migrated", "tenant": tenant.slug}
        )
    return len(behind)


def _run_migrations() -> None:
    MigrationRecorder(connection).ensure_schema()
    executor = MigrationExecutor(connection)
    labels = tenant_app_labels()
    executor.migrate([node for node in executor.loader.graph.leaf_nodes() if node[0] in labels])
