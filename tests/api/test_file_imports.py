"""Files too long for a request come in parts and are stored by a worker, each tenant its own."""

import gzip
import json
import threading

import pytest
from django.test import Client

from engage_server.access.models import ApiKey
from engage_server.access.principal import Permission
from engage_server.audit.log import newest
from engage_server.customers.models import Account
from engage_server.engine.background_tasks import run_task
from engage_server.engine.disk import Disk
from engage_server.ingest.imports import uploads, worker
from engage_server.ingest.models import ImportPart
from engage_server.operations.keys import KeyRequest, create_key, make_key
from engage_server.tenancy.scope import tenant_scope
from tests.api.conftest import Caller

FIELDS = """id state uploadPath bytes progress read stored duplicates described incomplete rejected dropped code error
    kind format source checkOnly author"""
OPEN = f"mutation ($input: OpenFileImportInput!) {{ openFileImport(input: $input) {{ dryRun fileImport {{ {FIELDS} }} }} }}"
START = f"mutation ($input: StartFileImportInput!) {{ startFileImport(input: $input) {{ fileImport {{ {FIELDS} }} }} }}"
CANCEL = f"mutation ($input: IdInput!) {{ cancelFileImport(input: $input) {{ fileImport {{ {FIELDS} }} }} }}"
ONE = f"""query ($id: ID!) {{ fileImport(id: $id) {{ {FIELDS}
    refused(first: 1) {{ totalCount pageInfo {{ hasNextPage endCursor }} edges {{ node {{ row code message }} }} }} }} }}"""
NEXT = """query ($id: ID!, $after: String) { fileImport(id: $id) { refused(first: 1, after: $after) {
    pageInfo { hasNextPage } edges { node { row code } } } } }"""
LIST = """query ($first: Int, $after: String, $last: Int, $before: String) {
    fileImports(first: $first, after: $after, last: $last, before: $before) {
        totalCount pageInfo { startCursor endCursor hasNextPage } edges { node { id } } } }"""
TABLE = b"id;Company;plan\ncarver;Carver Dairy;pro\n;Nameless;pro\nnorth;North;free\n;Other;x\n"
ORDER = {
    "kind": "ACCOUNTS",
    "format": "CSV",
    "mapping": {
        "columns": [{"target": "external_id", "column": "id"}, {"target": "name", "column": "Company"}]
    },
}


@pytest.fixture
def callers(at_acme, at_globex) -> tuple[Caller, Caller]:
    return tuple(
        Caller(one.tenant, create_key(one.tenant, ApiKey.Kind.ADMIN), one.host)
        for one in (at_acme, at_globex)
    )


def put(caller: Caller, path: str, content: bytes, *, key: str | None = None, method: str = "put"):
    headers = {"host": f"{caller.host}:8000", "authorization": f"Bearer {key or caller.key}"}
    return getattr(Client(), method)(path, data=content, content_type="text/csv", headers=headers)


def lines(caller: Caller, path: str, *, key: str | None = None):
    headers = {"host": f"{caller.host}:8000", "authorization": f"Bearer {key or caller.key}"}
    return Client().get(f"{path}/refused", headers=headers)


def opened(caller: Caller, **request: object) -> dict:
    return caller.data(OPEN, input={**ORDER, **request})["openFileImport"]["fileImport"]


def sent(caller: Caller, content: bytes = TABLE, *, parts: int = 3, **request: object) -> dict:
    """An import whose file has come in as many parts, the last one first, and which waits for a worker."""
    one = opened(caller, **request)
    length = -(-len(content) // parts)
    for number in range(parts, 0, -1):
        piece = content[(number - 1) * length : number * length]
        assert put(caller, f"{one['uploadPath']}/{number}", piece).status_code == 200
    return caller.data(START, input={"id": one["id"], "bytes": len(content)})["startFileImport"]["fileImport"]


def worked() -> None:
    run_task(worker.TASK, threading.Event())


def seen(caller: Caller, one: dict) -> dict:
    return caller.data(ONE, id=one["id"])["fileImport"]


def names(caller: Caller) -> set[str]:
    with tenant_scope(caller.tenant):
        return set(Account.objects.values_list("name", flat=True))


def test_a_file_that_came_in_parts_is_stored_in_its_own_tenant_and_followed(callers):
    ours, theirs = callers
    one = sent(ours)
    assert (one["state"], one["bytes"], one["read"]) == ("WAITING", len(TABLE), 0)
    worked()
    done = seen(ours, one)
    refused = done.pop("refused")
    assert (done["state"], done["progress"], done["author"].startswith("key:")) == ("DONE", 1.0, True)
    assert {name: done[name] for name in ("read", "stored", "duplicates", "rejected")} == {
        "read": 4, "stored": 2, "duplicates": 0, "rejected": 2,
    }  # fmt: skip
    (edge,) = refused["edges"]
    assert (refused["totalCount"], edge["node"]["row"], edge["node"]["code"]) == (2, 2, "MISSING_FIELD")
    behind = ours.data(NEXT, id=one["id"], after=refused["pageInfo"]["endCursor"])["fileImport"]["refused"]
    assert [edge["node"]["row"] for edge in behind["edges"]] == [4]
    assert not behind["pageInfo"]["hasNextPage"]
    assert names(ours) == {"Carver Dairy", "North"}
    assert names(theirs) == set()
    with tenant_scope(ours.tenant):
        assert [entry.action for entry in newest(3)] == ["import.finished", "import.started", "import.opened"]
        (entry,) = newest(1)
        assert entry.details == {"kind": "accounts", "state": "DONE", "rows": 4, "stored": 2, "rejected": 2}
        assert not ImportPart.objects.filter(kind="FILE").exists()


def test_refused_rows_are_fetched_corrected_and_imported_again(callers):
    ours, _ = callers
    one = sent(ours)
    worked()
    fetched = lines(ours, one["uploadPath"])
    assert fetched.headers["Content-Type"] == "application/x-ndjson"
    rows = [json.loads(line) for line in fetched.content.splitlines()]
    assert [(row["_row"], row["Company"], row["id"]) for row in rows] == [
        (2, "Nameless", ""),
        (4, "Other", ""),
    ]
    corrected = b"".join(json.dumps({**row, "id": row["Company"]}).encode() + b"\n" for row in rows)
    again = sent(ours, corrected, format="NDJSON", parts=1)
    worked()
    assert seen(ours, again)["stored"] == 2
    assert names(ours) == {"Carver Dairy", "North", "Nameless", "Other"}


def test_another_tenants_import_is_as_none_at_all(callers):
    ours, theirs = callers
    one = opened(ours)
    unknown = one["id"][:-6] + "AAAA=="
    for id in (one["id"], unknown, "nothing"):
        assert theirs.code(ONE, id=id) == "NOT_FOUND"
        assert theirs.code(START, input={"id": id, "bytes": 1}) == "NOT_FOUND"
        assert theirs.code(CANCEL, input={"id": id}) == "NOT_FOUND"
        path = f"/graphql/imports/{id}"
        answers = [put(theirs, f"{path}/1", b"x"), lines(theirs, path)]
        assert [(one.status_code, one.json()["errors"][0]["extensions"]["code"]) for one in answers] == [
            (404, "NOT_FOUND")
        ] * 2
    assert theirs.data(LIST)["fileImports"]["totalCount"] == 0
    assert put(ours, f"{one['uploadPath']}/1", b"x", key=theirs.key).status_code in (401, 403)
    assert seen(ours, one)["bytes"] == 0


def test_who_may_not_write_or_see_persons_sends_and_reads_nothing(callers):
    ours, _ = callers
    one = sent(ours)
    worked()
    reader = create_key(ours.tenant, ApiKey.Kind.QUERY)
    assert Caller(ours.tenant, reader, ours.host).code(OPEN, input=ORDER) == "FORBIDDEN"
    assert put(ours, f"{one['uploadPath']}/1", b"x", key=reader).status_code == 403
    asked = KeyRequest(ApiKey.Kind.ADMIN, permissions=frozenset({Permission.EVENTS_WRITE}))
    writer = Caller(ours.tenant, make_key(ours.tenant, asked).text, ours.host)
    assert lines(ours, one["uploadPath"], key=writer.key).status_code == 403
    (edge,) = seen(writer, one)["refused"]["edges"]
    assert edge["node"]["message"] is None


def test_a_packed_file_is_unpacked_and_one_that_only_says_so_fails(callers):
    ours, _ = callers
    one, other, cut = (
        sent(ours, content, isPacked=True)
        for content in (
            gzip.compress(TABLE[:30]) + gzip.compress(TABLE[30:]),
            TABLE,
            gzip.compress(TABLE)[:-9],
        )
    )
    worked()
    assert seen(ours, one)["stored"] == 2
    for failed in (other, cut):
        found = seen(ours, failed)
        assert (found["state"], found["code"]) == ("FAILED", "UNREADABLE_FILE")
        assert "Remedy" in found["error"]


def test_a_file_that_unpacks_to_too_much_fails(callers, monkeypatch):
    ours, _ = callers
    monkeypatch.setattr("engage_server.ingest.imports.file_steps.MOST_UNPACKED_BYTES", len(TABLE) - 1)
    one = sent(ours, gzip.compress(TABLE), isPacked=True)
    worked()
    assert "too long" in seen(ours, one)["error"]


def test_a_mapping_that_fits_no_column_fails_by_name(callers):
    ours, _ = callers
    one = sent(ours, mapping={"columns": [{"target": "external_id", "column": "none"}]})
    worked()
    found = seen(ours, one)
    assert (found["state"], found["code"], found["read"]) == ("FAILED", "MAPPING", 0)
    assert "'none'" in found["error"]
    assert "file.csv" not in found["error"]


def test_looking_alone_stores_nothing(callers):
    ours, _ = callers
    one = sent(ours, checkOnly=True)
    worked()
    assert (seen(ours, one)["state"], seen(ours, one)["stored"], names(ours)) == ("DONE", 2, set())


def test_an_export_of_another_tool_is_taken_as_it_is(callers):
    ours, _ = callers
    event = {
        "event": "Opened",
        "properties": {"distinct_id": "ada", "time": 1_767_261_600, "$insert_id": "e1"},
    }
    content = json.dumps(event).encode() + b"\n" + json.dumps(event).encode() + b"\nno JSON\n"
    one = sent(ours, content, kind="MIXPANEL", format="NDJSON", mapping=None)
    worked()
    found = seen(ours, one)
    assert (found["state"], found["read"], found["stored"], found["duplicates"], found["rejected"]) == (
        "DONE", 3, 1, 1, 1,
    )  # fmt: skip


def test_the_same_part_once_more_takes_its_own_place(callers):
    ours, _ = callers
    one = opened(ours)
    assert put(ours, f"{one['uploadPath']}/1", b"too long").json() == {"bytes": 8}
    assert put(ours, f"{one['uploadPath']}/1", TABLE).json() == {"bytes": len(TABLE)}
    assert ours.data(START, input={"id": one["id"], "bytes": len(TABLE)})


@pytest.mark.parametrize(
    ("number", "content", "status"),
    [
        (0, b"x", 400),
        (uploads.MOST_PARTS + 1, b"x", 400),
        (1, b"", 400),
        (1, b"x" * (uploads.MOST_PART_BYTES + 1), 413),
    ],
)
def test_a_part_that_is_none_is_refused(callers, number, content, status):
    ours, _ = callers
    refusal = put(ours, f"{opened(ours)['uploadPath']}/{number}", content)
    assert refusal.status_code == status
    assert "Remedy" in refusal.json()["errors"][0]["message"]


def test_a_file_is_bounded_and_a_tenant_has_few_at_once(callers, monkeypatch):
    ours, theirs = callers
    monkeypatch.setattr(uploads, "MOST_BYTES", 10)
    one = opened(ours)
    assert put(ours, f"{one['uploadPath']}/1", b"x" * 6).status_code == 200
    assert put(ours, f"{one['uploadPath']}/2", b"x" * 5).status_code == 413
    for _ in range(uploads.MOST_OPEN - 1):
        opened(ours)
    assert ours.code(OPEN, input=ORDER) == "LIMIT_EXCEEDED"
    assert opened(theirs)
    ours.data(CANCEL, input={"id": one["id"]})
    assert opened(ours)


def test_a_disk_that_is_nearly_full_takes_nothing(callers, monkeypatch):
    ours, _ = callers
    one = opened(ours)
    monkeypatch.setattr(uploads, "read_disk", lambda: Disk(free=1, total=10**12))
    assert ours.code(OPEN, input=ORDER) == "LIMIT_EXCEEDED"
    assert put(ours, f"{one['uploadPath']}/1", b"x").status_code == 413


def test_what_is_not_whole_is_not_started_and_nothing_is_started_twice(callers):
    ours, _ = callers
    one = opened(ours)
    id, path = one["id"], one["uploadPath"]
    assert ours.code(START, input={"id": id, "bytes": 0}) == "BAD_USER_INPUT"
    put(ours, f"{path}/2", b"x")
    assert ours.code(START, input={"id": id, "bytes": 1}) == "BAD_USER_INPUT"
    put(ours, f"{path}/1", TABLE)
    assert ours.code(START, input={"id": id, "bytes": len(TABLE)}) == "BAD_USER_INPUT"
    ours.data(START, input={"id": id, "bytes": len(TABLE) + 1})
    assert ours.code(START, input={"id": id, "bytes": len(TABLE) + 1}) == "CONFLICT"
    assert put(ours, f"{path}/1", b"x").status_code == 409


def test_one_that_is_cancelled_stores_nothing_and_its_file_goes(callers):
    ours, _ = callers
    one = sent(ours)
    assert (
        ours.data(CANCEL, input={"id": one["id"]})["cancelFileImport"]["fileImport"]["state"] == "CANCELLED"
    )
    worked()
    assert (seen(ours, one)["state"], names(ours)) == ("CANCELLED", set())
    with tenant_scope(ours.tenant):
        assert not ImportPart.objects.exists()
    assert ours.code(CANCEL, input={"id": one["id"]}) == "CONFLICT"


def test_opening_may_be_tried_and_repeated(callers):
    ours, _ = callers
    tried = ours.data(OPEN, input={**ORDER, "dryRun": True})["openFileImport"]
    assert tried == {"dryRun": True, "fileImport": None}
    first, again = (opened(ours, idempotencyKey="upload-1") for _ in range(2))
    assert first["id"] == again["id"]
    assert ours.data(LIST)["fileImports"]["totalCount"] == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"source": ""},
        {"source": "x" * 64},
        {"separator": "two"},
        {"format": "NDJSON", "separator": ";"},
        {"format": "PARQUET", "isPacked": True},
        {"format": "PARQUET", "encoding": "utf-8"},
        {"encoding": "zlib"},
        {"encoding": "punycode"},
        {"encoding": "ü"},
        {"kind": "POSTHOG"},
        {"kind": "POSTHOG", "format": "NDJSON"},
        {"mapping": {"keep": ["x" * 1_001]}},
        {"mapping": {"keep": ["x"] * 101}},
        {"nullWords": ["x"] * 21},
        {"mapping": {"columns": [{"target": "external_id", "column": "id"}] * 2}},
    ],
)
def test_an_order_that_cannot_be_meant_is_refused_before_a_byte_is_sent(callers, wrong):
    ours, _ = callers
    assert ours.code(OPEN, input={**ORDER, **wrong}) == "BAD_USER_INPUT"
    assert ours.data(LIST)["fileImports"]["totalCount"] == 0


def test_imports_are_listed_the_newest_first_from_either_end(callers):
    ours, _ = callers
    made = [opened(ours)["id"] for _ in range(3)][::-1]
    head = ours.data(LIST, first=2)["fileImports"]
    assert [edge["node"]["id"] for edge in head["edges"]] == made[:2]
    tail = ours.data(LIST, first=2, after=head["pageInfo"]["endCursor"])["fileImports"]
    assert [edge["node"]["id"] for edge in tail["edges"]] == made[2:]
    assert not tail["pageInfo"]["hasNextPage"]
    back = ours.data(LIST, last=2, before=tail["pageInfo"]["startCursor"])["fileImports"]
    assert [edge["node"]["id"] for edge in back["edges"]] == made[:2]
    assert ours.data("query ($id: ID!) { node(id: $id) { id } }", id=made[0])["node"] == {"id": made[0]}
