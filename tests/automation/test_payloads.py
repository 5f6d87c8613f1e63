"""Webhooks in the forms in which tools of sales and marketing take contacts and companies: the same in every attempt."""

import json

import pytest

from engage_server.automation.channels import ChannelBody, unseal
from engage_server.automation.exceptions import UnsendableError
from engage_server.automation.messages import Message
from engage_server.automation.payloads import PayloadShape
from engage_server.customers.models import Person
from engage_server.definitions.exceptions import InvalidDefinitionError
from engage_server.operations import channels as operations
from engage_server.operations.channels import rotate_secret
from engage_server.tenancy.scope import tenant_scope
from tests.automation.deliveries import HELLO, deliver, make_due, put, webhook

SIGNAL = {
    "signal": 7, "kind": "RISK", "rule": {"number": 1, "name": "Health is low", "version": 1},
    "subject": {"kind": "account", "id": 3, "externalId": "north", "name": "North"},
    "raisedOn": "2026-06-01", "evidence": {"metric": "health_score.score", "value": 31.5},
}  # fmt: skip
ABOUT_ACCOUNT = Message("signal.raised", "RISK: Health is low: North", "value 31.5", SIGNAL)
PERSON = {"kind": "person", "id": 4, "externalId": "ada@north.example", "name": ""}
ABOUT_PERSON = Message("signal.raised", "RISK: Inactive", "", {**SIGNAL, "subject": PERSON})
# As the tools' own references have it: HubSpot's CRM API v3 (batch upsert), Marketo's REST API (sync of companies and
# leads), Autopilot's API v1 (contacts).
EXPECTED = {
    ("HUBSPOT", "account"): lambda at: {
        "inputs": [
            {
                "idProperty": "engage_id", "id": "north",
                "properties": {
                    "engage_kind": "RISK", "engage_rule": "Health is low", "engage_raised_on": "2026-06-01",
                    "engage_text": "value 31.5", "engage_told_at": at,
                },
            }
        ]
    },
    ("MARKETO", "account"): lambda at: {
        "action": "createOrUpdate", "dedupeBy": "dedupeFields",
        "input": [
            {
                "externalCompanyId": "north", "company": "North", "engageKind": "RISK", "engageRule": "Health is low",
                "engageRaisedOn": "2026-06-01", "engageText": "value 31.5",
            }
        ],
    },
    ("MARKETO", "person"): lambda at: {
        "action": "createOrUpdate", "lookupField": "engageId",
        "input": [
            {
                "engageId": "ada@north.example", "engageKind": "RISK", "engageRule": "Health is low",
                "engageRaisedOn": "2026-06-01",
            }
        ],
    },
    ("AUTOPILOT", "person"): lambda at: {
        "contact": {
            "Email": "ada@north.example",
            "custom": {
                "string--Engage--Id": "ada@north.example", "string--Engage--Kind": "RISK",
                "string--Engage--Rule": "Health is low", "string--Engage--Raised--On": "2026-06-01",
            },
        }
    },
}  # fmt: skip


def sent(receiver) -> dict:
    return json.loads(receiver.received[-1][1])


@pytest.mark.parametrize(("shape", "kind"), EXPECTED)
def test_a_tool_gets_what_its_reference_says(acme, receiver, shape, kind):
    message = {"account": ABOUT_ACCOUNT, "person": ABOUT_PERSON}[kind]
    with tenant_scope(acme):
        if kind == "person":  # who is gone is not told of
            person = Person.objects.create(external_id=PERSON["externalId"]).pk
            data = {**message.data, "subject": {**PERSON, "id": person}}
            message = Message(message.type, message.subject, message.text, data)
        put(webhook(receiver, shape=shape).channel.number, message)
    (delivery,) = deliver(acme)
    assert delivery.state == "SENT"
    assert sent(receiver) == EXPECTED[shape, kind](delivery.created_at.isoformat())


def test_a_plain_receiver_gets_one_flat_object(acme, receiver):
    with tenant_scope(acme):
        put(webhook(receiver, shape="FLAT").channel.number, ABOUT_ACCOUNT)
    (delivery,) = deliver(acme)
    assert sent(receiver) == {
        "id": str(delivery.key), "type": "signal.raised", "timestamp": delivery.created_at.isoformat(),
        "title": "RISK: Health is low: North", "kind": "RISK", "rule": "Health is low", "raised_on": "2026-06-01",
        "text": "value 31.5", "subject_kind": "account", "subject_externalId": "north", "subject_name": "North",
        "evidence_metric": "health_score.score", "evidence_value": 31.5,
    }  # fmt: skip


@pytest.mark.parametrize("shape", list(PayloadShape))
def test_a_repeat_says_the_same(acme, receiver, shape):
    receiver.answers = [500]
    with tenant_scope(acme):
        put(webhook(receiver, shape=shape).channel.number, ABOUT_ACCOUNT)
    deliver(acme)
    make_due(acme)
    deliver(acme)
    (key, first), (again, second) = ((headers["webhook-id"], body) for headers, body in receiver.received)
    assert (key, first) == (again, second)


def test_what_is_about_nobody_goes_to_no_such_tool_and_says_why(acme, receiver):
    with tenant_scope(acme):
        put(webhook(receiver, shape="HUBSPOT").channel.number, HELLO)
    (delivery,) = deliver(acme)
    assert delivery.state == "DEAD"
    assert "about an account or a person" in delivery.log[-1]["said"]
    assert receiver.received == []


@pytest.mark.parametrize(
    ("shape", "answer"),
    [
        ("HUBSPOT", b"HTTP/1.1 207 Multi-Status\r\ncontent-length: 2\r\n\r\n{}"),
        ("MARKETO", b'HTTP/1.1 200 OK\r\ncontent-length: 18\r\n\r\n{"success": false}'),
    ],
)
def test_a_tool_that_says_well_and_took_nothing_is_tried_again(acme, receiver, shape, answer):
    receiver.answers = [answer]
    with tenant_scope(acme):
        put(webhook(receiver, shape=shape).channel.number, ABOUT_ACCOUNT)
    (delivery,) = deliver(acme)
    assert (delivery.state, delivery.attempts) == ("PENDING", 1)
    make_due(acme)
    (delivery,) = deliver(acme)
    assert delivery.state == "SENT"


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ("HUBSPOT", ("authorization", "Bearer pat-eu1-secret")),
        ("STANDARD", ("authorization", "Bearer pat-eu1-secret")),
        ("AUTOPILOT", ("autopilotapikey", "pat-eu1-secret")),
    ],
)
def test_what_the_receiver_demands_is_sealed_and_outlives_a_new_secret(
    acme, globex, receiver, shape, expected
):
    with tenant_scope(acme):
        made = webhook(receiver, shape=shape, credential="pat-eu1-secret").channel
        assert "pat-eu1" not in str(made.body.model_dump())
        changed = rotate_secret(made.number).channel
        assert unseal(changed.body)["credential"] == "pat-eu1-secret"
        put(made.number, ABOUT_ACCOUNT)
    deliver(acme)
    assert receiver.received[-1][0].items() >= {expected}
    with tenant_scope(globex):
        put(webhook(receiver, shape=shape).channel.number, ABOUT_ACCOUNT)
    deliver(globex)
    assert expected[0] not in receiver.received[-1][0]


@pytest.mark.parametrize("credential", ["", "a b", "a\r\nX-Other: 1", "a\x00", "é", "x" * 1_001])
def test_a_credential_that_could_add_a_header_is_refused(acme, receiver, credential):
    with tenant_scope(acme), pytest.raises(UnsendableError, match="Remedy"):
        webhook(receiver, credential=credential)


def test_a_shape_and_a_credential_are_of_webhooks_alone(acme, receiver):
    slack = {"kind": "SLACK", "url": "https://hooks.example/in"}
    with tenant_scope(acme):
        with pytest.raises(InvalidDefinitionError, match="shape"):
            operations.create_channel("Slack", {**slack, "shape": "FLAT"})
        with pytest.raises(UnsendableError, match="credential"):
            operations.create_channel("Slack", {**slack, "credential": "x"})
    assert ChannelBody.model_fields["shape"].default is PayloadShape.STANDARD
