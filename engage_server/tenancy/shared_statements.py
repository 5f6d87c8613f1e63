"""Short visits to the shared tables from inside a tenant's transaction."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from django.db import connection

from engage_server.tenancy.exceptions import NoTenantError
from engage_server.tenancy.postgresql.base import APPLY, settings_of
from engage_server.tenancy.postgresql.messages import with_parameters
from engage_server.tenancy.scope import SHARED_SCHEMA, current_scope, shared_scope


def execute_shared(statement: str, params: Sequence[Any]) -> None:
    """Run one statement that returns nothing on the shared tables; afterwards the scope is what it was.

    Inside a tenant's scope the way there, the statement and the way back are one message to the server, where
    ``shared_scope`` takes three. If the statement fails, the server takes the way there back along with it: a
    message is at least a transaction of its own.
    """
    scope = current_scope()
    if scope is None or scope.schema == SHARED_SCHEMA:
        with shared_scope(), connection.cursor() as cursor:
            cursor.execute(statement, params)
        return
    with connection.cursor() as cursor:
        cursor.execute(as_visit(with_parameters(statement, params)))


def as_visit(statement: str) -> str:
    """The statement with the way there and back, for a message that is sent inside a tenant's scope.

    Its parameters must be in it.

    Raises:
        NoTenantError: there is none.
    """
    scope = current_scope()
    if scope is None or scope.schema == SHARED_SCHEMA:
        raise NoTenantError("A visit begins inside a tenant. Remedy: use `with tenant_scope(tenant):`.")
    shared = replace(scope, schema=SHARED_SCHEMA, role="none")
    return f"{_way(settings_of(shared))}; {statement}; {_way(settings_of(scope))}"


@lru_cache(maxsize=4_096)
def _way(settings: tuple[str, str, str]) -> str:
    return with_parameters(APPLY, settings)
