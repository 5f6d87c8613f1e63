"""The public SDKs, unmodified, against a live server behind a proxy whose first answer is 503."""

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import rudderstack.analytics.request
import segment.analytics.request
from pytest_django.live_server_helper import LiveServer
from rudderstack.analytics.client import Client as RudderClient
from segment.analytics.client import Client as SegmentClient

from engage_server.access.keys import create_key
from engage_server.access.models import ApiKey
from engage_server.activity.models import Event
from engage_server.customers.models import Account, Membership, Person
from engage_server.ingest.models import QuarantinedItem
from engage_server.tenancy.scope import TenantRef, tenant_scope


class FlakyProxy(ThreadingHTTPServer):
    """Answers 503 once, after the server behind has already stored the batch; then passes on what it says."""

    def __init__(self, target: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.target = target
        self.statuses: list[int] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: FlakyProxy

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {
            key: value for key, value in self.headers.items() if key.lower() not in {"host", "connection"}
        }
        with closing(HTTPConnection(self.server.target)) as behind:
            behind.request("POST", self.path, body, headers)
            response = behind.getresponse()
            status, answer = response.status, response.read()
        self.server.statuses.append(status)
        if len(self.server.statuses) == 1:
            status, answer = 503, b'{"code":"unavailable","message":"try again"}'
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: Any) -> None:
        """Keep the test's output clean."""


@pytest.fixture
def proxy(live_server: LiveServer) -> Iterator[FlakyProxy]:
    server = FlakyProxy(live_server.url.removeprefix("http://"))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


CLIENTS = [
    pytest.param(lambda key, url: SegmentClient(key, host=url), segment.analytics.request, id="segment"),
    pytest.param(
        lambda key, url: SegmentClient(key, host=url, gzip=True), segment.analytics.request, id="segment-gzip"
    ),
    pytest.param(
        lambda key, url: RudderClient(key, host=url), rudderstack.analytics.request, id="rudderstack"
    ),
]


@pytest.mark.parametrize(("make", "module"), CLIENTS)
def test_an_sdk_delivers_everything_once_through_a_failure(
    committed_tenants: tuple[TenantRef, TenantRef],
    proxy: FlakyProxy,
    make: Callable[[str, str], Any],
    module: Any,
) -> None:
    tenant, other = committed_tenants
    client = make(create_key(tenant, ApiKey.Kind.INGEST, source="sdk"), proxy.url)
    client.identify("ada", {"email": "ada@acme.test"})
    client.group("ada", "acct-1", {"name": "First Account", "plan": "pro"})
    for number in range(3):
        client.track("ada", "Report Exported", {"rows": number}, {"groupId": "acct-1"})
    client.page("ada", None, "Home")
    client.flush()
    client.join()
    module._session.close()

    assert len(proxy.statuses) > 1
    assert set(proxy.statuses) == {200}
    with tenant_scope(tenant):
        assert not QuarantinedItem.objects.exists()
        ada = Person.objects.get(external_id="ada")
        assert ada.traits == {"email": "ada@acme.test"}
        account = Account.objects.get()
        assert (account.external_id, account.name, account.plan) == ("acct-1", "First Account", "pro")
        assert Membership.objects.get().person == ada
        exported = Event.objects.filter(name__name="Report Exported", person=ada, account=account)
        assert sorted(event.properties["rows"] for event in exported) == [0, 1, 2]
        assert Event.objects.count() == 4
    with tenant_scope(other):
        assert not Person.objects.exists()
