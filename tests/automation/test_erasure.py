"""Who is erased leaves no signal, no message and no note; the other tenant keeps its own."""

from engage_server.automation.erasure import redact_reasons, remove_deliveries_about, remove_signals_of
from engage_server.automation.models import Delivery, Signal
from engage_server.tenancy.scope import tenant_scope
from tests.automation.days import FIRST


def fill() -> None:
    for kind, subject, reason in (("person", 7, ""), ("person", 8, "Ada called"), ("account", 7, "all well")):
        Signal.objects.create(
            rule=len(kind),
            rule_version=1,
            is_risk=True,
            subject_kind=kind,
            subject=subject,
            raised_on=FIRST,
            reason=reason,
        )
    for subject, text in (
        ({"kind": "person", "id": 7}, ""),
        ({"kind": "account", "id": 7}, ""),
        ({}, "Ada left"),
    ):
        message = {"type": "x", "subject": "x", "text": text, "data": {"subject": subject}}
        Delivery.objects.create(channel=1, cause="test", message=message)


def test_signals_messages_and_reasons_of_a_person_go(acme, globex):
    for tenant in (acme, globex):
        with tenant_scope(tenant):
            fill()
    with tenant_scope(acme):
        assert remove_signals_of([7]) == 1
        assert redact_reasons(lambda text: "Ada" in text) == 1
        assert remove_deliveries_about([7], lambda text: "Ada" in text) == 2
        assert set(Signal.objects.values_list("subject_kind", "subject", "reason")) == {
            ("person", 8, "erased on request"), ("account", 7, "all well"),
        }  # fmt: skip
        assert [one.message["data"]["subject"]["kind"] for one in Delivery.objects.all()] == ["account"]
    with tenant_scope(globex):
        assert (Signal.objects.count(), Delivery.objects.count()) == (3, 3)
