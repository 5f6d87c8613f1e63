"""A sequence from the sign-up by an unmodified SDK to the mails that a real server took, and the end of it for each person.

Everybody signs up and does nothing for a week: a first mail. Then Bob acts, Cyn is erased, and Dan withdraws his consent
when his second mail is queued already: of the second mails Ada's alone goes.
"""

import importlib
import threading
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from engage_server.access.models import ApiKey
from engage_server.automation import delivery
from engage_server.automation.evaluation import evaluate, rollups_for
from engage_server.automation.models import Delivery, Journey, Signal
from engage_server.automation.rules import rules
from engage_server.customers.models import Person
from engage_server.operations import channels
from engage_server.operations import playbooks as operations
from engage_server.operations.keys import create_key
from engage_server.operations.presets import apply_preset
from engage_server.privacy import erasure
from engage_server.privacy.requests import open_erasure
from engage_server.tenancy.scope import tenant_scope
from tests.automation.deliveries import make_due
from tests.automation.receivers import mail_server
from tests.automation.test_playbooks import let_pass

EVERYBODY = ("ada", "bob", "cyn", "dan")
FIRST, SECOND = "has done no key action in a week", "has still done no key action"


@pytest.fixture
def mails(settings):
    with mail_server() as one:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", one.port, False
        yield one.mails


def tell(key: str, url: str, told: Iterable[tuple[str, str, datetime]]) -> None:
    """Identify and track as a product does, by Segment's own library."""
    client = importlib.import_module("segment.analytics.client").Client(key, host=url, max_retries=3)
    for user, event, at in told:
        client.identify(user, {"email": f"{user}@north.example"})
        client.track(user, event, {}, timestamp=at)
    client.flush()
    client.join()
    importlib.import_module("segment.analytics.request")._session.close()


def judge(tenant, day) -> None:
    with tenant_scope(tenant), transaction.atomic(), rollups_for(rules()):
        evaluate(day)


def said(mails, words: str) -> list[str]:
    return sorted(mail["to"] for mail in mails if words in mail["subject"])


def test_from_the_sign_up_to_the_end_of_it(committed_tenants, live_server, mails):
    acme, globex = committed_tenants
    now = datetime.now(UTC)
    signed_up = now - timedelta(days=8)
    for tenant in committed_tenants:
        key = create_key(tenant, ApiKey.Kind.INGEST, source="product")
        tell(key, live_server.url, [(user, "Signed Up", signed_up) for user in EVERYBODY])
        in_time = [("eve", "Signed Up", signed_up), ("eve", "Report Created", now - timedelta(days=6))]
        tell(key, live_server.url, in_time)
    with tenant_scope(acme):
        customers = channels.create_channel("Customers", {"kind": "PERSONS"}).channel.number
        events = {"after": "Signed Up", "event": "Report Created"}
        made = apply_preset("no_key_action", channel=customers, events=events)
        operations.change_playbook(made.number, changes={"enabled": True})
    zone = acme.zone
    seventh = signed_up.astimezone(zone).date() + timedelta(days=7)

    judge(acme, seventh)
    let_pass(acme)
    delivery.TASK.work(acme, threading.Event())
    assert said(mails, FIRST) == [f"{user}@north.example" for user in EVERYBODY]

    key = create_key(acme, ApiKey.Kind.INGEST, source="later")
    tell(key, live_server.url, [("bob", "Report Created", now)])
    judge(acme, now.astimezone(zone).date())
    with tenant_scope(acme):
        persons = dict(Person.objects.values_list("external_id", "pk"))
        erasure.erase(open_erasure(["cyn"]).id)
    let_pass(acme, days=2, hours=1)
    with tenant_scope(acme):
        queued = {one.message["data"]["subject"]["id"] for one in Delivery.objects.filter(state="PENDING")}
        assert queued == {persons["ada"], persons["dan"]}
        Person.objects.filter(pk=persons["dan"]).update(consents=False)
    make_due(acme)
    delivery.TASK.work(acme, threading.Event())
    assert said(mails, SECOND) == ["ada@north.example"]

    let_pass(acme, days=30)
    make_due(acme)
    delivery.TASK.work(acme, threading.Event())
    assert len(mails) == len(EVERYBODY) + 1
    with tenant_scope(acme):
        states = dict(Journey.objects.values_list("subject", "state"))
        assert (states[persons["ada"]], states[persons["bob"]]) == ("DONE", "STOPPED")
        assert persons["cyn"] not in states
        assert not Signal.objects.filter(subject=persons["eve"]).exists()
    with tenant_scope(globex):
        assert not Journey.objects.exists()
        assert not Delivery.objects.exists()
