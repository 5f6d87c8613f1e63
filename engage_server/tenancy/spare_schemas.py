"""Keeps finished schemas ready, so that a new tenant costs no DDL where the operator wants it instant."""

from dataclasses import dataclass
from typing import Final

from django.db import connection, transaction

from engage_server.tenancy import schemas
from engage_server.tenancy.digests import schema_digest
from engage_server.tenancy.models import SpareSchema
from engage_server.tenancy.scope import shared_scope
from engage_server.tenancy.templates import template_statements

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
        spare = SpareSchema.objects.create(schema_name=schemas.generate_schema_name(), digest=schema_digest())
        schemas.create_schema(spare.ref, statements)
    return True
