"""Messages are delivered at least once under one key, retried with pauses, and given up where nobody can be reached."""

import json
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from standardwebhooks import Webhook, WebhookVerificationError

from engage_server.automation import delivery, outbox, outgoing_http
from engage_server.automation.channels import channel, unseal
from engage_server.automation.evaluation import evaluate
from engage_server.automation.exceptions import UnsendableError
from engage_server.automation.messages import Message
from engage_server.automation.models import Delivery
from engage_server.customers.models import Account, Person
from engage_server.operations import channels as operations
from engage_server.operations.plugins import reseal
from engage_server.tenancy.scope import tenant_scope
from tests.automation.days import METRIC, day, make, values
from tests.automation.deliveries import HELLO, deliver, make_due, put, webhook


def test_a_webhook_gets_what_its_own_library_verifies_and_a_changed_byte_is_refused(acme, receiver):
    with tenant_scope(acme):
        made = webhook(receiver)
        put(made.channel.number)
    (sent,) = deliver(acme)
    ((headers, body),) = receiver.received
    assert (sent.state, sent.attempts, str(sent.key)) == ("SENT", 1, headers["webhook-id"])
    verifier = Webhook(made.secret)
    assert verifier.verify(body, headers) == {
        "type": "signal.raised", "timestamp": sent.created_at.isoformat(), "data": {"n": 1},
    }  # fmt: skip
    with pytest.raises(WebhookVerificationError):
        verifier.verify(body.replace(b"1", b"2", 1), headers)


def test_while_a_secret_is_changed_both_verify_and_afterwards_the_new_one_alone(acme, receiver):
    with tenant_scope(acme):
        former = webhook(receiver)
        number = former.channel.number
        fresh = operations.rotate_secret(number)
        put(number)
    deliver(acme)
    headers, body = receiver.received[-1]
    for secret in (former.secret, fresh.secret):
        assert Webhook(secret).verify(body, headers)
    with tenant_scope(acme):
        operations.end_former_secret(number)
        put(number)
    deliver(acme)
    headers, body = receiver.received[-1]
    assert Webhook(fresh.secret).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(former.secret).verify(body, headers)


def test_secrets_are_stored_sealed_and_follow_the_keys(acme, receiver, settings):
    with tenant_scope(acme):
        made = webhook(receiver)
        stored = json.dumps(channel(made.channel.number).body.model_dump(mode="json"))
        assert made.secret.removeprefix("whsec_") not in stored
    settings.ENGAGE_SEALING_KEYS = ["a new key", *settings.ENGAGE_SEALING_KEYS]
    assert reseal(acme) == 1
    settings.ENGAGE_SEALING_KEYS = ["a new key"]
    with tenant_scope(acme):
        assert unseal(channel(made.channel.number).body) == {"secret": made.secret}


def test_a_receiver_that_fails_is_tried_again_later_with_the_same_key_and_body(acme, receiver):
    receiver.answers += [500, (503, {"Retry-After": "120"}), 200]
    with tenant_scope(acme):
        put(webhook(receiver).channel.number)
    (waiting,) = deliver(acme)
    assert (waiting.state, waiting.attempts) == ("PENDING", 1)
    assert 7 < (waiting.due_at - timezone.now()).total_seconds() < 13
    assert delivery.TASK.tenants() == []
    make_due(acme)
    (waiting,) = deliver(acme)
    assert 115 < (waiting.due_at - timezone.now()).total_seconds() < 125
    make_due(acme)
    (sent,) = deliver(acme)
    assert sent.state == "SENT"
    assert [entry["said"] for entry in sent.log] == ["500", "503", "200"]
    assert len({*receiver.keys}) == len({body for _, body in receiver.received}) == 1
    assert len(receiver.received) == 3


def test_after_twelve_attempts_in_more_than_a_day_it_is_dead_and_can_be_sent_again(acme, receiver):
    with tenant_scope(acme):
        put(webhook(receiver).channel.number)
        Delivery.objects.update(attempts=delivery.MOST_ATTEMPTS - 1)
    receiver.answers.append(500)
    (dead,) = deliver(acme)
    assert dead.state == "DEAD"
    assert sum(delivery.FIRST_PAUSE_S * min(4 ** (n - 1), 2_160) for n in range(1, 12)) > 86_400
    with tenant_scope(acme):
        operations.resend_delivery(dead.pk)
    (sent,) = deliver(acme)
    assert (sent.state, len({*receiver.keys})) == ("SENT", 1)


def test_a_receiver_that_is_gone_is_left_alone_at_once(acme, receiver):
    receiver.answers.append(410)
    with tenant_scope(acme):
        put(webhook(receiver).channel.number)
    (dead,) = deliver(acme)
    assert (dead.state, dead.attempts) == ("DEAD", 1)


def test_a_redirect_is_not_followed(acme, receiver):
    receiver.answers.append((302, {"Location": receiver.url}))
    with tenant_scope(acme):
        put(webhook(receiver).channel.number)
    (waiting,) = deliver(acme)
    assert (waiting.state, len(receiver.received)) == ("PENDING", 1)
    assert "redirects are not followed" in waiting.log[0]["said"]


def test_a_receiver_that_hangs_is_cut_off(acme, receiver, monkeypatch):
    monkeypatch.setattr(outgoing_http, "WHOLE_S", 0.3)
    receiver.answers.append("hang")
    with tenant_scope(acme):
        put(webhook(receiver).channel.number)
    (waiting,) = deliver(acme)
    assert waiting.state == "PENDING"
    assert "could not be reached, or broke off" in waiting.log[0]["said"]


def test_of_an_answer_without_end_little_is_read(acme, receiver):
    receiver.answers.append("endless")
    with tenant_scope(acme):
        put(webhook(receiver).channel.number)
    (sent,) = deliver(acme)
    assert sent.state == "SENT"
    assert len(sent.log[0]["said"]) < 300


def test_a_worker_that_dies_after_sending_leaves_a_repeat_under_the_same_key(acme, receiver):
    with tenant_scope(acme):
        put(webhook(receiver).channel.number)
        for one in delivery.claim():
            delivery.attempt(one)
    assert deliver(acme)[0].state == "SENDING"
    assert len(receiver.received) == 1
    make_due(acme)
    (sent,) = deliver(acme)
    assert (sent.state, sent.attempts, len(receiver.received), len({*receiver.keys})) == ("SENT", 2, 2, 1)


def test_what_an_attempt_that_was_taken_over_came_to_is_not_noted(acme, receiver):
    with tenant_scope(acme):
        put(webhook(receiver).channel.number)
        (slow,) = delivery.claim()
    make_due(acme)
    receiver.answers.append(500)
    deliver(acme)
    with tenant_scope(acme):
        delivery.note([delivery.Came(slow, "DEAD", "too late", timezone.now())])
        (kept,) = Delivery.objects.all()
    assert (kept.state, len(kept.log)) == ("PENDING", 1)


def test_no_more_go_by_a_channel_or_of_a_tenant_than_they_may_in_a_minute(acme, receiver, settings):
    with tenant_scope(acme):
        slow = webhook(receiver, per_minute=3).channel.number
        other = operations.create_channel("Other", {"kind": "WEBHOOK", "url": receiver.url}).channel.number
        put(slow, *[HELLO] * 5)
        put(other, *[HELLO] * 5)
    settings.ENGAGE_DELIVERIES_PER_MINUTE = 7
    states = [(one.channel, one.state) for one in deliver(acme)]
    assert states.count((slow, "SENT")) <= 3
    assert len(receiver.received) == 7
    make_due(acme)
    deliver(acme)
    assert len(receiver.received) == 7


def test_what_waits_for_a_channel_that_was_retired_is_given_up(acme, receiver):
    with tenant_scope(acme):
        number = webhook(receiver).channel.number
        put(number)
        operations.retire_channel(number)
    (dead,) = deliver(acme)
    assert (dead.state, dead.log[0]["said"], receiver.received) == ("DEAD", "the channel was retired", [])


def test_a_message_that_is_not_committed_is_never_sent(acme, receiver):
    with tenant_scope(acme):
        number = webhook(receiver).channel.number
        with transaction.atomic():
            outbox.put(number, [HELLO], cause="test")
            transaction.set_rollback(True)
    assert deliver(acme) == []


def test_deliveries_that_ended_long_ago_are_deleted_once_a_day_and_no_others(
    acme, globex, receiver, monkeypatch
):
    long_ago = timezone.now() - outbox.KEPT - timedelta(hours=1)
    for tenant in (acme, globex):
        with tenant_scope(tenant):
            number = webhook(receiver).channel.number
            put(number, *[HELLO] * 4)
            first, second, third, _ = Delivery.objects.order_by("id").values_list("pk", flat=True)
            Delivery.objects.filter(pk__in=[first, second]).update(state="DEAD", finished_at=long_ago)
            Delivery.objects.filter(pk=third).update(state="SENT", finished_at=timezone.now())
    monkeypatch.setattr(outbox, "REMOVED_AT_ONCE", 1)
    assert [one.state for one in deliver(acme)] == ["DEAD", "SENT", "SENT"]
    make_due(acme)
    deliver(acme)
    make_due(acme)
    assert [one.state for one in deliver(acme)] == ["SENT", "SENT"]
    with tenant_scope(acme):
        Delivery.objects.update(finished_at=long_ago)
    make_due(acme)
    assert len(deliver(acme)) == 2
    with tenant_scope(globex):
        assert Delivery.objects.count() == 4


def test_one_tenants_messages_go_by_its_own_channels(acme, globex, receiver):
    for tenant in (acme, globex):
        with tenant_scope(tenant):
            number = webhook(receiver).channel.number
    with tenant_scope(acme):
        put(number)
    assert delivery.TASK.tenants() == [acme]
    assert deliver(globex) == []
    assert [one.state for one in deliver(acme)] == ["SENT"]


def test_mail_goes_to_the_tenants_own_people(acme, mails):
    with tenant_scope(acme):
        number = operations.create_channel("Team", {"kind": "MAIL", "to": ["cs@acme.example"]}).channel.number
        put(number, Message("signal.raised", "Größe: 12", "Zeile\nzwei", {}))
    (sent,) = deliver(acme)
    (mail,) = mails.mails
    assert sent.state == "SENT"
    assert (mail["to"], mail["subject"], str(sent.key) in mail["message-id"]) == (
        "cs@acme.example",
        "Größe: 12",
        True,
    )
    assert mail.get_content().splitlines() == ["Zeile", "zwei"]


def test_a_mail_server_that_is_busy_is_tried_again_and_one_that_refuses_is_not(acme, mails):
    mails.refusals += ["451 later", "554 never"]
    with tenant_scope(acme):
        number = operations.create_channel("Team", {"kind": "MAIL", "to": ["cs@acme.example"]}).channel.number
        put(number)
    (waiting,) = deliver(acme)
    assert (waiting.state, waiting.log[0]["said"]) == ("PENDING", "451 later")
    make_due(acme)
    (dead,) = deliver(acme)
    assert (dead.state, dead.log[1]["said"]) == ("DEAD", "554 never")


@pytest.mark.parametrize("to", ["a@b\r\nBcc: c@d", "a@b, c@d", "<a@b>", "nobody", '"a b"@c'])
def test_an_address_that_could_add_headers_or_recipients_is_refused(acme, mails, to):
    with tenant_scope(acme), pytest.raises(UnsendableError, match="Remedy"):
        operations.create_channel("Team", {"kind": "MAIL", "to": [to]})


def test_a_subject_that_could_add_headers_is_refused():
    with pytest.raises(UnsendableError, match="Remedy"):
        Message("x", "Hello\r\nBcc: everybody@example.com", "", {})


def test_slack_gets_blocks_in_which_no_name_is_a_mention(acme, receiver):
    with tenant_scope(acme):
        made = operations.create_channel("Chat", {"kind": "SLACK", "url": receiver.url})
        assert made.secret is None
        assert receiver.url not in json.dumps(made.channel.body.model_dump(mode="json"))
        put(made.channel.number, Message("signal.raised", "RISK", "<!channel> & north", {}))
    assert [one.state for one in deliver(acme)] == ["SENT"]
    blocks = json.loads(receiver.received[0][1])["blocks"]
    assert blocks[1]["text"]["text"] == "&lt;!channel&gt; &amp; north"


def test_a_rule_tells_programs_of_each_signal_and_people_of_all_in_one(acme, receiver, mails):
    with tenant_scope(acme):
        hook = webhook(receiver).channel.number
        team = operations.create_channel("Team", {"kind": "MAIL", "to": ["cs@acme.example"]}).channel.number
        low, lower, fine = (Account.objects.create(external_id=name, name=name.title()).pk for name in "abc")
        make({"type": "value", "metric": METRIC, "below": 40}, notify=[hook, team])
        for account, value in ((low, 30), (lower, 20), (fine, 90)):
            values(account, [value, value])
        for number in range(2):
            with transaction.atomic():
                evaluate(day(number))
    assert {one.state for one in deliver(acme)} == {"SENT"}
    told = [json.loads(body)["data"] for _, body in receiver.received]
    assert sorted((one["subject"]["externalId"], one["evidence"]["value"]) for one in told) == [
        ("a", 30),
        ("b", 20),
    ]
    (mail,) = mails.mails
    assert "(2 on 2026-03-01)" in mail["subject"]
    assert "A: metric mood.score, edge 40.0, value 30.0" in mail.get_content()


@pytest.mark.parametrize("change", [{"is_suppressed": True}, {"consents": False}])
def test_of_who_withdrew_meanwhile_nothing_is_told_though_it_was_queued_before(acme, receiver, change):
    with tenant_scope(acme):
        number = webhook(receiver).channel.number
        ada, bob = (Person.objects.create(external_id=name).pk for name in ("ada", "bob"))
        put(
            number,
            *[
                Message("signal.raised", "x", "", {"subject": {"kind": "person", "id": id}})
                for id in (ada, bob)
            ],
        )
        Person.objects.filter(pk=ada).update(**change)
    states = {one.message["data"]["subject"]["id"]: one.state for one in deliver(acme)}
    assert states == {ada: "DEAD", bob: "SENT"}
    assert len(receiver.received) == 1


def test_a_mail_server_that_is_away_for_a_day_loses_nothing_and_gets_it_once(acme, mails, settings):
    there, settings.EMAIL_PORT = settings.EMAIL_PORT, 1  # where nobody listens
    with tenant_scope(acme):
        put(operations.create_channel("Team", {"kind": "MAIL", "to": ["cs@acme.example"]}).channel.number)
    waited = timedelta()
    while waited < timedelta(days=1):
        (waiting,) = deliver(acme)
        assert waiting.state == "PENDING"
        waited += waiting.due_at - waiting.tried_at
        make_due(acme)
    settings.EMAIL_PORT = there
    (sent,) = deliver(acme)
    assert (sent.state, len(mails.mails), len(sent.log)) == ("SENT", 1, sent.attempts)
