"""Keeps finished schemas ready, so that a new tenant costs no DDL where the operator wants it instant."""

from dataclasses import dataclass
from typing import Final

from django.db import connection, transaction

from engage_server.tenancy import citus, schemas
from engage_server.tenancy.digests import schema_digest
from engage_server.tenancy.models import SpareSchema
from engage_server.tenancy.scope import shared_scope
from engage_server.tenancy.templates import template_statements

# The digest of one whose role is made and its schema is not yet; no migrations have it.
BEGUN: Final = ""
# Any number that nothing else locks: two refills at once would each make all that is missing.
REFILL_LOCK: Final = 0x7370617265


@dataclass(frozen=True, slots=True)
class Refill:
    """What a refill did, in schemas."""

    made: int
    dropped: int


def claim() -> str | None:
    """Take a spare schema of the present migrations, or None; inside the new tenant's transaction."""
    with shared_scope():
        spare = SpareSchema.objects.select_for_update(skip_locked=True).filter(digest=schema_digest()).first()
        if spare is None:
            return None
        spare.delete()
    return spare.schema_name


def make_one_for_now() -> None:
    """Have a spare schema ready for a tenant that is about to be made; nothing inside a transaction, or where one is.

    On a Citus cluster a tenant is always given one. There, what the login has made is unknown to the tenant's role, by
    which the tenant's first rows are written, until it is committed.

    Raises:
        NodeAwayError: one is to be made, and a node of the cluster is away.
    """
    if connection.in_atomic_block or count_ready():
        return
    citus.require_nodes("making a tenant")
    _make_one(1)


def count_ready() -> int:
    """How many schemas of the present migrations lie ready."""
    with shared_scope():
        return SpareSchema.objects.filter(digest=schema_digest()).count()


def refill(count: int) -> Refill:
    """Have exactly ``count`` spare schemas of the present migrations; each is made or dropped in a transaction."""
    dropped = 0
    while _drop_one(count):
        dropped += 1
    made = 0
    while _make_one(count):
        made += 1
    return Refill(made=made, dropped=dropped)


def _drop_one(count: int) -> bool:
    with shared_scope(timeout_ms=0), transaction.atomic():
        free = SpareSchema.objects.select_for_update(skip_locked=True)
        spare = free.exclude(digest=schema_digest()).first()
        if spare is None and SpareSchema.objects.count() > count:
            spare = free.first()
        if spare is None:
            return False
        spare.delete()
        schemas.drop_schema(spare.ref)
    return True


def _make_one(count: int) -> bool:
    statements = template_statements()
    with shared_scope(timeout_ms=0), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [REFILL_LOCK])
        if SpareSchema.objects.filter(digest=schema_digest()).count() >= count:
            return False
        name = schemas.generate_schema_name()
        if not citus.in_use():
            spare = SpareSchema.objects.create(schema_name=name, digest=schema_digest())
            schemas.create_schema(spare.ref, statements)
            return True
        spare = SpareSchema.objects.create(schema_name=name, digest=BEGUN)
        # On a cluster the schema is made where the role is known, which it is once it is committed.
        schemas.create_role(spare.ref)
    _finish(spare, statements)
    return True


def _finish(spare: SpareSchema, statements: list[str]) -> None:
    """Make the schema to a role; where another refill has taken that away, as of one that was stopped, nothing."""
    with shared_scope(timeout_ms=0), transaction.atomic():
        if SpareSchema.objects.select_for_update().filter(pk=spare.pk).update(digest=schema_digest()):
            citus.lay_out_by_schema()
            schemas.create_schema(spare.ref, statements, has_role=True)
