"""A playbook whose own steps lead to its rule again goes round, but asks and tells nobody more often than was said."""

from engage_server.automation.models import Delivery, Journey, Signal
from engage_server.customers.models import Person
from engage_server.ingest.items import PersonItem, PersonKey
from engage_server.ingest.store import store_items
from engage_server.operations import channels, surveys
from engage_server.tenancy.scope import tenant_scope
from tests.automation.days import judge_days, make
from tests.automation.test_playbooks import let_pass, playbook
from tests.automation.test_presets import did

HELLO = {"type": "message", "subject": "Hello"}
ASKED_AGAIN = {"type": "event", "event": "answered", "subject": "person"}


def answers_every_other_day(tenant, days: int) -> None:
    """Whoever is asked answers, which the rule takes for another reason to ask."""
    with tenant_scope(tenant):
        store_items([PersonItem(PersonKey(user_id="ada"), {"email": "ada@x.example"})], source="web")
        store_items([did("ada", "answered", number) for number in range(0, days, 2)], source="web")
    for number in range(days):
        with tenant_scope(tenant):
            judge_days([number])
        let_pass(tenant)


def test_a_survey_that_leads_to_itself_is_asked_once_within_its_cool_down(acme, globex, mails):
    for tenant in (acme, globex):
        with tenant_scope(tenant):
            survey = surveys.create_survey("How", {"kind": "NPS", "cool_down_days": 30}).number
            channel = channels.create_channel("Customers", {"kind": "PERSONS"}).channel.number
            rule = make(ASKED_AGAIN)
            playbook(rule.number, {"type": "survey", "survey": survey, "channel": channel}, cool_down_days=0)
    answers_every_other_day(acme, 6)
    with tenant_scope(acme):
        assert Signal.objects.count() == Journey.objects.count() == 3
        assert Delivery.objects.count() == 1
        assert {one.note for one in Journey.objects.all()} == {
            "", "step 1: the person was asked lately, or may not be asked",
        }  # fmt: skip
    with tenant_scope(globex):
        assert not Journey.objects.exists()


def test_playbooks_that_lead_to_each_other_begin_once_within_the_cool_down_of_all(acme, mails):
    with tenant_scope(acme):
        channel = channels.create_channel("Customers", {"kind": "PERSONS"}).channel.number
        for number in range(2):
            rule = make({**ASKED_AGAIN, "times": number + 1, "days": number + 1})
            playbook(rule.number, HELLO | {"channel": channel}, cool_down_days=7)
    answers_every_other_day(acme, 6)
    with tenant_scope(acme):
        assert Person.objects.get().pk == Journey.objects.get().subject
        assert Delivery.objects.count() == 1
