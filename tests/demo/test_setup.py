"""What a simulated company's people set up is there once, and stays as they leave it."""

from datetime import UTC, datetime, timedelta
from threading import Event

from django.core import mail

from engage_server.activity.models import Feature
from engage_server.automation.delivery import deliver_due
from engage_server.automation.journeys import go_on
from engage_server.automation.models import Delivery, Journey, Signal, SurveyInvitation, Task
from engage_server.automation.playbooks import playbooks
from engage_server.automation.rules import rules
from engage_server.automation.surveys import surveys
from engage_server.customers.models import Account, Person, SurveyResponse
from engage_server.demo.resume import MissingHistory
from engage_server.demo.setup import ASKED, SETUPS, pursue, set_up
from engage_server.demo.simulator.companies import ACME, COMPANIES
from engage_server.metrics.annotations import annotations
from engage_server.metrics.goals import goals
from engage_server.operations.goals import retire_goal
from engage_server.operations.rules import retire_rule
from engage_server.plugin_host.activation import active_ids
from engage_server.segments import catalogue
from engage_server.tenancy.scope import TenantRef, tenant_scope
from tests.metrics.values import store

LAST = datetime.now(UTC).date() - timedelta(days=1)
FIRST = LAST - timedelta(days=179)
MISSING = MissingHistory(FIRST, LAST, FIRST, ())


def prepare(tenant: TenantRef) -> None:
    with tenant_scope(tenant):
        Feature.objects.bulk_create(Feature(name=feature.event) for feature in ACME.features)
        Account.objects.create(external_id="kestrel-robotics", name="Kestrel Robotics")


def test_every_company_has_a_setup():
    assert set(SETUPS) == {company.slug for company in COMPANIES}


def test_all_that_a_company_wants_is_set_up_in_its_tenant_alone(acme: TenantRef, globex: TenantRef):
    prepare(acme)
    set_up(acme, ACME, MISSING)
    with tenant_scope(acme):
        assert {"revenue", "stickiness", "funnel", "first_week"} <= active_ids()
        assert set(SETUPS["acme"].segments) <= {segment.name for segment in catalogue.segments()}
        (release,) = annotations()
        assert release.body.day == MISSING.first_day + timedelta(days=105)
    with tenant_scope(globex):
        assert not goals()
        assert not annotations()
        assert "revenue" not in active_ids()


def test_goals_and_risks_stand_on_what_was_computed(acme: TenantRef, globex: TenantRef):
    prepare(acme)
    set_up(acme, ACME, MISSING)
    with tenant_scope(acme):
        account = Account.objects.get()
        for name in ("ada", "bob", "cyd", "dan"):
            Person.objects.create(external_id=name)
        for back, health in ((2, 60), (1, 50), (0, 48)):
            day = MISSING.last_day - timedelta(days=back)
            store("health_score.score", health, kind="account", subject=account.pk, day=day)
    pursue(acme, ACME, MISSING)
    with tenant_scope(acme):
        by_name = {goal.name: goal.body for goal in goals()}
        assert set(by_name) == set(SETUPS["acme"].goals)
        kestrel = by_name["Kestrel back to green"]
        assert (kestrel.baseline, kestrel.target) == (48, 75)
        (signal,) = Signal.objects.all()
        assert (signal.is_risk, signal.subject) == (True, account.pk)
        assert signal.raised_on == MISSING.last_day - timedelta(days=1)
        assert sorted((one.name, one.body.enabled) for one in playbooks()) == [
            ("Call whose health is poor", True),
            ("Renewal ahead", False),
        ]
        journey = Journey.objects.get()
        assert journey.subject == account.pk
        assert sorted(survey.name for survey in surveys()) == sorted(ASKED)
        states = SurveyInvitation.objects.order_by("pk").values_list("state", flat=True)
        assert [*states] == ["ANSWERED", "ASKED", "ASKED", "ANSWERED"]
        assert (
            SurveyResponse.objects.filter(score=None).count() == 2
        )  # words alone: no score is changed by them
        assert journey.state in {Journey.State.RUNNING, Journey.State.HELD_OUT}  # a tenth is held out
        Journey.objects.update(state=Journey.State.RUNNING)
    go_on(acme, Event())
    deliver_due(acme, Event())
    with tenant_scope(acme):
        sent = Delivery.objects.get()
        assert (sent.state, sent.account) == (Delivery.State.SENT, account.pk)
        assert [row.title for row in Task.objects.all()] == ["Call Kestrel Robotics"]
    (written,) = mail.outbox
    assert (written.to, written.subject) == (["success@acme.example"], "Kestrel Robotics needs a call")
    with tenant_scope(globex):
        assert not goals()
        assert not rules()
        assert not Signal.objects.exists()
        assert not SurveyInvitation.objects.exists()
        assert not Delivery.objects.exists()


def test_a_later_demo_leaves_what_somebody_changed(acme: TenantRef):
    prepare(acme)
    set_up(acme, ACME, MISSING)
    pursue(acme, ACME, MISSING)
    with tenant_scope(acme):
        retire_goal(goals()[0].number)
        retire_rule(rules()[0].number)
    set_up(acme, ACME, MISSING)
    pursue(acme, ACME, MISSING)
    with tenant_scope(acme):
        assert len(goals()) == len(SETUPS["acme"].goals) - 1
        assert len(annotations()) == 1
        assert [rule.name for rule in rules()] == ["Renewal ahead"]
