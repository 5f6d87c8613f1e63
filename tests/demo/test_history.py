"""A simulated history goes through the doors of everybody, and can be given again."""

from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from rich.console import Console

from engage_server.customers.models import Account, Membership, Subscription, SurveyResponse
from engage_server.customers.windows import day_window
from engage_server.demo import history
from engage_server.demo.exceptions import RefusedError
from engage_server.demo.simulator.companies import ACME, DAYS
from engage_server.demo.simulator.population import populate
from engage_server.engine import ledger, restatement
from engage_server.engine.models import Run
from engage_server.plugin_host.activation import active_ids
from engage_server.tenancy.scope import TenantRef, shared_scope, tenant_scope

LAST = datetime.now(UTC).date() - timedelta(days=1)
POPULATION = populate(ACME, LAST - timedelta(days=DAYS - 1))


def stored(tenant: TenantRef) -> dict[str, int]:
    with tenant_scope(tenant):
        return {
            kind.__name__: kind.objects.count()
            for kind in (Account, Membership, Subscription, SurveyResponse)
        }


def finished_days(tenant: TenantRef) -> set[tuple[str, date]]:
    with shared_scope():
        return set(
            Run.objects.filter(tenant_id=tenant.id, state=Run.State.SUCCEEDED).values_list("plugin", "day")
        )


def test_files_are_imported_whole_once_and_into_their_tenant_alone(acme: TenantRef, globex: TenantRef):
    for _ in range(2):
        history.import_files(acme, POPULATION, until=LAST, console=Console(file=StringIO()))
        counts = stored(acme)
        assert counts["Account"] == len(ACME.names)
        with tenant_scope(acme):
            assert Subscription.objects.values("external_id").distinct().count() == len(ACME.names)
        assert counts["SurveyResponse"] > 300
        assert counts["Membership"] == sum(
            person.left_on is not None and person.left_on <= LAST for person in POPULATION.persons
        )
    assert set(stored(globex).values()) == {0}


def test_computing_finishes_a_run_of_every_plugin_and_day(acme: TenantRef, globex: TenantRef):
    days = [LAST - timedelta(days=7), LAST]
    told: list[int] = []
    for day in days:
        history.compute(acme, day, advance=told.append)
    with tenant_scope(acme):
        plugins = active_ids()
    assert finished_days(acme) == {(plugin, day) for plugin in plugins for day in days}
    assert sum(told) == history.runs(acme, days) == 2 * len(plugins)
    assert finished_days(globex) == set()


def test_a_run_held_by_somebody_is_waited_for(acme: TenantRef, monkeypatch: pytest.MonkeyPatch):
    run_id = ledger.open_run(
        tenant_id=acme.id, plugin="nps", scheduled_for=day_window(LAST, acme.timezone).end, day=LAST
    )
    held = ledger.claim(run_id)
    assert held is not None
    monkeypatch.setattr(history.time, "sleep", lambda _: ledger.finish(held, values_written=0))
    told: list[int] = []
    history.compute(acme, LAST, advance=told.append)
    assert told == [history.runs(acme, [LAST]) - 1, 1]


def test_a_plugin_that_fails_ends_the_computing_with_its_name_and_reason(acme: TenantRef):
    with tenant_scope(acme):
        # The store would refuse the circle; the plugin that walks the hierarchy does, too.
        upper = Account.objects.create(external_id="upper", started_at=datetime(2020, 1, 1, tzinfo=UTC))
        upper.parent = Account.objects.create(external_id="lower", parent=upper)
        upper.save()
    with pytest.raises(RefusedError, match=r"license_utilization of acme could not be computed for"):
        history.compute(acme, LAST, advance=lambda _: None)


def test_answers_that_come_late_are_kept_back_and_restate_what_they_touch(acme: TenantRef, globex: TenantRef):
    console = Console(file=StringIO())
    history.import_files(acme, POPULATION, until=LAST, console=console)
    assert restatement.open_runs(settle_s=0) == 0  # nothing is computed yet that the files could restate
    before = stored(acme)["SurveyResponse"]
    for day in (LAST - timedelta(days=4), LAST):
        history.compute(acme, day, advance=lambda _: None)
    history.import_late_answers(acme, POPULATION, until=LAST, console=console)
    assert stored(acme)["SurveyResponse"] > before
    with shared_scope():
        restated = Run.objects.filter(tenant_id=acme.id, reason__contains="survey responses")
        assert {run.state for run in restated} == {Run.State.SUCCEEDED}
        assert not Run.objects.filter(tenant_id=globex.id).exists()
