"""Marketo gives bearer tokens that end: they are fetched, kept, and fetched again; from its own host and nowhere else."""

import io
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.management import call_command

from engage_server.automation import bearer_tokens
from engage_server.automation.channels import channels
from engage_server.automation.exceptions import UnsendableError
from engage_server.definitions.exceptions import InvalidDefinitionError
from engage_server.operations import channels as operations
from engage_server.tenancy.scope import tenant_scope
from tests.automation.deliveries import deliver, make_due, put
from tests.automation.test_payloads import ABOUT_ACCOUNT

SECRET = "s3cret/of+acme"
OVER = {"requestId": "1", "success": False, "errors": [{"code": "602", "message": "Access token expired"}]}
SKIPPED = {
    "success": True,
    "result": [{"status": "skipped", "reasons": [{"code": "1013", "message": "Not found"}]}],
}


@dataclass
class Marketo:
    """Its identity service and its sync of companies, as its reference has them. ``lasts``: each token, in seconds."""

    url: str = ""
    lasts: float = 3_599
    clients: dict[str, str] = field(default_factory=lambda: {"acme-id": SECRET, "globex-id": "another"})
    asked: list[dict[str, list[str]]] = field(default_factory=list)
    tokens: dict[str, str] = field(default_factory=dict)
    taken: list[tuple[str, dict]] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)

    def end_tokens(self) -> None:
        self.tokens.clear()

    def identity(self, query: dict[str, list[str]]) -> tuple[int, object]:
        self.asked.append(query)
        client, secret = query["client_id"][0], query["client_secret"][0]
        if query["grant_type"] != ["client_credentials"] or self.clients.get(client) != secret:
            return 401, {"error": "invalid_client", "error_description": f"Bad client credentials {secret}"}
        token = f"cdf01657-{len(self.asked)}:int"
        self.tokens[token] = client
        return 200, {
            "access_token": token,
            "token_type": "bearer",
            "expires_in": self.lasts,
            "scope": "a@b.c",
        }

    def companies(self, authorization: str, body: bytes) -> tuple[int, object]:
        client = self.tokens.get(authorization.removeprefix("Bearer "))
        if client is None:
            return 200, OVER
        self.taken.append((client, json.loads(body)))
        return 200, {"requestId": "2", "success": True, "result": [{"status": "created"}]}


@contextmanager
def running_marketo() -> Iterator[Marketo]:
    marketo = Marketo()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            parts = urlsplit(self.path)
            headers: dict[str, str] = {}
            if parts.path == "/identity/oauth/token" and marketo.answers:
                status, headers, text = marketo.answers.pop(0)
            elif parts.path == "/identity/oauth/token":
                status, said = marketo.identity(parse_qs(parts.query))
                text = json.dumps(said).encode()
            else:
                status, said = marketo.companies(self.headers.get("authorization", ""), body)
                text = json.dumps(said).encode()
            self.send_response(status)
            for name, value in {**headers, "content-length": str(len(text))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    marketo.url = f"http://127.0.0.1:{server.server_port}/rest/v1/companies.json"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield marketo
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def marketo(may_send):
    bearer_tokens._kept.clear()
    with running_marketo() as one:
        yield one
    bearer_tokens._kept.clear()


def made(marketo: Marketo, **fields: object) -> int:
    given = {
        "kind": "WEBHOOK", "url": marketo.url, "shape": "MARKETO", "client_id": "acme-id", "credential": SECRET, **fields,
    }  # fmt: skip
    return operations.create_channel("Marketo", given).channel.number


def tell_again(tenant, *messages) -> list:
    with tenant_scope(tenant):
        put(channels()[0].number, *(messages or [ABOUT_ACCOUNT]))
    return deliver(tenant)


def told(tenant, marketo: Marketo, **fields: object) -> list:
    with tenant_scope(tenant):
        put(made(marketo, **fields), ABOUT_ACCOUNT)
    return deliver(tenant)


def test_a_token_is_fetched_once_and_serves_every_message_until_it_ends(acme, globex, marketo):
    assert {one.state for one in told(acme, marketo)} == {"SENT"}
    assert {one.state for one in tell_again(acme, ABOUT_ACCOUNT, ABOUT_ACCOUNT)} == {"SENT"}
    assert marketo.asked == [
        {"grant_type": ["client_credentials"], "client_id": ["acme-id"], "client_secret": [SECRET]}
    ]
    told(globex, marketo, client_id="globex-id", credential="another")
    assert [client for client, _ in marketo.taken] == ["acme-id"] * 3 + ["globex-id"]
    assert marketo.taken[0][1]["input"][0]["externalCompanyId"] == "north"


def test_one_that_ends_soon_is_fetched_again_for_the_next_message(acme, marketo):
    marketo.lasts = 59
    told(acme, marketo)
    assert {one.state for one in tell_again(acme)} == {"SENT"}
    assert len(marketo.asked) == 2


def test_one_that_marketo_takes_for_ended_is_fetched_again_and_the_message_goes_under_its_key(acme, marketo):
    told(acme, marketo)
    marketo.end_tokens()
    _, waiting = tell_again(acme)
    assert waiting.state == "PENDING"
    assert "602" in waiting.log[-1]["said"]
    make_due(acme)
    _, sent = deliver(acme)
    assert (sent.state, sent.key, len(marketo.asked)) == ("SENT", waiting.key, 2)


def test_who_has_a_wrong_secret_gets_nobodys_token_and_the_log_quotes_no_secret(acme, globex, marketo):
    told(acme, marketo)
    (refused,) = told(globex, marketo, client_id="acme-id", credential="guessed")
    assert refused.state == "PENDING"
    assert refused.log[-1]["said"].startswith("401 (invalid_client): no token was given")
    assert "guessed" not in json.dumps(refused.log)
    assert [client for client, _ in marketo.taken] == ["acme-id"]


@pytest.mark.parametrize(
    "answer",
    [
        (200, {}, b"<html>"),
        (200, {}, b"[]"),
        (200, {}, b'{"access_token": "a\\r\\nX: 1", "expires_in": 9}'),
        (200, {}, b'{"access_token": "a", "expires_in": "soon"}'),
        (200, {}, b'{"access_token": "a", "expires_in": 1e400}'),
        (200, {}, b'{"access_token": "a", "expires_in": true}'),
        (200, {}, b"[" * 2_000),
        (302, {"Location": "http://127.0.0.1:1/inner"}, b""),
        (500, {}, b'{"error": "<script>"}'),
    ],
    ids=["page", "list", "header", "word", "endless", "truth", "deep", "redirect", "broken"],
)
def test_an_answer_that_brings_no_token_is_an_attempt_that_failed(acme, marketo, answer):
    marketo.answers = [answer]
    (waiting,) = told(acme, marketo)
    assert waiting.state == "PENDING"
    assert "no token was given" in waiting.log[-1]["said"]
    assert marketo.taken == []
    make_due(acme)
    (sent,) = deliver(acme)
    assert sent.state == "SENT"


def test_a_token_is_asked_for_at_no_address_that_messages_may_not_go_to(acme, marketo, settings):
    with tenant_scope(acme):
        put(made(marketo), ABOUT_ACCOUNT)
    settings.ENGAGE_DELIVERY_NETWORKS = []
    (refused,) = deliver(acme)
    assert refused.state == "DEAD"
    assert "not public" in refused.log[-1]["said"]
    assert (marketo.asked, marketo.taken) == ([], [])


def test_a_record_that_it_skips_was_not_taken(acme, marketo, monkeypatch):
    monkeypatch.setattr(Marketo, "companies", lambda *_: (200, SKIPPED))
    (waiting,) = told(acme, marketo)
    assert waiting.state == "PENDING"


def test_the_secret_is_sealed_and_the_command_makes_the_same_channel(acme, marketo, tmp_path):
    file = tmp_path / "secret"
    file.write_text(SECRET)
    out = io.StringIO()
    call_command(
        "channel", "create", "Marketo", "--kind", "webhook", "--url", marketo.url, "--shape", "marketo",
        "--client-id", "acme-id", "--credential-file", str(file), "--tenant", acme.slug, stdout=out,
    )  # fmt: skip
    with tenant_scope(acme):
        (one,) = channels()
        assert one.body.client_id == "acme-id"
        assert SECRET not in str(one.body.model_dump())
        put(one.number, ABOUT_ACCOUNT)
    assert {row.state for row in deliver(acme)} == {"SENT"}


@pytest.mark.parametrize(
    "fields",
    [{"shape": "FLAT"}, {"credential": None}, {"client_id": "a\r\nb"}, {"client_id": "x" * 201}],
    ids=["another shape", "no secret", "breaks", "long"],
)
def test_a_client_is_of_marketo_and_has_a_secret(acme, marketo, fields):
    with tenant_scope(acme), pytest.raises((InvalidDefinitionError, UnsendableError), match="client_id"):
        made(marketo, **fields)
