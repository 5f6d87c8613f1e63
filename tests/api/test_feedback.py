"""Feedback over GraphQL: kept and read in its own tenant, without its words for who may not see personal data."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from engage_server.access.models import ApiKey
from engage_server.access.principal import Permission
from engage_server.api.ids import global_id
from engage_server.audit.models import AuditEntry
from engage_server.customers.models import Account, Person, SurveyResponse
from engage_server.ingest.items import AccountItem, PersonItem, PersonKey, ResponseItem
from engage_server.ingest.store import store_items
from engage_server.operations.conventions import set_placeholder_ids
from engage_server.operations.keys import KeyRequest, create_key, make_key
from engage_server.tenancy.scope import tenant_scope
from tests.api.conftest import Caller

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
RECORD = """
    mutation ($feedback: RecordFeedbackInput!) { recordFeedback(input: $feedback) { entry {
        text givenBy tags metric instrument occurredAt account { externalId } person { externalId } } } }
"""
READ = """
    query ($first: Int! = 10, $after: String, $where: FeedbackFilter) {
        feedbackEntries(first: $first, after: $after, where: $where) {
            edges { node { text score tags givenBy metric account { externalId } person { externalId } } } } }
"""


@pytest.fixture
def admins(at_acme: Caller, at_globex: Caller) -> list[Caller]:
    """Both tenants know an account and a person of the same names."""
    admins = []
    for one in (at_acme, at_globex):
        with tenant_scope(one.tenant):
            store_items([AccountItem("bluebird"), PersonItem(PersonKey(user_id="ada"))], source="test")
        admins.append(Caller(one.tenant, create_key(one.tenant, ApiKey.Kind.ADMIN), one.host))
    return admins


def feedback(text: str = "Slow since March.", **fields: object) -> dict[str, object]:
    return {"text": text, "givenBy": "STAFF", "account": "bluebird", "person": "ada", **fields}


def people(caller: Caller) -> list[str]:
    with tenant_scope(caller.tenant):
        return sorted(Person.objects.values_list("external_id", flat=True))


def test_what_is_recorded_is_read_in_its_own_tenant_alone(admins):
    ours, theirs = admins
    given = feedback(tags=["Speed", " speed ", "UI"], metric="mood.score", occurredAt="2026-03-01T12:00:00Z")
    said = ours.data(RECORD, feedback=given)["recordFeedback"]["entry"]
    assert said == {
        "text": "Slow since March.",
        "givenBy": "STAFF",
        "tags": ["speed", "ui"],
        "metric": "mood.score",
        "instrument": "feedback",
        "occurredAt": "2026-03-01T12:00:00+00:00",
        "account": {"externalId": "bluebird"},
        "person": {"externalId": "ada"},
    }
    assert [one["text"] for one in ours.nodes(READ)] == ["Slow since March."]
    assert theirs.nodes(READ) == []
    with tenant_scope(theirs.tenant):
        assert not SurveyResponse.objects.exists()


def test_the_record_in_the_audit_log_does_not_hold_the_text(admins):
    ours, theirs = admins
    ours.data(RECORD, feedback=feedback(tags=["speed"]))
    with tenant_scope(ours.tenant):
        entry = AuditEntry.objects.get(action="feedback.recorded")
    assert entry.details == {"given_by": "STAFF", "metric": "", "tags": 1}
    with tenant_scope(theirs.tenant):
        assert not AuditEntry.objects.filter(action="feedback.recorded").exists()


def test_without_the_right_to_personal_data_there_are_no_words_no_score_and_no_person(admins):
    ours, _ = admins
    with tenant_scope(ours.tenant):
        answer = ResponseItem(
            "r1", "nps", Decimal(0), Decimal(10), NOON, score=Decimal(2), person=PersonKey(user_id="ada"),
            account="bluebird", text="Never again.", tags=("support",),
        )  # fmt: skip
        store_items([answer], source="test")
    request = KeyRequest(ApiKey.Kind.QUERY, permissions=frozenset({Permission.METRICS_READ}))
    narrow = Caller(ours.tenant, make_key(ours.tenant, request).text, ours.host)
    (shown,), (hidden,) = ours.nodes(READ), narrow.nodes(READ)
    assert (shown["text"], shown["score"], shown["person"]) == ("Never again.", 2, {"externalId": "ada"})
    assert (hidden["text"], hidden["score"], hidden["person"]) == (None, None, None)
    assert (hidden["tags"], hidden["account"]) == (["support"], {"externalId": "bluebird"})


def test_entries_are_found_by_what_they_are_about(admins):
    ours, _ = admins
    ours.data(RECORD, feedback=feedback("one", tags=["ui"]))
    ours.data(RECORD, feedback=feedback("two", givenBy="CUSTOMER", account=None, metric="mood.score"))

    def texts(**where: str) -> list[str]:
        return [one["text"] for one in ours.nodes(READ, where=where)]

    assert (texts(tag="UI"), texts(account="bluebird"), texts(givenBy="STAFF")) == (["one"],) * 3
    assert (texts(metric="mood.score"), texts(givenBy="CUSTOMER"), texts(tag="none")) == (
        ["two"],
        ["two"],
        [],
    )


def test_a_tag_that_names_a_person_finds_nothing_for_who_may_not_see_persons(admins):
    ours, theirs = admins
    with tenant_scope(ours.tenant):
        store_items([PersonItem(PersonKey(user_id="jane.doe"))], source="test")
    request = KeyRequest(ApiKey.Kind.QUERY, permissions=frozenset({Permission.METRICS_READ}))
    narrow = {}
    for one in admins:
        one.data(RECORD, feedback=feedback(tags=["speed", "Jane.Doe", "bob@example.com"]))
        narrow[one] = Caller(one.tenant, make_key(one.tenant, request).text, one.host)

    def found(caller: Caller, tag: str) -> int:
        return len(caller.nodes(READ, where={"tag": tag}))

    assert [found(ours, tag) for tag in ("speed", "jane.doe", "bob@example.com")] == [1, 1, 1]
    assert [found(narrow[ours], tag) for tag in ("speed", "jane.doe", "bob@example.com")] == [1, 0, 0]
    assert found(narrow[theirs], "jane.doe") == 1, "nobody of that name is known there"


def test_pages_turn_and_answers_without_words_are_on_none(admins):
    ours, _ = admins
    with tenant_scope(ours.tenant):
        store_items([ResponseItem("r1", "nps", Decimal(0), Decimal(10), NOON)], source="test")
    said = {"older": "2026-02-01T12:00:00Z", "newer": "2026-03-01T12:00:00Z", "same": "2026-03-01T12:00:00Z"}
    for text, at in (*said.items(), ("oldest, told late", "2026-01-01T12:00:00Z")):
        ours.data(RECORD, feedback=feedback(text, occurredAt=at))
    page, found, after = READ.replace("edges {", "pageInfo { hasNextPage endCursor } edges {"), [], None
    while True:
        told = ours.data(page, first=1, after=after)["feedbackEntries"]
        found += [edge["node"]["text"] for edge in told["edges"]]
        if not told["pageInfo"]["hasNextPage"]:
            break
        after = told["pageInfo"]["endCursor"]
    assert found == ["same", "newer", "older", "oldest, told late"]


@pytest.mark.parametrize("hidden", ["is_suppressed", "is_excluded"])
def test_words_of_persons_who_are_in_no_answer_are_not_shown(admins, hidden):
    ours, _ = admins
    ours.data(RECORD, feedback=feedback())
    with tenant_scope(ours.tenant):
        Person.objects.filter(external_id="ada").update(**{hidden: True})
    assert ours.nodes(READ) == []


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"text": " "}, "BAD_USER_INPUT"),
        ({"account": "nobody"}, "BAD_USER_INPUT"),
        ({"metric": "nps.unheard_of"}, "UNKNOWN_METRIC"),
        ({"tags": ["x" * 61]}, "BAD_USER_INPUT"),
        ({"tags": [str(number) for number in range(21)]}, "BAD_USER_INPUT"),
        ({"occurredAt": "2999-01-01T00:00:00Z"}, "BAD_USER_INPUT"),
        ({"occurredAt": "2026-03-01T12:00:00"}, "BAD_USER_INPUT"),
        ({"occurredAt": "0001-01-02T00:00:00Z"}, "BAD_USER_INPUT"),
        ({"occurredAt": "0001-01-01T00:00:00+14:00"}, "BAD_USER_INPUT"),
        ({"occurredAt": "9999-12-31T23:59:59-12:00"}, "BAD_USER_INPUT"),
        ({"person": ""}, "BAD_USER_INPUT"),
        ({"person": "p" * 201}, "BAD_USER_INPUT"),
        ({"person": " Undefined"}, "BAD_USER_INPUT"),
        ({"person": global_id("Person", tenant_id=1, pk=1)}, "BAD_USER_INPUT"),
    ],
)
def test_what_cannot_be_kept_is_refused_and_nothing_is_stored(admins, wrong, code):
    ours, _ = admins
    before = people(ours)
    assert ours.code(RECORD, feedback=feedback() | wrong) == code
    assert people(ours) == before
    with tenant_scope(ours.tenant):
        assert not SurveyResponse.objects.exists()


def test_account_and_person_are_named_by_ids_of_the_api_as_well_and_no_foreign_one_is_taken(admins):
    ours, theirs = admins
    named = {}
    for caller in admins:
        with tenant_scope(caller.tenant):
            account, person = Account.objects.get(), Person.objects.get()
        named[caller.tenant.slug] = {
            "account": global_id("Account", tenant_id=caller.tenant.id, pk=account.pk),
            "person": global_id("Person", tenant_id=caller.tenant.id, pk=person.pk),
        }
    mine, foreign = named[ours.tenant.slug], named[theirs.tenant.slug]
    said = ours.data(RECORD, feedback=feedback(**mine))["recordFeedback"]["entry"]
    assert (said["account"], said["person"]) == ({"externalId": "bluebird"}, {"externalId": "ada"})
    assert len(ours.nodes(READ, where={"account": mine["account"]})) == 1
    for name, id in foreign.items():
        assert ours.code(RECORD, feedback=feedback(**{name: id})) == "BAD_USER_INPUT"
    assert theirs.nodes(READ) == []


def test_an_id_that_stands_for_nobody_at_one_tenant_is_a_person_at_another(admins):
    ours, theirs = admins
    set_placeholder_ids(ours.tenant.slug, ["walk-in"])
    assert ours.code(RECORD, feedback=feedback(person="Walk-In")) == "BAD_USER_INPUT"
    said = theirs.data(RECORD, feedback=feedback(person="Walk-In"))["recordFeedback"]["entry"]
    assert said["person"] == {"externalId": "Walk-In"}
    assert (people(ours), people(theirs)) == (["ada"], ["Walk-In", "ada"])


def test_who_withdrew_consent_is_not_recorded(admins):
    ours, _ = admins
    with tenant_scope(ours.tenant):
        store_items([PersonItem(PersonKey(user_id="ada"), consents=False)], source="test")
    assert ours.code(RECORD, feedback=feedback()) == "BAD_USER_INPUT"
    with tenant_scope(ours.tenant):
        assert not SurveyResponse.objects.exists()


def test_a_key_that_only_reads_records_nothing(admins, at_acme):
    assert at_acme.code(RECORD, feedback=feedback()) == "FORBIDDEN"
