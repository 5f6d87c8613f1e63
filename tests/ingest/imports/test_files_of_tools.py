"""Parquet, NDJSON and the exports of other tools: every row is stored or among the rejects."""

import gzip
import json
import os
import stat
from pathlib import Path

import polars as pl
import pytest
from django.core.management.base import CommandError

from engage_server.activity.models import Event
from engage_server.customers.models import Membership, Person
from engage_server.ingest.imports import ndjson_files, runner
from engage_server.tenancy.scope import tenant_scope
from tests.ingest.imports.importing import NOT_ALL_TAKEN, accounts, imported, rejects

pytestmark = pytest.mark.usefixtures("in_folder")
FILES = Path(__file__).parent / "files"
UUID_TEXT = "c5b94c43-15dc-4383-8e2c-16416da8937b"


# --- Parquet


def test_uuids_of_a_parquet_file_are_their_texts(acme):
    assert imported("events", FILES / "uuid.parquet")["stored"] == 1
    with tenant_scope(acme):
        assert Event.objects.get().message_id == UUID_TEXT


def test_bytes_that_are_no_text_cost_their_row(acme):
    summary = imported("accounts", FILES / "bytes.parquet")
    assert accounts(acme) == {"a": "Ada", "c": "Carl"}
    (refused,) = rejects(summary)
    assert (refused["_row"], refused["_code"], refused["_values"]["name"]) == (
        2,
        "INVALID_TEXT",
        r"G\xfcnther",
    )


def test_infinite_times_of_a_parquet_file_are_open_ends(acme):
    assert imported("memberships", FILES / "open_ends.parquet")["rejected"] == 0
    with tenant_scope(acme):
        assert set(Membership.objects.values_list("starts_at__year", "ends_at")) == {
            (1970, None),
            (2026, None),
        }


def test_every_type_of_a_parquet_file_becomes_a_trait(acme):
    columns = pl.read_parquet_schema(FILES / "types.parquet")
    traits = ",".join(name for name in columns if name != "external_id")
    assert imported("persons", FILES / "types.parquet", None, "--traits", traits)["stored"] == 2
    with tenant_scope(acme):
        found = Person.objects.get(external_id="p0").traits
    assert {name: found[name] for name in ("price", "day", "zoned", "list", "struct", "plan", "bytes")} == {
        "price": "12.50", "day": "2026-01-31", "zoned": "2026-01-31T09:00:00Z", "list": [1, 2],
        "struct": {"a": 1, "b": "2026-01-31"}, "plan": "pro", "bytes": "blob",
    }  # fmt: skip
    assert found["fine"].startswith("2026-01-31T10:00:00.123456")
    assert len(found["uid"]) == 36
    assert "nothing" not in found


def test_a_damaged_parquet_file_is_refused_in_words(acme):
    whole = (FILES / "types.parquet").read_bytes()
    traits = ",".join(pl.read_parquet_schema(FILES / "types.parquet"))
    for damaged in (whole[:-100], whole[:4] + b"\xff" * 200 + whole[204:], b"PAR1PAR1", b""):
        with pytest.raises(CommandError, match="Remedy"):
            imported("persons", "damaged.parquet", damaged, "--traits", traits)


# --- NDJSON and exports of other tools


def test_a_member_that_appears_only_after_the_sample_is_stored(acme, monkeypatch):
    monkeypatch.setattr(ndjson_files, "SAMPLE_LINES", 2)
    event = {"message_id": "m", "name": "x", "occurred_at": "2026-01-01", "person": "ada"}
    lines = [{**event, "message_id": f"m{n}", **({"account": "acc"} if n > 2 else {})} for n in range(5)]
    assert imported("events", "e.ndjson", "\n".join(map(json.dumps, lines)))["stored"] == 5
    with tenant_scope(acme):
        assert Event.objects.filter(account__external_id="acc").count() == 2


def test_an_export_of_another_tool_loses_no_line_beside_a_broken_one(acme):
    event = {"event": "x", "properties": {"distinct_id": "ada", "time": 1767225600}}
    sent = [
        json.dumps({**event, "properties": {**event["properties"], "$insert_id": str(n)}}) for n in range(3)
    ]
    content = f"\n{sent[0]}\n  \n{sent[1]}\n{{broken\n".encode() + b'{"event": "\xff"}\n' + sent[2].encode()
    summary = imported("mixpanel", "e.jsonl", content)
    assert (summary["stored"], summary["rejected"], summary["status"]) == (3, 2, NOT_ALL_TAKEN)
    assert rejects(summary)[1]["_line"] == r'{"event": "\xff"}'


def test_a_cut_gzip_is_refused_after_what_was_whole(acme):
    rows = "".join(f"acc-{os.urandom(8).hex()},X\n" for _ in range(20_000))
    cut = gzip.compress(f"external_id,name\n{rows}".encode())[:-2_000]
    with pytest.raises(CommandError, match="damaged"):
        imported("accounts", "a.csv.gz", cut)
    with pytest.raises(CommandError, match="damaged"):
        imported("mixpanel", "e.jsonl.gz", gzip.compress(rows.encode())[:-2_000])


def test_a_file_that_is_written_meanwhile_is_noticed(acme, monkeypatch):
    stored = runner.store_by_halves

    def store_and_write(*arguments, **named):
        with Path("a.csv").open("a") as file:
            file.write("c,Z\n")
        return stored(*arguments, **named)

    monkeypatch.setattr(runner, "store_by_halves", store_and_write)
    with pytest.raises(CommandError, match="changed while it was read"):
        imported("accounts", "a.csv", "external_id,name\na,X\nb,Y\n")


def test_a_pipe_or_a_folder_is_refused_in_words(acme):
    os.mkfifo("a.csv")
    Path("b.csv").mkdir()
    for name in ("a.csv", "b.csv"):
        with pytest.raises(CommandError, match="save it to a file first"):
            imported("accounts", name)


def test_the_rejects_are_readable_for_their_owner_alone(acme):
    Path("a.rejects.ndjson").touch(0o666)
    summary = imported("accounts", "a.csv", "external_id,name\na,X\n,Y\n")
    assert stat.S_IMODE(Path(summary["rejects"]).stat().st_mode) == 0o600
