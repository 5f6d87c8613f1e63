"""Tracking requests go past Django's handler and are answered as by Django; other paths are Django's."""

import io
import json
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.test import override_settings

from engage_server.access.models import ApiKey
from engage_server.activity.models import Event
from engage_server.ingest.wsgi import with_short_path
from engage_server.operations.keys import create_key
from engage_server.tenancy.scope import TenantRef, tenant_scope

# Connections are looked after at the end of each request, even where no view asks for one.
pytestmark = pytest.mark.django_db

CALL = {"type": "track", "messageId": "m", "userId": "u", "event": "E", "timestamp": "2026-03-01T00:00:00Z"}
BODY = json.dumps({"batch": [CALL]}).encode()


def ask(application: Any, path: str, body: bytes = b"", **environ: str) -> tuple[str, dict[str, str], bytes]:
    answer: list[Any] = []
    given = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": path,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "CONTENT_LENGTH": str(len(body)),
        "CONTENT_TYPE": "application/json",
    }
    chunks = application(given | environ, lambda status, headers: answer.extend((status, dict(headers))))
    content = b"".join(chunks)
    answer[1].pop("Content-Length", None)
    return answer[0], answer[1], content


REQUESTS = {
    "no key": ("/v1/batch", BODY, {}),
    "a wrong key": ("/v1/batch", BODY, {"HTTP_AUTHORIZATION": "Bearer x"}),
    "a wrong method": ("/v1/batch", b"", {"REQUEST_METHOD": "GET"}),
    "no JSON": ("/v1/track/", b"x", {}),
    "no host": ("/v1/batch", BODY, {"HTTP_HOST": "no host!"}),
    "another path": ("/v1/teleport", BODY, {}),
    "health": ("/healthz", b"", {"REQUEST_METHOD": "GET"}),
}


@pytest.mark.parametrize(("path", "body", "environ"), REQUESTS.values(), ids=REQUESTS.keys())
def test_the_answer_is_djangos(path: str, body: bytes, environ: dict[str, str]) -> None:
    django = WSGIHandler()
    assert ask(with_short_path(django), path, body, **environ) == ask(django, path, body, **environ)


def test_a_tracking_request_never_reaches_the_rest(committed_tenants: tuple[TenantRef, TenantRef]) -> None:
    tenant, other = committed_tenants
    key = create_key(tenant, ApiKey.Kind.INGEST)

    def rest(environ: dict[str, Any], start: Any) -> list[bytes]:
        raise AssertionError(environ["PATH_INFO"])

    status, headers, content = ask(
        with_short_path(rest), "/v1/batch", BODY, HTTP_AUTHORIZATION=f"Bearer {key}"
    )
    assert (status, json.loads(content)["accepted"]) == ("200 OK", 1)
    assert headers["X-Content-Type-Options"] == "nosniff"
    with tenant_scope(tenant):
        assert Event.objects.count() == 1
    with tenant_scope(other):
        assert not Event.objects.exists()


def test_plain_http_is_sent_to_https_where_django_would() -> None:
    with override_settings(SECURE_SSL_REDIRECT=True):
        django = WSGIHandler()
        status, headers, _ = ask(with_short_path(django), "/v1/batch", BODY)
        assert (status, headers["Location"]) == ("301 Moved Permanently", "https://localhost/v1/batch")
