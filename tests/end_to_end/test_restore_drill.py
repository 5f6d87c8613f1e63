"""The drill: one tenant of three goes back to yesterday while all three are written to; then everything, elsewhere."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event as Signal

import pytest
from django.conf import settings
from django.db import connection, connections
from django.test import Client

from engage_server.access.models import ApiKey
from engage_server.operations.backups.archive import open_archive
from engage_server.operations.backups.backup import back_up
from engage_server.operations.keys import create_key
from engage_server.operations.tenants import onboard
from engage_server.tenancy import embedded, janitor, services
from engage_server.tenancy.scope import TenantRef, tenant_scope
from tests.end_to_end.processes import ROOT, environment
from tests.end_to_end.test_killed_lifecycle import before_each_statement, spread, wait_until_alone
from tests.operations.backups.past import live, restore, rows_of, shared_rows, verdicts

SLUGS = ("acme", "globex", "initech")
KILLS = 10
# What the test's own way to a restoration asks beforehand.
OWN_QUESTIONS = 10
STRAYS = """
    SELECT count(*) FROM activity_event LEFT JOIN customers_person person ON person.id = person_id
    WHERE properties ? 'who' AND external_id IS DISTINCT FROM properties->>'who'
"""
STORED = "SELECT message_id FROM activity_event WHERE properties ? 'who'"


@pytest.fixture
def tenants(transactional_db: None) -> Iterator[dict[str, TenantRef]]:
    yield {
        slug: onboard(slug=slug, name=slug, domain=f"{slug}.localhost", timezone="Europe/Berlin").tenant
        for slug in SLUGS
    }
    for tenant in services.list_tenants():
        services.delete_tenant(tenant.slug)


def manage(*arguments: str, **extra: str) -> str:
    """What the command says; it must end well."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT, env=environment(**extra), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


class Writer:
    """Sends events of ever new and of known persons, and notes what was acknowledged and when."""

    def __init__(self, tenant: TenantRef) -> None:
        self.tenant = tenant
        self.key = create_key(tenant, ApiKey.Kind.INGEST)
        self.acknowledged: dict[str, float] = {}
        self.statuses: set[int] = set()

    def write(self, stop: Signal) -> None:
        number = 0
        try:
            while not stop.is_set():
                calls = [self._call(number + extra) for extra in range(5)]
                number += 5
                sent = Client().post(
                    "/v1/batch", json.dumps({"batch": calls}), content_type="application/json",
                    headers={"Authorization": f"Bearer {self.key}"},
                )  # fmt: skip
                self.statuses.add(sent.status_code)
                if sent.status_code == 200:
                    self.acknowledged |= dict.fromkeys((call["messageId"] for call in calls), time.time())
        finally:
            connections.close_all()

    def _call(self, number: int) -> dict[str, object]:
        who = f"user-{number // 3 if number % 2 else number % 7}"
        return {
            "type": "track", "event": "Used", "userId": who, "messageId": f"m-{number}", "properties": {"who": who},
        }  # fmt: skip

    def stored(self) -> list[str]:
        with tenant_scope(self.tenant), connection.cursor() as cursor:
            cursor.execute(STORED)
            return [message for (message,) in cursor.fetchall()]

    def strays(self) -> int:
        with tenant_scope(self.tenant), connection.cursor() as cursor:
            cursor.execute(STRAYS)
            return int(cursor.fetchone()[0])


def test_one_of_three_tenants_goes_back_while_all_are_written_to(tenants, tmp_path):
    for tenant in tenants.values():
        live(tenant, "ada", "bob")
    manage("backup", "--out", str(tmp_path))
    (folder,) = tmp_path.iterdir()
    for tenant in tenants.values():
        live(tenant, "eve", day=1)
    theirs = {slug: verdicts(tenants[slug]) for slug in SLUGS[1:]}
    writers = [Writer(tenant) for tenant in tenants.values()]
    stop = Signal()
    with ThreadPoolExecutor(len(writers)) as pool:
        writing = [pool.submit(writer.write, stop) for writer in writers]
        time.sleep(2)
        said = manage(
            "restore", str(folder), "--tenant", "acme", "--confirm", "acme", "--out", str(tmp_path / "kept")
        )
        restored_at = time.time()
        time.sleep(2)
        stop.set()
        for done in writing:
            done.result()
    assert "acme: restored" in said
    assert "acme: as the template" in said
    assert [writer.strays() for writer in writers] == [0, 0, 0]
    acme, *others = writers
    assert acme.statuses <= {200, 503}
    after = {message for message, moment in acme.acknowledged.items() if moment > restored_at}
    assert after
    assert after <= set(acme.stored())
    for writer in others:
        assert writer.statuses == {200}
        assert sorted(writer.stored()) == sorted(writer.acknowledged)
    for slug, before in theirs.items():
        assert verdicts(tenants[slug]) == before
    assert verdicts(tenants["acme"]).keys() == {"EQUAL"}
    manage("tenant", "verify", *SLUGS)
    assert len(list((tmp_path / "kept").iterdir())) == 1


@pytest.mark.skipif(
    not settings.ENGAGE_EMBEDDED_POSTGRES,
    reason="DATABASE_URL is set: there is one server, and it is not ours",
)
def test_everything_is_restored_into_another_installation(tenants, tmp_path):
    for tenant in tenants.values():
        live(tenant, "ada", "bob")
    manage("member", "add", "ada@acme.example", "--tenant", "acme", "--role", "owner")
    folder = back_up(tmp_path / "here")
    elsewhere = {"ENGAGE_DATA_DIR": str(tmp_path / "there"), "ENGAGE_DATABASE": "engage"}
    try:
        manage("restore", str(folder), "--check", **elsewhere)
        said = manage("restore", str(folder), **elsewhere)
        assert said.count(": as the template") == 1 + len(SLUGS)
        assert "ada@acme.example" in manage("member", "list", "--tenant", "acme", **elsewhere)
        again = manage("restore", str(folder), **elsewhere)
        assert again.count("is here, left as it is") == len(SLUGS)
        manage("verify", "--tenant", "acme", **elsewhere)
        manage("tenant", "janitor", **elsewhere)
        manage("backup", "--out", str(tmp_path / "back"), **elsewhere)
    finally:
        embedded.stop(tmp_path / "there")
    (copy,) = (tmp_path / "back").iterdir()
    assert contents(copy) == contents(folder)


def contents(folder: Path) -> dict[str, str]:
    """The digests of all that has to be the same in both: what tells of the restoration itself is not."""
    files = open_archive(folder).files
    odd = (
        "audit_auditentry",
        "schema.json",
        "/shared/engine_run",
        "/shared/engine_schedule",
        "tenancy_domain",
    )
    return {name: entry["sha256"] for name, entry in files.items() if not any(part in name for part in odd)}


def test_a_restoration_whose_process_is_killed_changes_nothing(tenants, tmp_path):
    acme = tenants["acme"]
    live(acme, "ada")
    folder = back_up(tmp_path / "backups", slug="acme")
    with before_each_statement(lambda number: None) as numbers:
        restore(folder, "acme")
    live(acme, "eve", day=1)
    before, shared = rows_of(acme), shared_rows(acme.id)
    points = spread(len(numbers) - OWN_QUESTIONS, KILLS)

    def victims(*numbers: int) -> list[int]:
        done = subprocess.run(
            [
                sys.executable, "-m", "tests.end_to_end.lifecycle_victim", "restore", str(folder),
                *(f"acme:{number}" for number in numbers),
            ],
            cwd=ROOT, env=environment(), check=True, capture_output=True, text=True,
        )  # fmt: skip
        wait_until_alone()
        return [int(line.split()[1]) for line in done.stdout.splitlines()]

    assert victims(*points) == [-signal.SIGKILL] * len(points)
    assert (rows_of(acme), shared_rows(acme.id)) == (before, shared)
    # Roles are all databases': one that another test's tenant is about to lose may show for a moment.
    deadline = time.monotonic() + 10
    while found := janitor.look(tmp_path / "exports"):
        assert time.monotonic() < deadline, found
        time.sleep(0.1)
    assert victims(10_000) == [0]
    assert rows_of(acme) != before
    manage("tenant", "verify", "acme")
