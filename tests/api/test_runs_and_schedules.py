"""Schedules and runs over GraphQL: listed, changed, halted, asked for, each tenant its own."""

from datetime import UTC, date, datetime, timedelta

import pytest

from engage_server.access.models import ApiKey
from engage_server.access.principal import Permission
from engage_server.api.ids import global_id
from engage_server.engine.due_runs import open_due_runs
from engage_server.engine.models import Run, Schedule
from engage_server.engine.schedules import schedules_of
from engage_server.operations.keys import KeyRequest, create_key, make_key
from engage_server.tenancy.scope import shared_scope
from tests.api.conftest import Caller

SCHEDULES = """
    query ($first: Int, $after: String) { schedules(first: $first, after: $after) {
        pageInfo { hasNextPage endCursor } edges { node { plugin cron misfire enabled paused nextRunAt } } } }
"""
UPDATE = """
    mutation ($input: UpdateScheduleInput!) { updateSchedule(input: $input) {
        dryRun schedule { plugin cron misfire paused nextRunAt } } }
"""
RUNS = """
    query ($first: Int! = 10, $after: String, $where: RunsWhere) { runs(first: $first, after: $after, where: $where) {
        pageInfo { hasNextPage endCursor }
        edges { node { id plugin day: on state reason attempt valuesWritten error } } } }
"""
BACKFILL = "mutation ($input: StartBackfillInput!) { startBackfill(input: $input) { opened dryRun } }"
RETRY = "mutation ($input: RetryRunsInput!) { retryRuns(input: $input) { opened } }"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def admins(acme, globex) -> list[Caller]:
    """Both tenants have their starter plugins."""
    return [
        Caller(tenant, create_key(tenant, ApiKey.Kind.ADMIN), f"{tenant.slug}.localhost")
        for tenant in (acme, globex)
    ]


def add_run(caller: Caller, day: date, **changes: object) -> int:
    values = {"plugin": "nps", "scheduled_for": NOON, "state": Run.State.SUCCEEDED, **changes}
    with shared_scope():
        return Run.objects.create(tenant_id=caller.tenant.id, day=day, **values).pk


def waiting(caller: Caller) -> list[tuple[str, date]]:
    with shared_scope():
        found = Run.objects.filter(tenant_id=caller.tenant.id, state="PENDING").order_by("plugin", "day")
        return list(found.values_list("plugin", "day"))


def test_schedules_are_listed_a_page_at_a_time_and_changed_in_their_own_tenant(admins):
    ours, theirs = admins
    every = [one["plugin"] for one in ours.nodes(SCHEDULES, first=100)]
    assert every == sorted(every)
    page = ours.data(SCHEDULES, first=1)["schedules"]
    assert [edge["node"]["plugin"] for edge in page["edges"]] == every[:1]
    assert ours.nodes(SCHEDULES, first=1, after=page["pageInfo"]["endCursor"])[0]["plugin"] == every[1]
    before = theirs.data(SCHEDULES)
    given = {"plugin": "nps", "cron": "0 4 * * *", "misfire": "RUN_ONCE"}
    tried = ours.data(UPDATE, input=given | {"dryRun": True})["updateSchedule"]
    assert (tried["dryRun"], tried["schedule"]["cron"] != "0 4 * * *") == (True, True)
    done = ours.data(UPDATE, input=given)["updateSchedule"]["schedule"]
    assert (done["cron"], done["misfire"], done["paused"]) == ("0 4 * * *", "RUN_ONCE", False)
    assert theirs.data(SCHEDULES) == before
    assert ours.code(UPDATE, input={"plugin": "nps", "cron": "noon"}) == "BAD_USER_INPUT"
    assert ours.code(UPDATE, input={"plugin": "unheard_of", "cron": "0 4 * * *"}) == "NOT_FOUND"


def test_a_paused_plugin_is_not_run_and_misses_nothing_when_it_goes_on(admins):
    ours, theirs = admins
    paused = ours.data(UPDATE, input={"plugin": "nps", "paused": True})["updateSchedule"]["schedule"]
    assert (paused["paused"], paused["nextRunAt"]) == (True, None)
    past = datetime.now(UTC) - timedelta(days=3)
    with shared_scope():
        Schedule.objects.filter(plugin="nps").update(next_run_at=past, planned_after=past)
    open_due_runs(datetime.now(UTC))
    assert "nps" not in {plugin for plugin, _ in waiting(ours)}
    assert len([plugin for plugin, _ in waiting(theirs) if plugin == "nps"]) >= 3
    ours.data(UPDATE, input={"plugin": "nps", "paused": False})
    open_due_runs(datetime.now(UTC))
    assert "nps" not in {plugin for plugin, _ in waiting(ours)}
    assert schedules_of(ours.tenant)["nps"].next_run_at > datetime.now(UTC)


def test_runs_are_listed_the_newest_first_and_by_what_is_asked(admins):
    ours, theirs = admins
    first = add_run(ours, date(2026, 3, 1), values_written=7)
    add_run(ours, date(2026, 3, 2), state=Run.State.FAILED, error="It divides by zero.", attempt=5)
    add_run(ours, date(2026, 3, 3), plugin="ces", reason="late events of 2026-03-01")
    add_run(theirs, date(2026, 3, 9))
    assert [one["day"] for one in ours.nodes(RUNS)] == ["2026-03-03", "2026-03-02", "2026-03-01"]
    page = ours.data(RUNS, first=2)["runs"]["pageInfo"]
    assert page["hasNextPage"]
    (last,) = ours.nodes(RUNS, first=2, after=page["endCursor"])
    assert last == {
        "id": global_id("Run", tenant_id=ours.tenant.id, pk=first),
        "plugin": "nps", "day": "2026-03-01", "state": "SUCCEEDED", "reason": None, "attempt": 0, "valuesWritten": 7,
        "error": None,
    }  # fmt: skip

    def days(**where: object) -> list[str]:
        return [one["day"][-2:] for one in ours.nodes(RUNS, where=where)]

    assert days(state=["FAILED"]) == ["02"]
    assert days(plugin="ces") == days(restates=True) == ["03"]
    assert days(restates=False) == ["02", "01"]
    assert days(**{"from": "2026-03-02", "to": "2026-03-02"}) == ["02"]


def test_why_a_run_failed_is_told_to_those_who_may_change_the_configuration(admins):
    ours, _ = admins
    add_run(ours, date(2026, 3, 2), state=Run.State.FAILED, error="It divides by zero.")
    request = KeyRequest(ApiKey.Kind.QUERY, permissions=frozenset({Permission.METRICS_READ}))
    reader = Caller(ours.tenant, make_key(ours.tenant, request).text, ours.host)
    assert [one["error"] for one in ours.nodes(RUNS)] == ["It divides by zero."]
    assert [one["error"] for one in reader.nodes(RUNS)] == [None]
    for document, given in (
        (UPDATE, {"plugin": "nps"}),
        (BACKFILL, {"from": "2026-03-01", "to": "2026-03-01"}),
        (RETRY, {}),
    ):
        assert reader.code(document, input=given) == "FORBIDDEN"


def test_past_days_are_left_to_the_workers_once(admins):
    ours, theirs = admins
    given = {"plugins": ["nps"], "from": "2026-03-01", "to": "2026-03-03"}
    assert ours.data(BACKFILL, input=given | {"dryRun": True})["startBackfill"] == {
        "opened": 3,
        "dryRun": True,
    }
    assert waiting(ours) == []
    assert ours.data(BACKFILL, input=given)["startBackfill"]["opened"] == 3
    assert ours.data(BACKFILL, input=given)["startBackfill"]["opened"] == 0
    assert waiting(ours) == [("nps", date(2026, 3, day)) for day in (1, 2, 3)]
    assert waiting(theirs) == []


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"from": "2026-03-02", "to": "2026-03-01"}, "BAD_USER_INPUT"),
        ({"from": "2024-01-01", "to": "2026-03-01"}, "BAD_USER_INPUT"),
        ({"from": "2099-01-01", "to": "2099-01-02"}, "BAD_USER_INPUT"),
        ({"from": "2026-03-01", "to": "2026-03-01", "plugins": ["unheard_of"]}, "NOT_FOUND"),
        ({"from": "2026-03-01", "to": "2026-03-01", "plugins": ["churn"]}, "BAD_USER_INPUT"),
    ],
)
def test_days_that_cannot_be_computed_are_refused(admins, given, code):
    ours, _ = admins
    assert ours.code(BACKFILL, input=given) == code
    assert waiting(ours) == []


def test_what_was_given_up_is_tried_once_more(admins):
    ours, theirs = admins
    failed = [add_run(ours, date(2026, 3, day), state=Run.State.FAILED) for day in (1, 2)]
    add_run(theirs, date(2026, 3, 1), state=Run.State.FAILED)
    one = global_id("Run", tenant_id=ours.tenant.id, pk=failed[0])
    foreign = global_id("Run", tenant_id=theirs.tenant.id, pk=failed[0])
    assert ours.code(RETRY, input={"runs": [foreign]}) == "BAD_USER_INPUT"
    assert ours.data(RETRY, input={"runs": [one]})["retryRuns"]["opened"] == 1
    assert ours.data(RETRY, input={})["retryRuns"]["opened"] == 1
    assert len(waiting(ours)) == 2
    assert waiting(theirs) == []
