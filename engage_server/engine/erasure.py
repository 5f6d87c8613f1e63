"""Takes names out of the reasons why a tenant's runs failed: a plugin's error may quote the rows it was given."""

import re
from collections.abc import Collection
from typing import Final

from django.db import connection

from engage_server.tenancy.scope import current_tenant, shared_scope

SCRUB: Final = """
    UPDATE {table} SET {column} = 'Erased: the text named a person.'
    WHERE tenant_id = %s AND EXISTS (
        SELECT FROM unnest(%s::text[]) AS name (pattern) WHERE {column} ~ name.pattern)
"""
TEXTS: Final = (("engine_run", "error"), ("engine_breaker", "reason"))


def scrub_errors(names: Collection[str]) -> dict[str, int]:
    """Replace the texts in which one of the names stands as a word; rows by table. Inside the tenant's scope."""
    patterns = [rf"(?<!\w){re.escape(name)}(?!\w)" for name in names]
    counts: dict[str, int] = {}
    tenant_id = current_tenant().id
    with shared_scope(), connection.cursor() as cursor:
        for table, column in TEXTS:
            cursor.execute(SCRUB.format(table=table, column=column), [tenant_id, patterns])
            counts[table] = cursor.rowcount
    return counts
