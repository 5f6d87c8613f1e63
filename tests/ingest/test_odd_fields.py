"""What clients get wrong in one field costs that field, on note, and never the call."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from engage_server.activity.models import Event
from engage_server.customers.models import Account, Membership, Person
from engage_server.ingest.models import QuarantinedItem
from engage_server.tenancy.scope import TenantRef, tenant_scope

TRACK = {"type": "track", "messageId": "m", "userId": "ada", "event": "Exported"}
IDENTIFY = {"type": "identify", "userId": "ada"}
GROUP = {"type": "group", "userId": "ada", "groupId": "g"}


def taken(post, call: dict[str, Any]) -> list[tuple[str, str]]:
    answer = post({"batch": [call]}).json()
    assert (answer["accepted"], answer["rejected"]) == (1, [])
    return [(one["code"], one["message"]) for one in answer.get("notes", [])]


@pytest.mark.parametrize(
    "call",
    [
        TRACK | {"properties": []},
        TRACK | {"context": []},
        TRACK | {"messageId": 5},
        TRACK | {"event": 404},
        TRACK | {"userId": 7.0},
        IDENTIFY | {"traits": []},
        IDENTIFY | {"context": {"traits": []}},
        GROUP | {"traits": {"name": 7, "plan": 2024, "parent": 12.0}},
        TRACK | {"type": "page", "name": 7, "category": 8},
    ],
    ids=str,
)
def test_an_empty_list_and_a_number_for_a_text_are_read_as_meant(post, call):
    assert taken(post, call) == []


@pytest.mark.parametrize(
    ("call", "code", "named"),
    [
        (TRACK | {"properties": [1]}, "invalid_type", "$.properties"),
        (TRACK | {"properties": "x"}, "invalid_type", "$.properties"),
        (TRACK | {"context": 5}, "invalid_type", "$.context"),
        (TRACK | {"context": {"groupId": {}}}, "invalid_type", "$.context.groupId"),
        (TRACK | {"anonymousId": {"id": 1}}, "invalid_type", "$.anonymousId"),
        (TRACK | {"category": ["x"]}, "invalid_type", "$.category"),
        (IDENTIFY | {"traits": "x"}, "invalid_type", "$.traits"),
        (GROUP | {"traits": {"name": []}}, "invalid_trait", "name"),
        (GROUP | {"traits": {"plan": "p" * 101}}, "invalid_trait", "plan"),
        (GROUP | {"traits": {"parent": []}}, "invalid_trait", "parent"),
        (GROUP | {"traits": {"stage": "Series A"}}, "invalid_trait", "stage"),
        (GROUP | {"traits": {"createdAt": "long ago"}}, "invalid_trait", "createdAt"),
    ],
    ids=str,
)
def test_a_field_of_another_type_costs_itself_with_a_note(post, call, code, named):
    ((told, message),) = taken(post, call)
    assert told == code
    assert named in message


def test_what_can_be_read_beside_it_is_kept(acme: TenantRef, globex: TenantRef, post):
    taken(
        post, TRACK | {"context": {"groupId": "g", "traits": 7}, "userId": 4711.0, "properties": {"n": 1.50}}
    )
    with tenant_scope(acme):
        event = Event.objects.get()
        assert (event.person.external_id, event.account.external_id) == ("4711", "g")
        assert event.properties == {"n": 1.5}
    with tenant_scope(globex):
        assert not Event.objects.exists()


def test_notes_are_bounded_and_told_by_index(post):
    calls = [TRACK | {"messageId": f"m{number}", "properties": number} for number in range(150)]
    notes = post({"batch": calls}).json()["notes"]
    assert [one["index"] for one in notes] == list(range(100))


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/batch/", {"batch": [{"event": "x", "distinct_id": "ada", "properties": [], "$set": []}]}),
        ("/batch/", {"batch": [{"event": "x", "distinct_id": "ada", "uuid": 5, "properties": {"$set": []}}]}),
        ("/track?verbose=1", [{"event": 7, "properties": {"distinct_id": "ada", "company_id": []}}]),
        ("/engage?verbose=1", [{"$distinct_id": "ada", "$set": []}]),
        ("/groups?verbose=1", [{"$group_key": "company", "$group_id": 7.0, "$set": []}]),
        (
            "/2/httpapi",
            {
                "events": [
                    {
                        "event_type": "x",
                        "user_id": 1.0,
                        "event_properties": [],
                        "user_properties": [],
                        "groups": [],
                    }
                ]
            },
        ),
        (
            "/com.snowplowanalytics.snowplow/tp2",
            {"data": [{"e": "se", "se_ac": "x", "uid": "ada", "co": []}]},
        ),
    ],
    ids=str,
)
def test_every_protocol_reads_phps_empty_lists_as_empty_objects(acme: TenantRef, post, path, body):
    answer = post(body, path)
    assert answer.status_code == 200
    with tenant_scope(acme):
        assert list(QuarantinedItem.objects.values_list("code", "message")) == []
        assert Event.objects.exists() or Person.objects.exists() or Account.objects.exists()


@pytest.mark.parametrize(
    ("path", "body", "named"),
    [
        ("/batch/", {"batch": [{"event": "x", "distinct_id": "ada", "$set": 7}]}, "$set"),
        (
            "/batch/",
            {"batch": [{"event": "x", "distinct_id": "ada", "properties": "x", "$set": {"a": 1}}]},
            "properties",
        ),
        ("/engage?verbose=1", [{"$distinct_id": "ada", "$set": "x", "$set_once": {"a": 1}}], "$set"),
        ("/2/httpapi", {"events": [{"event_type": "x", "user_id": "ada", "groups": "acct"}]}, "groups"),
    ],
    ids=str,
)
def test_in_every_protocol_a_field_of_another_type_costs_itself(acme: TenantRef, post, path, body, named):
    answer = post(body, path).json()
    assert [named in one["message"] for one in answer["notes"]] == [True]
    with tenant_scope(acme):
        assert Person.objects.get().external_id == "ada"
        assert not QuarantinedItem.objects.exists()


LINE = b'{"event": "x", "properties": {"distinct_id": "ada", "$insert_id": "%d", "time": 1772366400}}'
LINES = [LINE % number for number in range(3)]


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        (b"\n".join([*LINES, b""]), []),
        (b"\n\n \n".join(LINES), []),
        (b"\r\n".join([LINES[0], b'{"event": "x", "prop', LINES[1], LINES[2]]), ["invalid_json"]),
        (b"\n".join([b'{"event" "x"}', *LINES]), ["invalid_json"]),
        (b"\n".join([*LINES, LINE[:40]]), ["invalid_json"]),
    ],
    ids=[
        "a blank last line",
        "blank lines between",
        "a broken line",
        "a broken first line",
        "a cut last line",
    ],
)
def test_lines_of_an_import_are_items_each(acme: TenantRef, post, body, codes):
    answer = post(body, "/import").json()
    assert (answer["num_records_imported"], [one["code"] for one in answer["failed_records"]]) == (3, codes)
    with tenant_scope(acme):
        assert Event.objects.count() == 3
        assert QuarantinedItem.objects.count() == len(codes)


def test_a_single_object_may_have_line_breaks(post):
    body = json.dumps(json.loads(LINES[0]), indent=1).encode()
    assert post(body, "/import").json()["num_records_imported"] == 1


def now(**ago: float) -> str:
    return (datetime.now(UTC) - timedelta(**ago)).isoformat()


def milliseconds(**ago: float) -> int:
    return int((datetime.now(UTC) - timedelta(**ago)).timestamp() * 1000)


@pytest.mark.parametrize("ahead", [timedelta(hours=2), timedelta(days=3)], ids=str)
def test_what_is_told_as_after_its_sending_happened_when_it_came(acme: TenantRef, post, ahead):
    sent, told = datetime.now(UTC) - ahead, datetime.now(UTC)
    in_ms = [str(int(moment.timestamp() * 1000)) for moment in (sent, told)]
    bodies = {
        "/v1/batch": {"sentAt": sent.isoformat(), "batch": [TRACK | {"timestamp": told.isoformat()}]},
        "/v1/track": {**TRACK, "messageId": "2", "sentAt": sent.isoformat(), "timestamp": told.isoformat()},
        "/batch/": {
            "sent_at": sent.isoformat(),
            "batch": [{"event": "x", "distinct_id": "ada", "timestamp": told.isoformat()}],
        },
        "/2/httpapi": {
            "client_upload_time": sent.isoformat(),
            "events": [{"event_type": "x", "user_id": "ada", "time": int(in_ms[1])}],
        },
        "/com.snowplowanalytics.snowplow/tp2": {
            "data": [{"e": "se", "se_ac": "x", "uid": "ada", "stm": in_ms[0], "dtm": in_ms[1]}]
        },
    }
    for path, body in bodies.items():
        assert post(body, path).status_code == 200
    with tenant_scope(acme):
        times = list(Event.objects.values_list("occurred_at", "received_at"))
        assert len(times) == len(bodies)
        assert all(occurred == received for occurred, received in times)


ACCOUNTS_OWN = {
    "/v1/batch": {"batch": [{"type": "track", "event": "x", "context": {"groupId": "acc"}, "userId": ""}]},
    "/v1/page": {"context": {"groupId": "acc"}},
    "/batch/": {"batch": [{"event": "x", "properties": {"$groups": {"company": "acc"}}}]},
    "/import": [{"event": "x", "properties": {"distinct_id": "", "company_id": "acc", "time": 1772366400}}],
    "/2/httpapi": {"events": [{"event_type": "x", "groups": {"company": "acc"}}]},
    "/com.snowplowanalytics.snowplow/tp2": {
        "data": [
            {
                "e": "se",
                "se_ac": "x",
                "co": json.dumps(
                    {"data": [{"schema": "iglu:a/company/jsonschema/1-0-0", "data": {"id": "acc"}}]}
                ),
            }
        ]
    },
}


@pytest.mark.parametrize("path", ACCOUNTS_OWN)
def test_an_accounts_event_needs_no_person_and_counts_for_none(acme: TenantRef, post, path):
    assert post(ACCOUNTS_OWN[path], path).status_code == 200
    with tenant_scope(acme):
        event = Event.objects.get()
        assert (event.person, event.account.external_id) == (None, "acc")
        assert not Person.objects.exists()


def test_a_group_call_without_a_person_describes_the_account_and_says_so(acme: TenantRef, post):
    call = {"type": "group", "groupId": "acc", "traits": {"name": "Acc", "stage": "lead"}}
    assert [code for code, _ in taken(post, call)] == ["missing_user"]
    with tenant_scope(acme):
        assert Account.objects.get().stage == "LEAD"
        assert not Membership.objects.exists()
