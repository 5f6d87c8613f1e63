"""What is handed over: everything about a person; a tenant's data as Parquet, which can be taken in again."""

import json

import polars as pl
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from engage_server.audit import log as audit_log
from engage_server.automation.models import Delivery, Journey, Signal
from engage_server.customers.erasure import identifying_texts
from engage_server.customers.models import Person
from engage_server.privacy import person_export
from engage_server.privacy.exceptions import TooMuchToExportError, UnknownPersonError
from engage_server.tenancy.scope import TenantRef, tenant_scope
from tests.privacy.scenario import FIRST, TOKEN, noon, store, use
from tests.privacy.test_erasure import DEVICE, USER, plant

HASH = """
    SELECT md5(string_agg(row::text, chr(10) ORDER BY row.message_id, row.source)) FROM (
        SELECT source.name AS source, event.message_id, name.name, person.external_id AS person,
               CASE WHEN person.external_id IS NULL THEN alias.alias END AS device, account.external_id AS account,
               event.occurred_at, event.received_at, event.properties
        FROM activity_event event JOIN activity_source source ON source.id = event.source_id
        JOIN activity_eventname name ON name.id = event.name_id
        LEFT JOIN customers_person person ON person.id = event.person_id
        LEFT JOIN customers_personalias alias ON alias.person_id = event.person_id
        LEFT JOIN customers_account account ON account.id = event.account_id) row
"""


def hash_of(tenant: TenantRef) -> str:
    with tenant_scope(tenant), connection.cursor() as cursor:
        cursor.execute(HASH)
        return cursor.fetchone()[0]


@pytest.fixture
def planted(acme: TenantRef, globex: TenantRef) -> TenantRef:
    plant(acme)
    plant(globex)
    return acme


@pytest.mark.parametrize("name", [USER, DEVICE])
def test_a_persons_export_holds_all_of_it_and_nothing_of_others(planted, name):
    with tenant_scope(planted):
        document = person_export.export_person(name)
        (told,) = audit_log.newest(1)
    assert {section: len(rows) for section, rows in document.items() if isinstance(rows, list)} == {
        "persons": 3, "names": 3, "memberships": 1, "survey_responses": 2, "events": 3, "values": 0, "signals": 0,
        "journeys": 0, "tasks": 0, "invitations": 0, "deliveries": 0, "quarantine": 2,
    }  # fmt: skip
    assert [event["message_id"] for event in document["events"]] == ["e1", "e2", "e3"]
    assert document["events"][0]["properties"] == {"who": TOKEN}
    assert "bob" not in json.dumps(document)
    assert (told.action, told.details) == ("data.exported", {"rows": 14})
    assert TOKEN not in told.subject


def test_what_automation_did_about_a_person_is_in_the_export(planted, globex):
    with tenant_scope(planted):
        pk, bob = (Person.objects.get(external_id=name).pk for name in (USER, "bob"))
        for subject, reason in ((pk, "called"), (bob, "of bob")):
            about = {"subject_kind": "person", "subject": subject}
            signal = Signal.objects.create(
                rule=1,
                rule_version=1,
                is_risk=True,
                raised_on=FIRST,
                evidence={"value": 3},
                reason=reason,
                **about,
            )
            Journey.objects.create(playbook=2, version=1, signal=signal.pk, due_at=noon(FIRST), **about)
        for subject, text in (
            ({"kind": "person", "id": pk}, "about"),
            ({}, f"ask {TOKEN}@x.test"),
            ({}, "of bob"),
        ):
            message = {"subject": "x", "text": text, "data": {"subject": subject}}
            Delivery.objects.create(channel=3, cause="rule 1", message=message)
        names = identifying_texts([pk])
        document = person_export.export_person(USER)
    assert [(one["rule"], one["evidence"], one["reason"]) for one in document["signals"]] == [
        (1, {"value": 3}, "called")
    ]
    assert [(one["playbook"], one["state"]) for one in document["journeys"]] == [(2, "RUNNING")]
    texts = [one["message"]["text"] for one in document["deliveries"]]
    assert texts == (["about", f"ask {TOKEN}@x.test"] if f"{TOKEN}@x.test" in names else ["about"])
    with tenant_scope(globex):
        theirs = person_export.export_person(USER)
    assert [theirs[section] for section in ("signals", "journeys", "deliveries")] == [[], [], []]


def test_the_command_writes_the_same_to_a_file_however_much_it_is(planted, tmp_path, monkeypatch):
    with tenant_scope(planted):
        document = person_export.export_person(USER)
        monkeypatch.setattr(person_export, "MOST_ROWS_IN_AN_ANSWER", 5)
        with pytest.raises(TooMuchToExportError, match="Remedy"):
            person_export.export_person(USER)
    call_command("privacy", "export", USER, "--tenant", "acme", "--out", str(tmp_path / "ada.json"))
    written = json.loads((tmp_path / "ada.json").read_text())
    assert {**written, "exported_at": ""} == {**document, "exported_at": ""}


def test_nobody_is_exported_under_a_name_of_another_tenant(planted, globex):
    store(globex, use("only-here", "only-globex", FIRST))
    with tenant_scope(planted), pytest.raises(UnknownPersonError):
        person_export.export_person("only-globex")


def test_exported_events_are_taken_in_again_with_equal_hashes(planted, globex, tmp_path, capsys):
    odd = json.dumps(
        {
            "text": 'back\\slash "quoted"\n\ttab \u2028 ключ 💡',
            "n": 12345678901234567890,
            "f": 0.1,
            "none": None,
        }
    )
    store(
        planted, use('odd \\ "id"', "line\nbreak", FIRST, properties=odd, account='quo"te'), source="mobile"
    )
    call_command("tenant", "export", "acme", "--format", "parquet", "--export-dir", str(tmp_path))
    (manifest,) = tmp_path.glob("acme-*/manifest.json")
    told = json.loads(manifest.read_text())
    assert told["schema"] == planted.schema
    assert sum(file["rows"] for file in told["events"].values()) == 6
    with tenant_scope(globex), connection.cursor() as cursor:
        cursor.execute("DELETE FROM activity_event")
    for file, of in told["events"].items():
        call_command("import", "events", str(manifest.parent / file), tenant="globex", source=of["source"])
    assert hash_of(globex) == hash_of(planted)


def test_every_table_that_is_not_made_of_events_is_in_the_parquet_export(planted, tmp_path):
    call_command("tenant", "export", "acme", "--format", "parquet", "--export-dir", str(tmp_path))
    (folder,) = tmp_path.glob("acme-*")
    manifest = json.loads((folder / "manifest.json").read_text())
    told = manifest["rows"]
    assert {path.name for path in folder.glob("*")} == {
        "manifest.json", *(one["file"] for one in manifest["imports"]), *(f"{table}.parquet" for table in told),
    }  # fmt: skip
    persons = pl.read_parquet(folder / "customers_person.parquet")
    assert persons.schema["created_at"] == pl.Datetime("us", "UTC")
    assert sorted(persons["external_id"].drop_nulls()) == sorted(["bob", USER, f"old-{TOKEN}"])
    assert pl.read_parquet(folder / "customers_surveyresponse.parquet")["score"].to_list() == [1, 9, None]
    assert (
        told["customers_subscription"]
        == pl.read_parquet(folder / "customers_subscription.parquet").height
        == 0
    )


def test_an_unknown_person_is_said_to_be_unknown(planted, tmp_path):
    with pytest.raises(CommandError, match="Nobody of this tenant"):
        call_command("privacy", "export", "nobody", "--tenant", "acme", "--out", str(tmp_path / "out"))
