"""Web pages of other origins ask the tenants that name them, and no others."""

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from engage_server.access.models import ApiKey
from engage_server.audit.log import newest
from engage_server.operations.keys import create_key
from engage_server.tenancy import origins
from engage_server.tenancy.scope import tenant_scope

ALLOW = "Access-Control-Allow-Origin"
OURS, THEIRS = "https://app.example.com", "https://evil.example.com"
QUERY, TRACK = "/graphql", "/v1/track"


@pytest.fixture(autouse=True)
def nothing_remembered():
    origins._owners.clear()


def preflight(path: str, origin: str, host: str = "acme.localhost"):
    headers = {"host": host, "origin": origin, "access-control-request-method": "POST"}
    return Client().options(path, headers=headers)


def track(key: str, **headers: str):
    event = {"userId": "u", "event": "Seen", "messageId": headers.get("origin", "none")}
    headers = {"authorization": f"Bearer {key}", **headers}
    return Client().post(TRACK, event, content_type="application/json", headers=headers)


def test_without_named_origins_any_page_may_send_and_none_may_read(acme):
    assert preflight(TRACK, THEIRS)[ALLOW] == "*"
    assert track(create_key(acme, ApiKey.Kind.INGEST), origin=THEIRS).status_code == 200
    assert ALLOW not in preflight(QUERY, THEIRS)


def test_with_named_origins_their_pages_alone_may_send_and_read(acme, globex):
    call_command("tenant", "origins", "acme", OURS)
    for path in (TRACK, QUERY):
        assert preflight(path, OURS)[ALLOW] in {"*", OURS}
        assert ALLOW not in preflight(path, THEIRS)
    assert ALLOW not in preflight(QUERY, OURS, host="globex.localhost")
    key = create_key(acme, ApiKey.Kind.INGEST)
    assert track(key, origin=OURS).status_code == 200
    refused = track(key, origin=THEIRS)
    assert (refused.status_code, refused.json()["code"]) == (401, "forbidden")
    assert track(key).status_code == 200, "a server sends no origin"
    assert track(create_key(globex, ApiKey.Kind.INGEST), origin=THEIRS).status_code == 200


def test_at_a_host_of_nobodys_nothing_tells_whom_some_tenant_names(acme):
    def told(origin: str) -> dict[str, str]:
        answer = preflight(QUERY, origin, host="localhost")
        return {name: value.replace(origin, "its own") for name, value in answer.items()}

    before = told(OURS)
    call_command("tenant", "origins", "acme", OURS)
    assert told(OURS) == told(THEIRS) == before
    assert before[ALLOW.lower()] == "its own"


def test_at_a_host_of_nobodys_the_tenant_of_the_key_says_who_may_read_the_answer(acme, globex):
    call_command("tenant", "origins", "acme", OURS)

    def answered(origin: str, authorization: str):
        headers = {"host": "localhost", "authorization": authorization, "origin": origin}
        return Client().post(
            QUERY, {"query": "{ tenant { slug } }"}, content_type="application/json", headers=headers
        )

    ours, theirs = (f"Bearer {create_key(tenant, ApiKey.Kind.QUERY)}" for tenant in (acme, globex))
    assert answered(OURS, ours)[ALLOW] == OURS
    assert ALLOW not in answered(THEIRS, ours)
    assert ALLOW not in answered(OURS, theirs)
    assert ALLOW not in answered(OURS, "Bearer none")


def test_an_answer_to_a_named_page_may_be_read_by_it_without_cookies(acme):
    call_command("tenant", "origins", "acme", OURS)
    headers = {"host": "acme.localhost", "authorization": f"Bearer {create_key(acme, ApiKey.Kind.QUERY)}"}
    response = Client().post(
        QUERY,
        {"query": "{ tenant { slug } }"},
        content_type="application/json",
        headers={**headers, "origin": OURS},
    )
    assert response.json()["data"] == {"tenant": {"slug": "acme"}}
    assert response[ALLOW] == OURS
    assert "Access-Control-Allow-Credentials" not in response


def test_origins_are_checked_recorded_and_lifted_by_command(acme, capsys):
    for wrong in ("app.example.com", "https://app.example.com/path", "*", "https://App.example.com", "null"):
        with pytest.raises(CommandError, match="no origin"):
            call_command("tenant", "origins", "acme", wrong)
    call_command("tenant", "origins", "acme", OURS + "/", "http://localhost:3000")
    call_command("tenant", "origins", "acme", "--any")
    assert capsys.readouterr().out.splitlines()[:2] == ["http://localhost:3000", OURS]
    with tenant_scope(acme):
        assert [entry.details["origins"] for entry in newest(2, action="origins.changed")] == [
            [],
            ["http://localhost:3000", OURS],
        ]
