"""One side of the comparison in a process of its own: ``-m tests.bench.tenants_side ACTION SIDE COUNT FILE``.

``prepare`` makes tenants and times it, ``migrate`` times the migration of all; the answer is JSON on stdout.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Final

import django

django.setup()

from django.core.management import call_command  # noqa: E402  # after the set-up
from django.db import connection  # noqa: E402

from engage_server.operations.tenants import onboard  # noqa: E402
from engage_server.tenancy.models import Tenant  # noqa: E402
from engage_server.tenancy.schemas import generate_schema_name  # noqa: E402
from engage_server.tenancy.scope import shared_scope  # noqa: E402
from engage_server.tenancy.templates import template_statements  # noqa: E402
from tests.bench.tenants import THEIR_SAMPLE  # noqa: E402


def seconds(action: Callable[[], object]) -> float:
    """Wall-clock time of a call."""
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def prepare_ours(count: int, file: Path) -> dict[str, float]:
    """Onboard ``count`` tenants whole: schema, role, domain, keys, plugins, schedules."""
    call_command("migrate", verbosity=0)
    file.write_text(json.dumps(template_statements()))
    new_tenant(0)
    before = database_bytes()
    times = [seconds(lambda n=n: new_tenant(n)) for n in range(1, count)]
    size = (database_bytes() - before) / (count - 1)
    return {
        "onboard_s": median(times),
        "noop_s": seconds(lambda: call_command("migrate", verbosity=0)),
        "tenant_bytes": size,
    }


def prepare_theirs(count: int, file: Path) -> dict[str, float]:
    """Tenant rows, and schemas by ``TenantMixin.create_schema`` (that is, ``migrate_schemas``)."""
    call_command("migrate_schemas", schema_name="public", verbosity=0)
    times = []
    for number in range(THEIR_SAMPLE):
        tenant = their_tenant(number)
        times.append(seconds(lambda tenant=tenant: tenant.create_schema(verbosity=0)))
    statements = ";\n".join(json.loads(file.read_text()))
    for number in range(THEIR_SAMPLE, count):
        schema = their_tenant(number).schema_name
        with connection.cursor() as cursor:
            cursor.execute(f'CREATE SCHEMA "{schema}"')
            cursor.execute(f'SET search_path = "{schema}"')
            cursor.execute(statements)
    return {"onboard_s": median(times)}


def migrate_ours(count: int, file: Path) -> dict[str, float]:
    """The command, shared schema included."""
    taken = seconds(lambda: call_command("migrate", verbosity=0))
    with shared_scope():
        assert columns() == count
    return {"migrate_s": taken}


def migrate_beside(count: int, file: Path) -> dict[str, float]:
    """The command once more, as it is given while requests go on: with no option."""
    return {"migrate_s": seconds(lambda: call_command("migrate", verbosity=0))}


def migrate_theirs(count: int, file: Path) -> dict[str, float]:
    """Their command, on the tenants alone."""
    taken = seconds(lambda: call_command("migrate_schemas", tenant=True, verbosity=0))
    assert columns() == count
    return {"migrate_s": taken}


def columns() -> int:
    """In how many schemas the new field is."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM information_schema.columns WHERE column_name = 'bench_field'")
        found: int = cursor.fetchone()[0]
    return found


def new_tenant(number: int) -> None:
    """One tenant by the use case that the command calls."""
    onboard(slug=f"bench-{number:04}", name="Bench", domain=f"b{number}.localhost", timezone="UTC")


def their_tenant(number: int) -> Tenant:
    """A row without its schema."""
    return Tenant.objects.create(
        slug=f"bench-{number:04}", name="Bench", schema_name=generate_schema_name(), schema_digest=""
    )


def database_bytes() -> int:
    """Size of the whole database, its catalogue included."""
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        size: int = cursor.fetchone()[0]
    return size


ACTIONS: Final = {
    ("prepare", "ours"): prepare_ours,
    ("prepare", "theirs"): prepare_theirs,
    ("migrate", "ours"): migrate_ours,
    ("migrate", "theirs"): migrate_theirs,
    ("migrate_beside", "ours"): migrate_beside,
}

if __name__ == "__main__":
    action, side, count, file = sys.argv[1:]
    print(json.dumps(ACTIONS[action, side](int(count), Path(file))))  # noqa: T201
