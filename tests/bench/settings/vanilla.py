"""The same apps on django-tenants as it comes: its own backend and commands, in a database of their own."""

import os

from engage_server.settings.base import *
from engage_server.tenancy import embedded

DATABASES["default"]["ENGINE"] = "django_tenants.postgresql_backend"
DATABASES["default"]["HOST"] = str(embedded.ensure_running(ENGAGE_DATA_DIR, ENGAGE_DATABASE))
SHARED_APPS = ["django_tenants", *SHARED_APPS]
# First, so that its `migrate` and `migrate_schemas` are the ones that run.
INSTALLED_APPS = ["django_tenants", *INSTALLED_APPS]
MIGRATION_MODULES = {"customers": package} if (package := os.environ.get("BENCH_MIGRATIONS")) else {}
