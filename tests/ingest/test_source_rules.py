"""Client-side keys are believed less than a server's, and test sources count nowhere."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from engage_server.activity.models import Event, Source
from engage_server.activity.rollups.freshness import current_rollups
from engage_server.activity.sources import describe_source, source_kind
from engage_server.audit import log
from engage_server.customers.input_resolvers import RESOLVERS
from engage_server.customers.models import Account, Membership, Person, SurveyResponse
from engage_server.customers.windows import day_window
from engage_server.engine.models import AffectedDay
from engage_server.ingest.models import QuarantinedItem
from engage_server.sdk import ActivePersons
from engage_server.tenancy.scope import shared_scope, tenant_scope

NOW = datetime.now(UTC)
OLD = (NOW - timedelta(days=8)).isoformat()
TRACK = {"type": "track", "event": "Saved", "userId": "ada", "messageId": "m1"}
ANSWER = {
    "type": "track", "event": "Survey Answered", "userId": "ada", "messageId": "m2",
    "properties": {"instrument": "nps", "scale_min": 0, "scale_max": 10, "score": 9},
}  # fmt: skip
GROUP = {
    "type": "group", "userId": "ada", "groupId": "acct", "traits": {"name": "Forged", "plan": "gold", "size": 5},
}  # fmt: skip
IDENTIFY = {"type": "identify", "userId": "ada", "anonymousId": "device", "traits": {"role": "admin"}}
ALIAS = {"type": "alias", "previousId": "bob", "userId": "ada"}


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("source", *arguments, "--tenant", "acme", stdout=out)
    return out.getvalue()


def codes(response) -> list[tuple[int, str]]:
    assert response.status_code == 200
    return [(one["index"], one["code"]) for one in response.json()["rejected"]]


@pytest.fixture
def client_side(acme, globex):
    run("set", "web", "--side", "client")
    return acme


@pytest.fixture
def testing(acme, globex):
    run("set", "web", "--environment", "test")
    return acme


def test_a_client_sends_events_answers_and_traits_of_persons(client_side, post):
    assert codes(post({"batch": [TRACK, ANSWER, IDENTIFY]})) == []
    with tenant_scope(client_side):
        assert Event.objects.count() == 2
        assert SurveyResponse.objects.get().score == 9
        assert Person.objects.get(external_id="ada").traits == {"role": "admin"}


def test_a_client_joins_no_persons_and_tells_no_old_tales(client_side, post, globex):
    old = {**TRACK, "messageId": "m3", "timestamp": OLD}
    answer = {**ANSWER, "messageId": "m4", "timestamp": OLD}
    assert codes(post({"batch": [ALIAS, old, answer, TRACK]})) == [
        (0, "server_side_only"),
        (1, "client_backdated"),
        (2, "client_backdated"),
    ]
    call_command("quarantine", "replay", "--tenant", "acme", stdout=StringIO())
    with tenant_scope(client_side):
        assert QuarantinedItem.objects.count() == 3
        assert Event.objects.count() == 1
    with tenant_scope(globex):
        assert source_kind("web").side is Source.Side.SERVER


def test_a_client_adds_traits_to_an_account_and_replaces_none(client_side, post):
    with tenant_scope(client_side):
        Account.objects.create(external_id="acct", name="First", plan="pro", traits={"size": 3})
    assert codes(post({"batch": [{**GROUP, "traits": {**GROUP["traits"], "colour": "red"}}]})) == []
    with tenant_scope(client_side):
        account = Account.objects.get()
        assert (account.name, account.plan, account.traits["size"]) == ("First", "pro", 3)
        assert account.traits["colour"] == "red"
        assert Membership.objects.get().account == account


def test_the_same_calls_from_a_server_are_all_taken(acme, post):
    old = {**TRACK, "messageId": "m3", "timestamp": OLD}
    assert codes(post({"batch": [TRACK, old, IDENTIFY, GROUP, ALIAS]})) == []
    with tenant_scope(acme):
        assert Account.objects.get().name == "Forged"
        assert Event.objects.count() == 2


def test_what_a_test_source_sends_is_stored_under_it_and_counts_nowhere(testing, post):
    old = {**TRACK, "messageId": "m3", "timestamp": OLD}
    assert codes(post({"batch": [TRACK, old, ANSWER, IDENTIFY, GROUP, ALIAS, {"type": "track"}]})) == [
        (6, "missing_event")
    ]
    with tenant_scope(testing):
        assert set(Event.objects.values_list("source__name", "person_id", "account_id")) == {
            ("web", None, None)
        }
        assert Event.objects.count() == 3
        assert not Person.objects.exists()
        assert not Account.objects.exists()
        assert not SurveyResponse.objects.exists()
        window = day_window(NOW.astimezone(testing.zone).date(), testing.timezone)
        with current_rollups():
            assert RESOLVERS[ActivePersons](ActivePersons(days=30), window).is_empty()
    with shared_scope():
        assert not AffectedDay.objects.exists()
    assert post({"batch": [TRACK]}).json()["duplicates"] == 1


def test_a_source_with_events_keeps_its_environment(acme, post):
    assert codes(post({"batch": [TRACK]})) == []
    with pytest.raises(CommandError, match="has events"):
        run("set", "web", "--environment", "test")
    assert "client" in run("set", "web", "--side", "client")


def test_sources_are_listed_and_changes_recorded(client_side, globex):
    run("set", "app", "--environment", "test")
    assert [line.split() for line in run("list").splitlines()] == [
        ["app", "server", "test"],
        ["web", "client", "live"],
    ]
    with tenant_scope(client_side):
        assert [entry.subject for entry in log.newest(9, action="source.")] == ["app", "web"]
    with tenant_scope(globex):
        assert not Source.objects.exists()
        assert log.newest(1, action="source.") == []
    with pytest.raises(CommandError, match="1 to 63"):
        run("set", "x" * 64)


def test_nothing_is_imported_into_a_test_source(testing, tmp_path):
    file = tmp_path / "events.csv"
    file.write_text("message_id,name,occurred_at,person\nm1,Saved,2026-01-01T00:00:00Z,ada\n")
    with pytest.raises(CommandError, match="test source"):
        call_command(
            "import", "events", str(file), tenant="acme", source="web", rejects=tmp_path / "r.ndjson"
        )


def test_what_a_source_is_holds_at_once_in_the_process_that_said_so(acme):
    with tenant_scope(acme):
        assert source_kind("web").side is Source.Side.SERVER
        describe_source("web", side="CLIENT")
        assert source_kind("web").side is Source.Side.CLIENT
