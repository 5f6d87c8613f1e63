"""Takes names out of the reasons why a tenant's runs failed: a plugin's error may quote the rows it was given."""

from collections.abc import Collection
from typing import Final

from django.db import connection

from engage_server.tenancy.scope import current_tenant, shared_scope

SCRUB: Final = """
    UPDATE {table} SET {column} = 'Erased: the text named a person.'
    WHERE tenant_id = %s AND EXISTS (
        SELECT FROM unnest(%s::text[]) AS name (text) WHERE strpos({column}, name.text) > 0)
"""
TEXTS: Final = (("engine_run", "error"), ("engine_breaker", "reason"))


def scrub_errors(names: Collection[str]) -> dict[str, int]:
    """Replace the texts that mention one of the names; rows by table. Inside the tenant's scope.

    Such a text can be spared, so a name is looked for wherever it stands.
    """
    counts: dict[str, int] = {}
    tenant_id = current_tenant().id
    with shared_scope(), connection.cursor() as cursor:
        for table, column in TEXTS:
            cursor.execute(SCRUB.format(table=table, column=column), [tenant_id, list(names)])
            counts[table] = cursor.rowcount
    return counts
