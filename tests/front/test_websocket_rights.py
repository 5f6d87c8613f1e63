"""A WebSocket outlives what it was opened with: whoever asks by it is asked again who that is."""

import json
import socket
import time
from typing import Any

import pytest

from engage_server.access.models import ApiKey
from engage_server.customers.models import Account
from engage_server.operations.keys import create_key, revoke_key
from engage_server.tenancy.scope import TenantRef, tenant_scope
from tests.front.test_websocket import close_code, handshake, text

SPOKEN = "Sec-WebSocket-Protocol: graphql-transport-ws"
CREATE = 'mutation { createAccount(input: {externalId: "intruder"}) { dryRun } }'
pytestmark = pytest.mark.django_db(transaction=True)


def exactly(one: socket.socket, size: int) -> bytes:
    read = b""
    while len(read) < size:
        piece = one.recv(size - len(read))
        assert piece, "the server closed the connection"
        read += piece
    return read


def said(one: socket.socket) -> Any:
    """The message of the server's next frame; what stands behind it, such as that it closes, is left there."""
    kind, length = exactly(one, 2)
    assert kind == 0x81
    return json.loads(exactly(one, length if length < 126 else int.from_bytes(exactly(one, 2))))


@pytest.mark.parametrize("query", ["{ tenant { slug } }", CREATE])
def test_a_revoked_key_opens_nothing_more_by_a_connection_that_it_greeted(
    port: int, committed_tenants: tuple[TenantRef, TenantRef], query: str
) -> None:
    key = create_key(committed_tenants[0], ApiKey.Kind.ADMIN)
    with handshake(port, SPOKEN) as one:
        greeting = {"type": "connection_init", "payload": {"authorization": f"Bearer {key}"}}
        one.sendall(text(json.dumps(greeting)))
        assert said(one) == {"type": "connection_ack"}
        revoke_key(committed_tenants[0], key.split("_")[3])
        time.sleep(4.5)  # other processes feel it within four seconds
        one.sendall(text(json.dumps({"id": "1", "type": "subscribe", "payload": {"query": query}})))
        refused = said(one)
        assert refused["payload"][0]["extensions"]["code"] == "UNAUTHENTICATED"
        assert close_code(one) == 4403
    with tenant_scope(committed_tenants[0]):
        assert not Account.objects.filter(external_id="intruder").exists()
