"""What a receiver answers, and what nobody foresaw, costs one attempt of one message, and nobody else anything."""

import pytest

from engage_server.automation import delivery
from engage_server.automation.channels import channel
from engage_server.automation.models import Delivery
from engage_server.operations import channels as operations
from engage_server.tenancy.scope import tenant_scope
from tests.automation.deliveries import deliver, make_due, put, webhook


@pytest.mark.parametrize(
    "said",
    [
        b"hello world\r\n\r\n",
        b"HTTP/1.1 200 " + b"a" * 70_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"".join(b"A%d: b\r\n" % number for number in range(200)) + b"\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 503 X\r\nContent-Length: 0\r\nRetry-After: Fri, 01 Jan 2021 00:00:00 +9999999999999999\r\n\r\n",
        b"HTTP/1.1 503 X\r\nContent-Length: 0\r\nRetry-After: Fri, 01 Jan 99999 00:00:00 GMT\r\n\r\n",
    ],
    ids=["no_http", "long_line", "many_headers", "no_chunk", "offset_of_no_calendar", "year_of_no_calendar"],
)  # fmt: skip
def test_an_answer_that_is_no_answer_is_an_attempt_that_failed(acme, receiver, said):
    receiver.answers.append(said)
    with tenant_scope(acme):
        put(webhook(receiver).channel.number)
    (waiting,) = deliver(acme)
    assert (waiting.state, waiting.attempts, len(waiting.log)) == ("PENDING", 1, 1)


def test_what_nobody_foresaw_of_one_message_is_raised_once_the_others_are_noted(acme, receiver, monkeypatch):
    with tenant_scope(acme):
        poisoned = webhook(receiver).channel.number
        other = operations.create_channel("Other", {"kind": "WEBHOOK", "url": receiver.url}).channel.number
        put(poisoned)
        put(other)
    send = delivery.send

    def broken(sending):
        if sending.channel == bad:
            raise LookupError("a defect")
        return send(sending)

    with tenant_scope(acme):
        bad = channel(poisoned).body
    monkeypatch.setattr(delivery, "send", broken)
    with pytest.raises(LookupError):
        deliver(acme)
    with tenant_scope(acme):
        assert [*Delivery.objects.order_by("id").values_list("state", flat=True)] == ["SENDING", "SENT"]
    make_due(acme)
    with pytest.raises(LookupError):
        deliver(acme)
    assert len(receiver.received) == 1


def test_one_that_was_taken_up_so_often_and_never_noted_is_given_up(acme, receiver):
    with tenant_scope(acme):
        put(webhook(receiver).channel.number)
        Delivery.objects.update(state="SENDING", attempts=delivery.MOST_ATTEMPTS)
    make_due(acme)
    (dead,) = deliver(acme)
    assert (dead.state, dead.log[0]["said"]) == ("DEAD", "what came of the last attempt is not known")
    assert receiver.received == []
