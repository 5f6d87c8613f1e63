"""A person who is erased is found nowhere afterwards, in its own tenant, and untouched in another's."""

import json
import logging
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError

from engage_server.activity.models import DayBitmap, Event, EventDelta, PersonDay, PersonState
from engage_server.activity.rollups.compaction import ensure_current
from engage_server.audit import log as audit_log
from engage_server.customers.models import Membership, Person, PersonAlias, SurveyResponse
from engage_server.engine.models import Run
from engage_server.engine.parquet_export import export_parquet
from engage_server.engine.verification import Verdict, verify
from engage_server.ingest.items import AliasItem, MembershipItem, PersonItem, PersonKey, ResponseItem
from engage_server.ingest.models import QuarantinedItem
from engage_server.metrics.models import MetricValue
from engage_server.metrics.reader import StoredMetricReader
from engage_server.privacy import erasure, requests
from engage_server.privacy.exceptions import ExportUnderWayError
from engage_server.privacy.models import PrivacyRequest
from engage_server.sdk import Subject
from engage_server.tenancy import export
from engage_server.tenancy.export import export_tenant
from engage_server.tenancy.scope import TenantRef, shared_scope, tenant_scope
from tests.activity.rollup_snapshot import rollup_snapshot
from tests.metrics.values import alter, copy_to_subject
from tests.privacy.scenario import (
    FIRST,
    TOKEN,
    compute,
    dump_of,
    dump_of_shared,
    noon,
    reasons,
    restate,
    send,
    store,
    use,
)

NPS = {"metric": "nps.score", "subject_kind": "tenant", "day": FIRST}
USER, DEVICE, OLD = f"user-{TOKEN}", f"device-{TOKEN}", f"old-{TOKEN}"


def plant(tenant: TenantRef) -> None:
    """The person by every way in, and a colleague who stays."""
    ada = PersonKey(user_id=USER, anonymous_id=DEVICE)
    store(
        tenant,
        PersonItem(ada, {"name": f"Ada {TOKEN}", "email": f"{TOKEN}@x.test", "x": [{"y": TOKEN}]}, occurred_at=noon(FIRST)),
        MembershipItem(ada, "acct", noon(FIRST)),
        use("e1", USER, FIRST, properties=json.dumps({"who": TOKEN}), account="acct"),
        use("e2", USER, FIRST + timedelta(days=2), properties=json.dumps({TOKEN: 1})),
        use("e3", OLD, FIRST + timedelta(days=3)),
        AliasItem(OLD, USER),
        ResponseItem("r1", "nps", Decimal(0), Decimal(10), noon(FIRST), score=Decimal(1), person=ada, text=f"I am {TOKEN}"),
        ResponseItem("r3", "feedback", None, None, noon(FIRST), person=ada, text=f"Call {TOKEN}", tags=(TOKEN,)),
        use("b1", "bob", FIRST, account="acct"),
        use("b2", "bob", FIRST + timedelta(days=1)),
        ResponseItem("r2", "nps", Decimal(0), Decimal(10), noon(FIRST), score=Decimal(9), person=PersonKey(user_id="bob")),
    )  # fmt: skip
    send(
        tenant,
        {"type": "track", "userId": USER, "properties": {"text": TOKEN}},  # no event name
        {"type": "identify", "userId": "undefined", "traits": {"email": f"{TOKEN}@x.test"}},
        {"type": "teleport", "userId": "bob"},
    )


def erase(tenant: TenantRef, name: str) -> requests.Receipt:
    with tenant_scope(tenant):
        asked = requests.request_erasure(name)
        erasure.erase(asked.id)
        return requests.receipt(asked.id)


def forget_numbers(tenant: TenantRef) -> dict:
    with tenant_scope(tenant):
        ensure_current()
        return rollup_snapshot()


@pytest.fixture
def planted(acme: TenantRef, globex: TenantRef) -> TenantRef:
    plant(acme)
    plant(globex)
    compute(acme, days=5)
    return acme


def test_a_planted_token_occurs_nowhere_afterwards(planted, globex, tmp_path, exports, caplog):
    export_tenant(planted, exports)
    export_parquet(planted, exports)
    export_tenant(globex, exports)
    assert dump_of(planted).count(TOKEN) > 10
    untouched = dump_of(globex)
    with caplog.at_level(logging.DEBUG):
        done = erase(planted, DEVICE)
        restate(planted)
    assert done.state == "DONE"
    assert TOKEN not in dump_of(planted)
    assert TOKEN not in dump_of_shared()
    assert TOKEN not in caplog.text
    assert all(TOKEN not in str(vars(record)) for record in caplog.records)
    assert not [path for path in tmp_path.rglob("*") if TOKEN in path.name]
    (kept,) = exports.iterdir()
    assert kept.name.startswith("globex-")
    assert dump_of(globex) == untouched


def test_the_receipt_counts_what_was_erased_and_names_nobody(planted):
    done = erase(planted, USER)
    assert done.counts == {
        "ingest_quarantineditem": 2,
        "exports on disk": 0,
        "activity_event": 3,
        "customers_surveyresponse": 2,
        "customers_surveyresponse, redacted": 0,
        "definitions_definition, redacted": 0,
        "automation_signal": 0,
        "automation_signal, redacted": 0,
        "automation_journey": 0,
        "automation_delivery": 0,
        "automation_surveyinvitation": 0,
        "automation_task": 0,
        "automation_task, redacted": 0,
        "metrics_metricvalue": 0,
        "metrics_metricvalue, redacted": 0,
        "engine_run, redacted": 0,
        "engine_breaker, redacted": 0,
        "engine_computation": 0,
        "customers_membership": 1,
        "customers_personalias": 3,
        "segments_segmentmember": 0,
        "customers_person": 3,
        "activity_personstate": 3,
    }
    assert done.days_restated == 3
    assert TOKEN not in repr(done)
    with tenant_scope(planted):
        told = audit_log.newest(2)
        assert [entry.action for entry in told] == ["person.deleted", "person.suppressed"]
        assert audit_log.verify().broken_at is None


def test_metrics_are_restated_with_the_reason(planted):
    before = reasons(planted, "nps.score")
    erase(planted, USER)
    restate(planted)
    after = reasons(planted, "nps.score")
    assert FIRST not in before
    assert after[FIRST] == f"erasure of {FIRST}"
    assert all(finding.verdict is not Verdict.DIFFERENT for finding in verify(planted))
    with tenant_scope(planted):
        value = MetricValue.objects.get(
            metric="nps.score", subject_kind="tenant", day=FIRST, superseded_at=None
        )
    assert value.n == 1


def test_the_roll_ups_are_those_of_a_tenant_who_never_knew_the_person(planted, globex):
    with shared_scope():
        assert PrivacyRequest.objects.count() == 0
    erase(planted, USER)
    with tenant_scope(planted):
        kept = rollup_snapshot()
        assert not EventDelta.objects.exists()
        assert {row.person for row in PersonDay.objects.all()} == set(
            Person.objects.values_list("id", flat=True)
        )
        assert set(PersonState.objects.values_list("person", flat=True)) <= set(
            Person.objects.values_list("id", flat=True)
        )
        assert DayBitmap.objects.exists()
    assert [day[0] for day in kept["days"]] == ["bob", "bob"]
    assert {bit[3] for bit in kept["bits"]} == {"bob", "acct"}


def test_only_the_person_is_erased(planted):
    erase(planted, USER)
    with tenant_scope(planted):
        assert list(PersonAlias.objects.values_list("alias", flat=True)) == ["bob"]
        assert set(Event.objects.values_list("message_id", flat=True)) == {"b1", "b2"}
        assert list(SurveyResponse.objects.values_list("external_id", flat=True)) == ["r2"]
        assert not Membership.objects.exists()
        assert [json.loads(item.payload)["userId"] for item in QuarantinedItem.objects.all()] == ["bob"]


def test_an_erasure_that_is_killed_anywhere_goes_on_where_it_was(planted, monkeypatch):
    with tenant_scope(planted):
        asked = requests.request_erasure(USER)
    monkeypatch.setattr(erasure, "EVENTS", 1)
    for name in erasure.STEPS:
        real = erasure.STEPS[name]

        def die(request, real=real):
            real(request)
            raise DatabaseError("killed")

        with tenant_scope(planted), monkeypatch.context() as patch:
            patch.setattr(erasure, "STEPS", {**erasure.STEPS, name: die})
            with pytest.raises(DatabaseError, match="killed"):
                erasure.erase(asked.id)
    with tenant_scope(planted):
        erasure.erase(asked.id)
        done = requests.receipt(asked.id)
        erasure.erase(asked.id)
        assert requests.receipt(asked.id) == done
    assert (done.counts["activity_event"], done.counts["customers_person"], done.days_restated) == (3, 3, 3)
    assert TOKEN not in dump_of(planted)


def test_an_explanation_that_names_the_person_is_redacted_and_still_adds_up(planted):
    parts = [
        {"key": USER, "label": f"Ada {TOKEN}", "value": 1.0, "points": 2.5, "weight": None, "n": 1, "note": ""},
        {"key": "x", "label": "X", "value": 1.0, "points": 1.5, "weight": None, "n": 1, "note": f"led by {USER}"},
        {"key": "bob", "label": "Bob", "value": 1.0, "points": 6.0, "weight": None, "n": 1, "note": ""},
    ]  # fmt: skip
    with tenant_scope(planted):
        value = MetricValue.objects.filter(**NPS).get()
        person = Person.objects.get(external_id=USER)
        copy_to_subject(value, person.pk, kind="person")
        alter(where=NPS, contributions=parts, details={"top": USER, "all": 3})
    done = erase(planted, USER)
    with tenant_scope(planted):
        kept = MetricValue.objects.filter(**NPS).get()
        assert not MetricValue.objects.filter(subject_kind="person").exists()
    assert (done.counts["metrics_metricvalue"], done.counts["metrics_metricvalue, redacted"]) == (1, 1)
    assert [part["key"] for part in kept.contributions] == ["bob", "erased"]
    assert sum(part["points"] for part in kept.contributions) == 10
    assert kept.details == {"all": 3}


def test_a_worker_erases_what_was_asked_for_and_tells_only_the_kind_of_an_error(planted, monkeypatch, caplog):
    with tenant_scope(planted):
        asked = requests.request_erasure(USER)

    def die(request):
        raise DatabaseError(f"row {TOKEN}")

    assert [ref.id for ref in erasure.CHORE.tenants()] == [planted.id]
    with monkeypatch.context() as patch:
        patch.setattr(erasure, "STEPS", {**erasure.STEPS, "events": die})
        # The test's transaction lives on this connection.
        patch.setattr(erasure.connection, "close", lambda: None)
        erasure.CHORE.work(planted, erasure.threading.Event())
    with tenant_scope(planted):
        assert requests.receipt(asked.id).error == "DatabaseError"
    assert TOKEN not in caplog.text
    erasure.CHORE.work(planted, erasure.threading.Event())
    with tenant_scope(planted):
        assert requests.receipt(asked.id).state == "DONE"
    assert erasure.CHORE.tenants() == []


def test_one_erasure_is_asked_for_only_once(planted):
    with tenant_scope(planted):
        assert requests.request_erasure(USER).id == requests.request_erasure(DEVICE).id


def test_names_that_nobody_bears_share_no_request(planted):
    with tenant_scope(planted):
        one, other = (requests.request_erasure(name) for name in ("nobody-1", "nobody-2"))
        assert one.id != other.id
        for asked in (one, other):
            erasure.erase(asked.id)
            assert requests.receipt(asked.id).state == "DONE"


def test_numbers_are_taken_for_a_person_only_where_they_are_told_as_ids(acme):
    store(acme, use("m", "7", FIRST))
    send(
        acme,
        {"type": "teleport", "userId": 7},
        {"type": "teleport", "userId": "7"},
        {"type": "teleport", "userId": "bob", "properties": {"rows": 7, "text": "7"}},
    )
    assert erase(acme, "7").counts["ingest_quarantineditem"] == 2


def test_errors_that_quote_the_person_are_replaced(planted, globex):
    told = {
        "plugin": "nps",
        "day": FIRST,
        "scheduled_for": noon(FIRST),
        "state": "FAILED",
        "error": f"KeyError: '{USER}'",
    }
    with shared_scope():
        ours = Run.objects.create(tenant_id=planted.id, **told)
        theirs = Run.objects.create(tenant_id=globex.id, **told)
    erase(planted, USER)
    with shared_scope():
        ours.refresh_from_db()
        theirs.refresh_from_db()
    assert (TOKEN in ours.error, TOKEN in theirs.error) == (False, True)


def test_an_export_under_way_is_waited_for(planted, exports, monkeypatch):
    with tenant_scope(planted):
        asked = requests.request_erasure(USER)

    def look(table, folder):
        with pytest.raises(ExportUnderWayError):
            erasure.erase(asked.id)
        return 0

    with monkeypatch.context() as patch:
        patch.setattr(export, "_export_table", look)
        export_tenant(planted, exports)
    with tenant_scope(planted):
        erasure.erase(asked.id)
        assert requests.receipt(asked.id).state == "DONE"


def test_values_of_a_suppressed_person_are_in_no_answer(planted):
    with tenant_scope(planted):
        value = MetricValue.objects.filter(
            metric="nps.score", subject_kind="tenant", superseded_at=None
        ).latest("day")
        person = Person.objects.get(external_id=USER)
        copy_to_subject(value, person.pk, kind="person")
        assert StoredMetricReader().latest("nps.score", Subject("person", person.pk)) is not None
        assert len(StoredMetricReader().by_subject("nps.score", "person")) == 1
        requests.suppress(USER)
        assert StoredMetricReader().latest("nps.score", Subject("person", person.pk)) is None
        assert StoredMetricReader().by_subject("nps.score", "person") == []
