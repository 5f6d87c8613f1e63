"""What must be there before a change of ``test_audited_changes`` can be made, by tenant."""

from datetime import UTC, date, datetime
from typing import Final

from engage_server.access.principal import EVERYTHING, Principal, Role
from engage_server.activity.models import Feature
from engage_server.audit.actor import operator
from engage_server.automation.models import Delivery, Signal
from engage_server.ingest.models import QuarantinedItem
from engage_server.operations import (
    annotations,
    channels,
    dimensions,
    goals,
    members,
    merges,
    overrides,
    playbooks,
    rules,
    segments,
    surveys,
)
from engage_server.privacy import requests
from engage_server.tenancy.scope import TenantRef, tenant_scope

NOON: Final = datetime(2026, 6, 1, 12, tzinfo=UTC)


def invite(tenant: TenantRef) -> None:
    operator_of = Principal(tenant, operator(), EVERYTHING)
    members.invite_member(operator_of, email="old@example.com", role=Role.VIEWER)


def refuse_an_item(tenant: TenantRef) -> None:
    with tenant_scope(tenant):
        QuarantinedItem.objects.create(
            source="web", protocol="segment", kind="track", received_at=NOON, code="invalid_json", payload="{"
        )


def make_segment(tenant: TenantRef) -> None:
    with tenant_scope(tenant):
        segments.create_segment("Old", {"subject": "account"})


def track_stages(tenant: TenantRef) -> None:
    with tenant_scope(tenant):
        dimensions.track_dimension("stage")


def make_goal(tenant: TenantRef) -> None:
    with tenant_scope(tenant):
        goals.create_goal("Old", {"metric": "nps.score", "target": 40, "due": "2099-12-31"})


def make_annotation(tenant: TenantRef) -> None:
    with tenant_scope(tenant):
        annotations.create_annotation({"day": "2026-06-02", "text": "Old"})


def make_override(tenant: TenantRef) -> None:
    days = {"starts_on": date(2026, 6, 1), "ends_on": date(2026, 7, 1)}
    with tenant_scope(tenant):
        overrides.set_override("health_score.score", "acct", 40, reason="said", **days)


def make_channel(tenant: TenantRef) -> None:
    with tenant_scope(tenant):
        channels.create_channel("Hook", {"kind": "WEBHOOK", "url": "https://hooks.example/in"})


def make_changed_channel(tenant: TenantRef) -> None:
    make_channel(tenant)
    with tenant_scope(tenant):
        channels.rotate_secret(1)


def make_playbook(tenant: TenantRef) -> None:
    with tenant_scope(tenant):
        rules.create_rule("Old", RENEWAL)
        playbooks.create_playbook("Old", {"rule": 1, "steps": [{"type": "stop_if_over"}]})


def make_survey(tenant: TenantRef) -> None:
    with tenant_scope(tenant):
        surveys.create_survey("Old", {"kind": "NPS"})


def make_wave(tenant: TenantRef) -> None:
    make_survey(tenant)
    with tenant_scope(tenant):
        annotations.create_annotation({"day": "2026-06-02", "text": "2.0", "kind": "RELEASE"})
        segments.create_segment("Few", {"subject": "person"})
        channels.create_channel("Customers", {"kind": "PERSONS"})


def make_dead_delivery(tenant: TenantRef) -> None:
    message = {"type": "x", "subject": "x", "text": "", "data": {}}
    with tenant_scope(tenant):
        Delivery.objects.create(id=1, channel=1, cause="test", message=message, state="DEAD")


RENEWAL: Final = {"kind": "RISK", "trigger": {"type": "renewal"}}


def make_rule(tenant: TenantRef) -> None:
    with tenant_scope(tenant):
        rules.create_rule("Old", RENEWAL)


def raise_signal(tenant: TenantRef) -> None:
    with tenant_scope(tenant):
        Signal.objects.create(
            id=1,
            rule=1,
            rule_version=1,
            is_risk=True,
            subject_kind="tenant",
            subject=0,
            raised_on=date(2026, 6, 1),
        )


def merge_cy(tenant: TenantRef) -> None:
    with tenant_scope(tenant):
        merges.merge("cy", "ada")


def make_feature(tenant: TenantRef) -> None:
    with tenant_scope(tenant):
        Feature.objects.create(name="Search")


def suppress_bob(tenant: TenantRef) -> None:
    with tenant_scope(tenant):
        requests.suppress("bob")
