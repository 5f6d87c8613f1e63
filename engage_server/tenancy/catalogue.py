"""Describes a tenant's schema as PostgreSQL's catalogue has it, so that two can be compared."""

from dataclasses import dataclass

from django.conf import settings
from django.db import connection

from engage_server.tenancy.scope import TenantRef, shared_scope

# Names that PostgreSQL qualifies are stripped of the schema in Python: no two tenants share it.
DESCRIBE = """
WITH relation AS (
    SELECT c.* FROM pg_class c WHERE c.relnamespace = to_regnamespace(%(schema)s) AND c.relkind <> 'i'
)
SELECT format('%%s %%I%%s%%s', CASE relkind WHEN 'r' THEN 'table' WHEN 'S' THEN 'sequence' ELSE relkind::text END, relname,
              ' with ' || reloptions::text, CASE WHEN relrowsecurity THEN ' with policies' END)
FROM relation
UNION ALL
SELECT format('column %%I.%%I %%s%%s%%s%%s%%s%%s%%s', r.relname, a.attname, format_type(a.atttypid, a.atttypmod),
              CASE WHEN a.attnotnull THEN ' not null' END,
              ' default ' || pg_get_expr(d.adbin, d.adrelid),
              ' identity ' || nullif(a.attidentity::text, ''), ' generated ' || nullif(a.attgenerated::text, ''),
              ' storage ' || nullif(a.attstorage::text, t.typstorage::text),
              ' collation ' || nullif(a.attcollation, t.typcollation)::regcollation::text)
FROM relation r JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_attrdef d ON d.adrelid = r.oid AND d.adnum = a.attnum
WHERE r.relkind <> 'S'
UNION ALL
SELECT format('constraint %%I on %%I: %%s%%s', k.conname, r.relname, pg_get_constraintdef(k.oid),
              CASE WHEN NOT k.convalidated THEN ' not valid' END)
FROM relation r JOIN pg_constraint k ON k.conrelid = r.oid
UNION ALL
SELECT pg_get_indexdef(i.indexrelid) || CASE WHEN i.indisvalid THEN '' ELSE ' invalid' END
FROM relation r JOIN pg_index i ON i.indrelid = r.oid
UNION ALL
SELECT format('trigger %%s', pg_get_triggerdef(t.oid))
FROM relation r JOIN pg_trigger t ON t.tgrelid = r.oid WHERE NOT t.tgisinternal
UNION ALL
SELECT format('function %%I(%%s) %%s', p.proname, pg_get_function_identity_arguments(p.oid),
              md5(concat_ws(' ', p.prosrc, p.prolang, p.provolatile, p.prosecdef, p.proconfig)))
FROM pg_proc p WHERE p.pronamespace = to_regnamespace(%(schema)s)
UNION ALL
SELECT format('view %%I: %%s', r.relname, md5(replace(pg_get_viewdef(r.oid), %(schema)s || '.', '')))
FROM relation r WHERE r.relkind = 'v'
UNION ALL
SELECT format('sequence of %%I: %%s', r.relname, to_jsonb(s) - 'seqrelid')
FROM relation r JOIN pg_sequence s ON s.seqrelid = r.oid
UNION ALL
SELECT format('comment on %%I: %%s', r.relname, d.description)
FROM relation r JOIN pg_description d ON d.classoid = 'pg_class'::regclass AND d.objoid = r.oid
UNION ALL
SELECT 'has ' || pg_describe_object(classid, objid, objsubid) FROM pg_depend
WHERE refclassid = 'pg_namespace'::regclass AND refobjid = to_regnamespace(%(schema)s)
UNION ALL
SELECT format('right of the tenant''s role on %%I: %%s', r.relname, acl.privilege_type)
FROM relation r, aclexplode(r.relacl) acl
WHERE %(roles)s AND acl.grantee = to_regrole(%(schema)s)
UNION ALL
SELECT format('right of another role on %%I: %%s for %%s', r.relname, acl.privilege_type, acl.grantee::regrole)
FROM relation r, aclexplode(r.relacl) acl
WHERE acl.grantee <> r.relowner AND acl.grantee IS DISTINCT FROM to_regrole(%(schema)s)
"""


@dataclass(frozen=True, slots=True)
class Difference:
    """What a schema lacks and what it has too much, a line each; both empty where it is as it should be."""

    missing: tuple[str, ...]
    unexpected: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.missing or self.unexpected)


def describe(tenant: TenantRef) -> frozenset[str]:
    """Tables, columns, types, defaults, constraints, indexes and rights, a line each, without the schema's name."""
    with shared_scope(timeout_ms=0), connection.cursor() as cursor:
        cursor.execute(DESCRIBE, {"schema": tenant.schema, "roles": settings.ENGAGE_TENANT_ROLES})
        return frozenset(line.replace(f"{tenant.schema}.", "") for (line,) in cursor.fetchall())


def structure(tenant: TenantRef) -> frozenset[str]:
    """``describe`` without the rights."""
    return frozenset(line for line in describe(tenant) if not line.startswith("right of "))


def compare(tenant: TenantRef, expected: frozenset[str]) -> Difference:
    """How a tenant's schema differs from the expected description."""
    found = describe(tenant)
    return Difference(missing=tuple(sorted(expected - found)), unexpected=tuple(sorted(found - expected)))
