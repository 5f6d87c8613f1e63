"""A database login that is no superuser serves with roles where it has CREATEROLE, and says so where it has not."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.db import connection
from psycopg import sql

from engage_server.tenancy.scope import shared_scope
from tests.end_to_end.processes import ROOT

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        not settings.ENGAGE_EMBEDDED_POSTGRES, reason="DATABASE_URL is set: its logins are not ours to make"
    ),
]
LOGIN = f"plain_login_{os.getpid()}"
LOOK = """
from django.db import connection
from engage_server.tenancy.services import find_tenant
from engage_server.tenancy.scope import tenant_scope
with tenant_scope(find_tenant("acme").ref) as tenant, connection.cursor() as cursor:
    cursor.execute("SELECT count(*) FROM customers_account")
    cursor.execute("SELECT current_user, session_user")
    assert cursor.fetchone() == (tenant.schema, "LOGIN"), "not in the tenant's role"
    try:
        cursor.execute("SELECT * FROM public.access_apikey")
    except Exception as error:
        print(error)
""".replace("LOGIN", LOGIN)
Manage = Callable[..., subprocess.CompletedProcess[str]]


def by_superuser(*statements: str) -> None:
    with shared_scope(timeout_ms=0), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(sql.SQL(statement).format(sql.Identifier(LOGIN)))


@pytest.fixture
def manage() -> Iterator[Manage]:
    """Runs commands as the login, on a database that it owns."""
    by_superuser("CREATE ROLE {0} LOGIN", "CREATE DATABASE {0} OWNER {0}")
    address = f"postgresql:///{LOGIN}?host={connection.get_connection_params()['host']}&user={LOGIN}"
    environment = {
        **os.environ,
        "DATABASE_URL": address,
        "DJANGO_SETTINGS_MODULE": "engage_server.settings.base",
    }
    environment.pop("ENGAGE_DATABASE", None)

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip

    yield run
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT r.rolname FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid"
            " WHERE m.member = to_regrole(%s)",
            [LOGIN],
        )
        made = [name for (name,) in cursor.fetchall()]
    by_superuser("DROP DATABASE {0} WITH (FORCE)")
    with shared_scope(), connection.cursor() as cursor:
        for role in made:
            cursor.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))
    by_superuser("DROP ROLE {0}")


def test_a_login_that_is_no_superuser_serves_with_roles(manage):
    refused = manage("migrate", "--verbosity", "0")
    assert refused.returncode == 1
    assert f'ALTER ROLE "{LOGIN}" CREATEROLE, or ENGAGE_TENANT_ROLES=0' in refused.stderr
    assert "Traceback" not in refused.stderr
    by_superuser("ALTER ROLE {0} CREATEROLE")
    made = manage("tenant", "create", "acme", "--name", "Acme", "--domain", "acme.localhost")
    assert made.returncode == 0, made.stderr
    looked = manage("shell", "-c", LOOK)
    assert looked.returncode == 0, looked.stderr
    assert "permission denied" in looked.stdout
    assert manage("migrate", "--verbosity", "0").returncode == 0
