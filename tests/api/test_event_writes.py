"""Events over GraphQL: each by itself, as tracking takes them in, in their own tenant alone."""

import pytest

from engage_server.access.models import ApiKey, Limit
from engage_server.activity.models import Event
from engage_server.api.types.event_writes import EventOutcomeKind
from engage_server.ingest.models import QuarantinedItem
from engage_server.ingest.outcomes import OutcomeKind
from engage_server.operations.keys import create_key
from engage_server.operations.limits import set_limit
from engage_server.operations.sources import set_source
from engage_server.tenancy.scope import tenant_scope
from tests.api.conftest import Caller

SEND = """
    mutation ($input: SendEventsInput!) { sendEvents(input: $input) {
        dryRun replayed outcomes { index kind code message } } }
"""
SAVED = {"name": "saved", "person": "ada", "messageId": "m1", "occurredAt": "2026-03-01T12:00:00Z"}


@pytest.fixture
def admins(at_acme: Caller, at_globex: Caller) -> list[Caller]:
    """Both may write."""
    return [
        Caller(one.tenant, create_key(one.tenant, ApiKey.Kind.ADMIN), one.host)
        for one in (at_acme, at_globex)
    ]


def stored(caller: Caller) -> list[tuple[str, str]]:
    with tenant_scope(caller.tenant):
        return sorted(Event.objects.values_list("source__name", "message_id"))


def kinds(done: dict) -> list[str]:
    return [one["kind"] for one in done["sendEvents"]["outcomes"]]


def test_each_event_has_an_outcome_of_its_own(admins):
    ours, theirs = admins
    events = [
        SAVED,
        {**SAVED},
        {**SAVED, "name": "other"},
        {"name": "lost"},
        {"name": "seen", "account": "acct"},
    ]
    done = ours.data(SEND, input={"events": events})
    assert kinds(done) == ["STORED", "DUPLICATE", "CONFLICT", "REFUSED", "STORED"]
    refused = done["sendEvents"]["outcomes"][3]
    assert (refused["index"], refused["code"], "Remedy" in refused["message"]) == (3, "missing_user", True)
    assert len(stored(ours)) == 2
    assert ("api", "m1") in stored(ours)
    assert stored(theirs) == []
    with tenant_scope(ours.tenant):
        assert QuarantinedItem.objects.filter(code="missing_user").count() == 1
    assert kinds(ours.data(SEND, input={"events": [SAVED]})) == ["DUPLICATE"]
    assert kinds(theirs.data(SEND, input={"events": [SAVED]})) == ["STORED"]


def test_a_repetition_under_a_key_has_the_first_outcomes(admins):
    ours, _ = admins
    given = {"events": [SAVED, {"name": "lost"}], "idempotencyKey": "k"}
    first, again = (ours.data(SEND, input=given) for _ in range(2))
    assert kinds(first) == kinds(again) == ["STORED", "REFUSED"]
    assert [one["sendEvents"]["replayed"] for one in (first, again)] == [False, True]


def test_a_dry_run_stores_and_quarantines_nothing(admins):
    ours, _ = admins
    done = ours.data(SEND, input={"events": [SAVED, {"name": "lost"}], "dryRun": True})
    assert kinds(done) == ["STORED", "REFUSED"]
    assert stored(ours) == []
    with tenant_scope(ours.tenant):
        assert not QuarantinedItem.objects.exists()


def test_the_rules_of_the_source_hold(admins):
    ours, _ = admins
    with tenant_scope(ours.tenant):
        set_source("web", side="CLIENT")
    done = ours.data(
        SEND, input={"events": [{**SAVED, "occurredAt": "2020-01-01T00:00:00Z"}], "source": "web"}
    )
    assert [one["code"] for one in done["sendEvents"]["outcomes"]] == ["client_backdated"]


def test_what_is_no_batch_is_refused_whole(admins, at_acme):
    ours, _ = admins
    for given in ({"events": []}, {"events": [SAVED] * 101}, {"events": [SAVED], "source": ""}):
        assert ours.code(SEND, input=given) == "BAD_USER_INPUT"
    assert at_acme.code(SEND, input={"events": [SAVED]}) == "FORBIDDEN"
    assert stored(ours) == []


def test_events_count_against_the_limits_of_events(admins):
    ours, theirs = admins
    set_limit(ours.tenant, Limit.Name.EVENTS_PER_DAY, 1)
    # What is larger than an unused limit is let in, and paid off afterwards.
    answers = [ours.ask(SEND, input={"events": [SAVED] * 100}) for _ in range(2)]
    assert answers[-1]["errors"][0]["extensions"]["code"] == "RATE_LIMITED"
    assert kinds(theirs.data(SEND, input={"events": [SAVED]})) == ["STORED"]


def test_the_kinds_of_outcomes_are_those_of_the_pipeline():
    assert [kind.name for kind in EventOutcomeKind] == [kind.name for kind in OutcomeKind]
