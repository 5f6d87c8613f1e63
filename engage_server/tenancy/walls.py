"""The rights by which PostgreSQL keeps tenants apart: what the database as a whole and each tenant's role may."""

from collections.abc import Mapping
from typing import Final

from django.conf import settings
from django.db import connection

from engage_server.tenancy import citus
from engage_server.tenancy.exceptions import CitusError
from engage_server.tenancy.scope import TenantRef, shared_scope

# Every role has these unless they are taken away; a dump that is restored elsewhere does not take them away.
OF_EVERYBODY: Final = """
SELECT format('every role has %s on the database', acl.privilege_type)
FROM pg_database d, aclexplode(COALESCE(d.datacl, acldefault('d', d.datdba))) acl
WHERE d.datname = current_database() AND acl.grantee = 0 AND acl.privilege_type IN ('TEMPORARY', 'CREATE')
UNION ALL
SELECT format('every role has %s on the schema %I', acl.privilege_type, n.nspname)
FROM pg_namespace n, aclexplode(COALESCE(n.nspacl, acldefault('n', n.nspowner))) acl
WHERE n.nspname = 'public' AND acl.grantee = 0
"""
CLOSE: Final = """
DO $$ BEGIN
    REVOKE ALL ON SCHEMA public FROM PUBLIC;
    EXECUTE format('REVOKE CREATE, TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
END $$
"""
TOGETHER: Final = "SELECT COALESCE(string_agg(said, E'\\n'), '') FROM ({}) AS one (said)"  # ours
OF_A_TENANT: Final = """
WITH role AS (SELECT * FROM pg_roles WHERE rolname = %(schema)s),
schema AS (SELECT * FROM pg_namespace WHERE nspname = %(schema)s)
SELECT 'the role is gone' WHERE NOT EXISTS (SELECT FROM role)
UNION ALL
SELECT 'the role may log in, or more than a tenant' FROM role
WHERE rolsuper OR rolcreaterole OR rolcreatedb OR rolcanlogin AND NOT %(login)s OR rolbypassrls OR rolreplication
UNION ALL
SELECT format('the role is a member of %%s', m.roleid::regrole) FROM role JOIN pg_auth_members m ON m.member = role.oid
UNION ALL
SELECT 'the login is no member of the role' FROM role WHERE NOT pg_has_role(session_user, role.oid, 'MEMBER')
UNION ALL
SELECT format('the role lacks USAGE on its schema') FROM role, schema
WHERE NOT has_schema_privilege(role.oid, schema.oid, 'USAGE')
UNION ALL
SELECT 'the role may make things in its schema' FROM role, schema
WHERE has_schema_privilege(role.oid, schema.oid, 'CREATE')
UNION ALL
SELECT format('the role enters the schema %%I', other.nspname) FROM role, pg_namespace other
WHERE other.nspname <> role.rolname AND other.nspname NOT LIKE 'pg\\_%%'
  AND other.nspname NOT IN ('information_schema', 'citus', 'citus_internal')
  AND has_schema_privilege(role.oid, other.oid, 'USAGE')
UNION ALL
SELECT format('%%s enters the schema', CASE acl.grantee WHEN 0 THEN 'every role' ELSE acl.grantee::regrole::text END)
FROM schema, aclexplode(schema.nspacl) acl
WHERE acl.grantee <> schema.nspowner AND acl.grantee IS DISTINCT FROM (SELECT oid FROM role)
UNION ALL
SELECT format('the role makes temporary tables') FROM role
WHERE has_database_privilege(role.oid, current_database(), 'TEMPORARY')
"""


def open_to_everybody() -> list[str]:
    """What every role of the server may in this database and should not, a sentence each."""
    return _asked(OF_EVERYBODY, {})


def close() -> None:
    """Take from every role what ``open_to_everybody`` finds; the login owns the database and keeps it."""
    with shared_scope(), citus.shared_tables_alone(), connection.cursor() as cursor:
        cursor.execute(CLOSE)
    close_workers()


def close_workers() -> None:
    """The same on each node of a Citus cluster; nothing on a plain PostgreSQL.

    Raises:
        NodeAwayError: one is away, and may be open.
        CitusError: one refused; says what it said.
    """
    if citus.in_use():
        citus.require_nodes("who may do what in the database")
        for node in citus.ask_workers(f"{citus.ALONE_THERE}; {CLOSE}"):
            if not node.is_up:
                raise CitusError(f"The node {node.name} of the database cannot be closed: {node.answer}")


def faults_of(tenant: TenantRef) -> list[str]:
    """What is wrong with the rights of the tenant's role and schema, a sentence each; tables are the catalogue's."""
    if not settings.ENGAGE_TENANT_ROLES:
        return []
    return _asked(OF_A_TENANT, {"schema": tenant.schema, "login": citus.in_use()})


def _asked(question: str, parameters: Mapping[str, object]) -> list[str]:
    """The sentences that this node says, and those of a cluster's others with their names."""
    is_cluster = citus.in_use()
    with shared_scope(), connection.cursor() as cursor:
        text = cursor.mogrify(question, parameters) if parameters else question
        cursor.execute(text)
        found = [sentence for (sentence,) in cursor.fetchall()]
    if is_cluster:
        for node in citus.ask_workers(TOGETHER.format(text)):
            said = node.answer.splitlines() if node.is_up else ["does not answer"]
            found += [f"{sentence} (node {node.name})" for sentence in said]
    return sorted(found)
