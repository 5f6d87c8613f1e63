"""Programs' queries take a short path past Django's middlewares: the same answers, headers and refusals as the long one."""

import io
import json
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler

from engage_server.access.models import ApiKey
from engage_server.api.wsgi import with_short_queries
from engage_server.operations.keys import create_key
from tests.api.attacks import ATTACKS

QUERY = json.dumps({"query": "{ tenant { slug } }"}).encode()


def rest(environ, start_response):
    """Stands for Django: says that it was asked."""
    start_response("299 Left", [])
    return [b"left"]


def call(application, *, method="POST", path="/graphql", body=QUERY, key=None, query="", **environ: Any):
    given = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "acme.localhost",
        "SERVER_PORT": "80",
        "HTTP_HOST": "acme.localhost",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.url_scheme": "http",
        **({"HTTP_AUTHORIZATION": f"Bearer {key}"} if key else {}),
        **environ,
    }
    begun: list[Any] = []
    parts = application(given, lambda status, headers, *rest: begun.append((status, headers)))
    body = b"".join(parts)
    if close := getattr(parts, "close", None):
        close()
    status, headers = begun[0]
    return int(status[:3]), {name: value for name, value in headers if name != "Content-Length"}, body


@pytest.fixture
def key(committed_tenants):
    """Of a tenant that is there for other connections too: each request closes those that it found."""
    return create_key(committed_tenants[0], ApiKey.Kind.QUERY)


def both(**request: Any):
    short, long = with_short_queries(rest), WSGIHandler()
    return call(short, **request), call(long, **request)


def told(answer):
    """What does not go by time: the left of a budget grows again."""
    status, headers, body = answer
    shown = json.loads(body) if body else None
    if isinstance(shown, dict):
        shown.get("extensions", {}).get("cost", {}).pop("budget", None)
    return status, headers, shown


@pytest.mark.parametrize(
    "request_",
    [
        {},
        {"method": "GET", "query": "query=%7B%20tenant%20%7B%20slug%20%7D%20%7D", "body": b""},
        {"method": "GET", "query": "query=mutation%20%7B%20__typename%20%7D", "body": b""},
        {"body": b"no json"},
        {"CONTENT_TYPE": "text/plain"},
        {"HTTP_ACCEPT": "text/csv"},
        {"HTTP_ACCEPT": "application/graphql-response+json"},
        {"HTTP_HOST": "globex.localhost"},
        {"HTTP_HOST": "no host!"},
        {"HTTP_AUTHORIZATION": "Bearer nonsense"},
        {"HTTP_AUTHORIZATION": "Basic nonsense"},
        {"wsgi.url_scheme": "https"},
    ],
)
def test_both_ways_say_the_same(key, request_):
    short, long = both(**{"key": key, **request_})
    assert told(short) == told(long)
    assert short[0] != 299


def test_attacks_are_refused_alike(key, settings):
    settings.ENGAGE_QUERY_POINTS = 0
    told_otherwise = []
    for name, attack in ATTACKS.items():
        short, long = attacked(key, attack)
        if told(short) != told(long):
            told_otherwise.append((name, told(short), told(long)))
    assert told_otherwise == []


def attacked(key, attack):
    """The answers of both ways."""
    headers = {f"HTTP_{header.upper().replace('-', '_')}": value for header, value in attack.headers.items()}
    path, _, query = attack.path.partition("?")
    return both(
        key=key, method=attack.method, path=path, query=query, body=attack.body, CONTENT_TYPE=attack.content_type,
        **headers,
    )  # fmt: skip


@pytest.mark.parametrize(
    "request_",
    [
        {"HTTP_COOKIE": "sessionid=x"},
        {"HTTP_ORIGIN": "https://app.example"},
        {"HTTP_ACCEPT": "text/html"},
        {"method": "OPTIONS"},
        {"path": "/people/"},
        {"key": None},
    ],
)
def test_browsers_are_left_to_the_middlewares(request_):
    assert call(with_short_queries(rest), **{"key": "of no use", **request_})[0] == 299
