"""What becomes of each call, sent over HTTP."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engage_server.activity.models import Event, EventName
from engage_server.customers.models import Account, Membership, Person, SurveyResponse
from engage_server.ingest.models import QuarantinedItem
from engage_server.tenancy.scope import TenantRef, tenant_scope

EXAMPLE = count()
THEN = "2026-03-01T12:00:00.000Z"


def track(number: int = 1, **changes: Any) -> dict[str, Any]:
    call = {
        "type": "track",
        "messageId": f"m{number}",
        "userId": "ada",
        "event": "Report Exported",
        "timestamp": THEN,
    }
    return {key: value for key, value in (call | changes).items() if value is not ...}


def test_a_batch_of_the_six_calls_is_taken(acme: TenantRef, post) -> None:
    calls = [
        {"type": "identify", "userId": "ada", "anonymousId": "dev", "traits": {"email": "a@x.test"}},
        {"type": "group", "userId": "ada", "groupId": "acct", "traits": {"name": "Acct", "plan": "pro"}},
        track(properties={"rows": 3}, context={"groupId": "acct"}),
        {"type": "page", "anonymousId": "dev", "name": "Home", "properties": {"path": "/"}, "messageId": "p"},
        {"type": "screen", "userId": "ada", "name": "Main", "messageId": "s"},
        {"type": "alias", "previousId": "old", "userId": "ada"},
    ]
    response = post({"batch": calls, "sentAt": THEN})
    assert (response.status_code, response.json()) == (
        200,
        {"success": True, "accepted": 6, "duplicates": 0, "rejected": []},
    )
    with tenant_scope(acme):
        ada = Person.objects.get(external_id="ada")
        assert ada.traits == {"email": "a@x.test"}
        assert set(Person.objects.filter(merged_into=ada).values_list("aliases__alias", flat=True)) == {
            "dev",
            "old",
        }
        assert Account.objects.values_list("external_id", "name", "plan").get() == ("acct", "Acct", "pro")
        assert Membership.objects.get().person == ada
        event = Event.objects.get(message_id="m1")
        assert (event.name.name, event.account.external_id) == ("Report Exported", "acct")
        assert event.properties == {"rows": 3}
        assert Event.objects.get(message_id="p").properties == {"name": "Home", "path": "/"}
        assert set(EventName.objects.filter(event_class="PASSIVE").values_list("name", flat=True)) == {
            "Page Viewed",
            "Screen Viewed",
        }


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("kind", ["identify", "group", "track", "page", "screen", "alias"])
def test_each_call_has_a_path_of_its_own(acme: TenantRef, post, kind: str, slash: str) -> None:
    call = {
        "userId": "ada",
        "event": "E",
        "groupId": "g",
        "previousId": "p",
        "sentAt": THEN,
        "timestamp": THEN,
    }
    response = post(call, f"/v1/{kind}{slash}")
    assert response.json() == {"success": True, "accepted": 1, "duplicates": 0, "rejected": []}
    with tenant_scope(acme):
        assert Person.objects.filter(external_id="ada").exists()


def test_a_single_call_without_id_is_stored_once_however_often_it_is_delivered(acme: TenantRef, post) -> None:
    call = {"userId": "ada", "event": "E", "timestamp": THEN}
    assert post({**call, "sentAt": "2026-03-01T12:00:01Z"}, "/v1/track").json()["accepted"] == 1
    assert post({**call, "sentAt": "2026-03-01T12:00:09Z"}, "/v1/track").json()["duplicates"] == 1
    assert post({**call, "event": "F"}, "/v1/track").json()["accepted"] == 1


def test_a_call_without_a_timestamp_is_a_duplicate_when_it_comes_again(post) -> None:
    body = {"batch": [track(timestamp=...)]}
    assert [post(body).json()["duplicates"] for _ in range(2)] == [0, 1]


def test_rudderstacks_traits_in_the_context_are_the_persons(acme: TenantRef, post) -> None:
    post({"batch": [{"type": "identify", "userId": "ada", "context": {"traits": {"plan": "x"}}}]})
    with tenant_scope(acme):
        assert Person.objects.get().traits == {"plan": "x"}


def test_the_event_time_is_corrected_for_the_clients_clock(acme: TenantRef, post) -> None:
    before = datetime.now(UTC)
    # A clock that is years behind; the event happened 10 minutes before it was sent.
    call = track(timestamp="2019-01-01T00:00:00Z")
    post({"batch": [call], "sentAt": "2019-01-01T00:10:00Z"})
    with tenant_scope(acme):
        happened = Event.objects.get().occurred_at
    assert before <= happened + timedelta(minutes=10) <= datetime.now(UTC)


def test_rudderstacks_original_timestamp_is_the_one_corrected(acme: TenantRef, post) -> None:
    call = track(timestamp="2026-03-05T00:00:00Z", originalTimestamp="2026-03-01T12:00:00+00:00")
    post({"batch": [call]})
    with tenant_scope(acme):
        assert Event.objects.get().occurred_at == datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_late_retry_under_another_sent_time_is_a_duplicate_and_no_conflict(post) -> None:
    post({"batch": [track()], "sentAt": "2026-03-01T12:00:01Z"})
    again = post({"batch": [track()], "sentAt": "2026-03-01T13:00:00Z"}).json()
    assert (again["duplicates"], again["rejected"]) == (1, [])


def test_another_payload_under_a_known_id_is_rejected_and_quarantined(acme: TenantRef, post) -> None:
    post({"batch": [track()]})
    answer = post({"batch": [track(2), track(event="Other")]}).json()
    assert (answer["accepted"], answer["rejected"][0]["index"]) == (1, 1)
    assert answer["rejected"][0]["code"] == "conflicting_duplicate"
    with tenant_scope(acme):
        assert json.loads(QuarantinedItem.objects.get().payload)["event"] == "Other"


def test_the_same_ids_in_two_tenants_are_both_kept(
    acme: TenantRef, globex: TenantRef, post, other_key: str
) -> None:
    body = {"batch": [track(), {"type": "group", "userId": "ada", "groupId": "acct"}, {"type": "bad"}]}
    first = post(body).json()
    with tenant_scope(globex):
        assert not Event.objects.exists()
        assert not Person.objects.exists()
        assert not QuarantinedItem.objects.exists()
    second = post(body, Authorization=f"Bearer {other_key}").json()
    assert first == second
    assert (first["accepted"], len(first["rejected"])) == (2, 1)
    for tenant in (acme, globex):
        with tenant_scope(tenant):
            assert (Event.objects.count(), Account.objects.count(), QuarantinedItem.objects.count()) == (
                1,
                1,
                1,
            )


def test_names_that_say_where_somebody_stands_are_passive_and_no_feature(acme: TenantRef, post) -> None:
    post({"batch": [track(1, event="Signed In"), track(2, event="Invite Sent")]})
    with tenant_scope(acme):
        assert EventName.objects.get(name="Signed In").feature is None
        assert EventName.objects.get(name="Signed In").event_class == "PASSIVE"
        assert EventName.objects.get(name="Invite Sent").feature.name == "Invite Sent"


def test_a_survey_answer_is_an_event_and_a_response(acme: TenantRef, post) -> None:
    scale = {"instrument": "nps", "scale_min": 0, "scale_max": 10}
    calls = [
        track(
            1,
            event="Survey Answered",
            properties={**scale, "score": 9, "text": "Good."},
            context={"groupId": "a"},
        ),
        track(2, event="Survey Dismissed", properties={**scale, "direction": "DOWN"}),
    ]
    assert post({"batch": calls}).json()["accepted"] == 2
    assert post({"batch": calls}).json() == {"success": True, "accepted": 0, "duplicates": 2, "rejected": []}
    with tenant_scope(acme):
        answered, dismissed = SurveyResponse.objects.order_by("external_id")
        assert (answered.score, answered.text, answered.direction) == (Decimal(9), "Good.", "UP")
        assert (answered.person.external_id, answered.account.external_id) == ("ada", "a")
        assert (dismissed.score, dismissed.direction) == (None, "DOWN")
        assert Event.objects.count() == 2


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"instrument": ...}, "instrument"),
        ({"instrument": 7}, "instrument"),
        ({"scale_min": "0"}, "scale_min"),
        ({"scale_max": 0}, "scale_max"),
        ({"scale_max": True}, "scale_max"),
        ({"scale_max": 10**9}, "scale_max"),
        ({"direction": "SIDEWAYS"}, "direction"),
        ({"score": 11}, "score"),
        ({"score": None}, "score"),
        ({"text": 1}, "text"),
    ],
)
def test_a_wrong_survey_property_is_named(post, wrong: dict[str, Any], named: str) -> None:
    right = {"instrument": "nps", "scale_min": 0, "scale_max": 10, "score": 9}
    properties = {key: value for key, value in (right | wrong).items() if value is not ...}
    (reject,) = post({"batch": [track(event="Survey Answered", properties=properties)]}).json()["rejected"]
    assert reject["code"] == "invalid_property"
    assert repr(named) in reject["message"]


def test_a_dismissal_with_a_score_is_refused(post) -> None:
    properties = {"instrument": "nps", "scale_min": 0, "scale_max": 10, "score": 3}
    (reject,) = post({"batch": [track(event="Survey Dismissed", properties=properties)]}).json()["rejected"]
    assert "'score'" in reject["message"]


def test_a_parent_that_would_close_a_circle_is_told(acme: TenantRef, post) -> None:
    group = {"type": "group", "userId": "ada", "groupId": "a", "traits": {"parent": "a"}}
    (reject,) = post({"batch": [group]}).json()["rejected"]
    assert reject["code"] == "circular_parent"


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_permuted_and_repeated_batches_store_the_same(acme: TenantRef, post, data: st.DataObject) -> None:
    mark = f"{next(EXAMPLE)}-"
    numbers = data.draw(st.lists(st.integers(0, 9), min_size=1, max_size=6, unique=True))
    users = {number: data.draw(st.sampled_from(["ada", "bob"])) for number in numbers}
    calls = [
        track(messageId=f"{mark}{number}", userId=f"{mark}{users[number]}", anonymousId=f"{mark}{number % 3}")
        for number in numbers
    ]
    sent = 0
    for batch in data.draw(st.lists(st.permutations(calls), min_size=1, max_size=3)):
        answer = post({"batch": [*batch, batch[0]]}).json()
        assert answer["rejected"] == []
        sent += answer["accepted"]
    with tenant_scope(acme):
        stored = dict(
            Event.objects.filter(message_id__startswith=mark).values_list("message_id", "person__external_id")
        )
    assert sent == len(calls)
    assert stored == {f"{mark}{number}": f"{mark}{users[number]}" for number in numbers}
