"""The outcomes of a batch are those of its items sent one by one, and of joined requests each its own."""

import json
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from itertools import count
from typing import Any

import pytest
from django.db import connection, connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engage_server.activity.models import Event
from engage_server.customers.models import SurveyResponse
from engage_server.customers.traits import MOST_TRAITS
from engage_server.ingest import pipeline
from engage_server.ingest.delivery import Delivery
from engage_server.ingest.items import AccountItem
from engage_server.ingest.models import QuarantinedItem
from engage_server.ingest.outcomes import Outcome, Receipt
from engage_server.ingest.pipeline import ingest_items
from engage_server.ingest.protocols.segment.translation import translate
from engage_server.ingest.store import store_items
from engage_server.privacy import requests
from engage_server.tenancy.scope import TenantRef, tenant_scope
from tests.ingest.test_database_faults import RULE

EXAMPLE = count()
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
TRACK = {"type": "track", "event": "Saved", "timestamp": "2026-03-01T12:00:00Z"}
SURVEY = TRACK | {"event": "Survey Answered", "userId": "bob"}
IDS = st.sampled_from(["m1", "m2", "m3"])
RESPONSES = st.fixed_dictionaries(
    {
        "instrument": st.just("nps"),
        "scale_min": st.just(0),
        "scale_max": st.just(10),
        "score": st.integers(8, 9),
    }
)
GOOD = st.builds(
    lambda id, rows: TRACK | {"messageId": id, "userId": "bob", "properties": {"rows": rows}},
    IDS,
    st.integers(1, 2),
)
ANSWER = st.builds(
    lambda id, properties: SURVEY | {"messageId": id, "properties": properties}, IDS, RESPONSES
)
INVALID = st.builds(lambda id: {"type": "track", "messageId": id, "userId": "bob"}, IDS)
UNSTORABLE = st.builds(lambda id: TRACK | {"messageId": f"bad-{id}", "userId": "bob"}, IDS)
SUPPRESSED = st.builds(lambda id: TRACK | {"messageId": id, "userId": "ada"}, IDS)
WITHOUT_CONSENT = st.builds(lambda id: TRACK | {"messageId": id, "userId": "carl"}, IDS)
CROWDED = st.just(
    {"type": "group", "messageId": "g", "userId": "bob", "groupId": "crowded", "traits": {"one": "more"}}
)
CALLS = st.one_of(GOOD, ANSWER, INVALID, UNSTORABLE, SUPPRESSED, WITHOUT_CONSENT, CROWDED)
JOINABLE = st.one_of(GOOD, ANSWER, INVALID, SUPPRESSED, WITHOUT_CONSENT, CROWDED)


@pytest.fixture
def tenants(acme: TenantRef, globex: TenantRef, settings: Any) -> tuple[TenantRef, TenantRef]:
    """Two tenants alike, of which ada is suppressed, carl has withdrawn consent and an account is full of traits."""
    settings.ENGAGE_PRIVACY_KEYS = ["a key of the tests"]
    for tenant in (acme, globex):
        prepare(tenant)
    return acme, globex


def prepare(tenant: TenantRef) -> None:
    full = AccountItem("crowded", traits={str(number): 1 for number in range(MOST_TRAITS)})
    with tenant_scope(tenant):
        send([TRACK | {"messageId": user, "userId": user} for user in ("bob", "carl")], source="first")
        store_items([full], source="first")
        requests.suppress("ada")
        requests.set_consent("carl", consents=False)
    with tenant_scope(tenant, role="none"), connection.cursor() as cursor:
        cursor.execute(RULE.format(state="23514"))


def encode(calls: Sequence[dict[str, Any]]) -> list[bytes]:
    return [json.dumps(call).encode() for call in calls]


def send(calls: Sequence[dict[str, Any]], *, source: str) -> Receipt:
    delivery = Delivery("segment", source, NOW)
    return ingest_items(encode(calls), translate=partial(translate, delivery=delivery), delivery=delivery)


def outcomes_of_each(calls: Sequence[dict[str, Any]], *, source: str) -> list[Outcome]:
    return [outcome for call in calls for outcome in send([call], source=source).outcomes]


def rows(source: str) -> tuple[list[Any], ...]:
    """All that a source left in the tenant in scope."""
    events = Event.objects.filter(source__name=source).values_list(
        "message_id", "properties", "person__external_id"
    )
    answers = SurveyResponse.objects.filter(external_id__startswith=f"{source}:").values_list(
        "external_id", "score"
    )
    refused = QuarantinedItem.objects.filter(source=source).values_list("code", "message", "payload")
    return sorted(map(repr, events)), sorted(map(repr, answers)), sorted(map(repr, refused))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=st.lists(GOOD, max_size=2), calls=st.lists(CALLS, max_size=8))
def test_the_outcomes_of_a_batch_are_those_of_its_items_sent_one_by_one(
    tenants: tuple[TenantRef, TenantRef], before: list[dict[str, Any]], calls: list[dict[str, Any]]
) -> None:
    acme, globex = tenants
    source = f"s{next(EXAMPLE)}"
    with tenant_scope(acme):
        outcomes_of_each(before, source=source)
        together = list(send(calls, source=source).outcomes)
        left_together = rows(source)
    with tenant_scope(globex):
        outcomes_of_each(before, source=source)
        assert together == outcomes_of_each(calls, source=source)
        assert left_together == rows(source)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(st.lists(JOINABLE, max_size=5), min_size=1, max_size=4))
def test_requests_that_are_stored_as_one_get_each_its_own_outcomes(
    tenants: tuple[TenantRef, TenantRef], batches: list[list[dict[str, Any]]]
) -> None:
    acme, globex = tenants
    source = f"j{next(EXAMPLE)}"
    # Their ids differ, so that the order in which requests are joined is no part of the outcome.
    apart = [
        [call | {"messageId": f"{place}-{call['messageId']}"} for call in calls]
        for place, calls in enumerate(batches)
    ]
    delivery = Delivery("segment", source, NOW)
    translation = partial(translate, delivery=delivery)
    with tenant_scope(acme):
        joined = pipeline._store_together(
            [pipeline._decode_request(encode(calls), translation, delivery, True) for calls in apart],
            source=source,
        )
        left_joined = rows(source)
    with tenant_scope(globex):
        alone = [list(send(calls, source=source).outcomes) for calls in apart]
        assert [list(receipt.outcomes) for receipt in joined] == alone
        assert left_joined == rows(source)


def test_requests_that_wait_are_joined_in_one_commit_and_each_is_told_of_its_own(
    committed_tenants: tuple[TenantRef, TenantRef], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ENGAGE_PRIVACY_KEYS = ["a key of the tests"]
    acme, globex = committed_tenants
    prepare(acme)
    sizes: list[int] = []
    store = pipeline._store_together

    def count_joined(requests: Sequence[Any], *, source: str) -> list[Receipt]:
        sizes.append(len(requests))
        return store(requests, source=source)

    monkeypatch.setattr(pipeline, "_store_together", count_joined)
    batches = [
        [TRACK | {"messageId": "a", "userId": "bob"}],
        [TRACK | {"messageId": "b", "userId": "ada"}, TRACK | {"messageId": "b2", "userId": "bob"}],
        [{"type": "track", "messageId": "c"}, *[TRACK | {"messageId": "c2", "userId": "bob"}] * 2],
    ]

    def run(calls: list[dict[str, Any]]) -> list[str]:
        try:
            with tenant_scope(acme):
                return [outcome.code or outcome.kind.name for outcome in send(calls, source="web").outcomes]
        finally:
            connections.close_all()

    commits = pipeline._commits.of(acme.id)

    def submit_all() -> list[Any]:
        calls = [executor.submit(run, calls) for calls in batches]
        deadline = time.monotonic() + 30
        while len(commits._waiting) < len(batches):
            assert time.monotonic() < deadline
            time.sleep(0.005)
        return calls

    with ThreadPoolExecutor(len(batches)) as executor:
        calls = commits.run_exclusive(submit_all)
        told = [call.result() for call in calls]
    assert sizes == [3]
    assert told == [["STORED"], ["suppressed", "STORED"], ["missing_event", "STORED", "DUPLICATE"]]
    with tenant_scope(acme):
        assert QuarantinedItem.objects.get().code == "missing_event"
        assert Event.objects.filter(source__name="web").count() == 3
    with tenant_scope(globex):
        assert not Event.objects.exists()
        assert not QuarantinedItem.objects.exists()
