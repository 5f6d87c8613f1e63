"""Names the state that a tenant's schema should have: a digest over the tenant apps' migrations."""

import hashlib
import inspect
import sys
from functools import cache

from django.apps import apps
from django.conf import settings
from django.db.migrations.loader import MigrationLoader


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
