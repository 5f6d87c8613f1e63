"""Overrides: set on record with a reason and an end, they hold on their days alone and restate the past ones."""

from datetime import date, timedelta

import pytest
from django.core.management import CommandError, call_command

from engage_server.audit.models import AuditEntry
from engage_server.customers.input_resolvers import RESOLVERS
from engage_server.customers.windows import day_window
from engage_server.definitions.exceptions import InvalidDefinitionError, UnknownDefinitionError
from engage_server.engine import executor, restatement
from engage_server.ingest.items import AccountItem
from engage_server.ingest.store import store_items
from engage_server.metrics.models import MetricValue
from engage_server.metrics.overrides import overrides
from engage_server.operations.exceptions import NotOverridableError
from engage_server.operations.overrides import end_override, set_override
from engage_server.sdk import Overrides
from engage_server.tenancy.scope import TenantRef, tenant_scope

SCORE = "health_score.score"
FIRST, LAST = date(2026, 6, 1), date(2026, 6, 10)
FROM, UNTIL = date(2026, 6, 3), date(2026, 6, 6)


@pytest.fixture
def both(acme: TenantRef, globex: TenantRef) -> TenantRef:
    """Both tenants have ten days of health of a customer of one name; acme's is returned."""
    for tenant in (acme, globex):
        with tenant_scope(tenant):
            store_items([AccountItem("bank", stage="CUSTOMER")], source="crm")
        executor.backfill(
            tenant, plugins=["health_score"], first=FIRST, last=LAST, progress=lambda plugin, day, count: None
        )
    return acme


def set_to(value: float, **changes):
    return set_override(
        SCORE, "bank", value, **{"reason": "sponsor left", "starts_on": FROM, "ends_on": UNTIL, **changes}
    )


def held(tenant: TenantRef) -> dict[date, float]:
    """The days on which an override holds, and to what."""
    spec = Overrides(metric=SCORE)
    found = {}
    for number in range(12):
        day = FIRST + timedelta(days=number)
        with tenant_scope(tenant):
            frame = RESOLVERS[Overrides](spec, day_window(day, tenant.timezone))
        assert frame.schema == Overrides.columns
        if frame.height:
            (found[day],) = frame["value"]
    return found


def restate(tenant: TenantRef) -> None:
    while restatement.open_runs(settle_s=0):
        while executor.execute_due(tenant).runs:
            pass


def scores(tenant: TenantRef) -> dict[date, float | None]:
    with tenant_scope(tenant):
        rows = MetricValue.objects.filter(metric=SCORE, subject_kind="account", superseded_at=None)
        return {
            day: None if value is None else float(value) for day, value in rows.values_list("day", "value")
        }


def test_it_holds_on_its_days_alone_and_these_are_computed_again(both, globex):
    before, theirs = scores(both), scores(globex)
    with tenant_scope(both):
        made = set_to(20)
    assert held(both) == {FROM + timedelta(days=number): 20.0 for number in range(3)}
    restate(both)
    assert {day: value for day, value in scores(both).items() if value != before[day]} == held(both)
    assert (scores(globex), held(globex)) == (theirs, {})
    with tenant_scope(both):
        revised = MetricValue.objects.get(metric=SCORE, day=FROM, superseded_at=None)
        assert revised.reason == f"changed overrides of {FROM}"
        assert revised.details["override"]["reason"] == "sponsor left"
        end_override(made.number, FROM)
    restate(both)
    assert scores(both) == before


def test_it_is_on_record_without_its_reason_which_may_name_persons(both):
    with tenant_scope(both):
        made = set_to(20, only_lower=True)
        end_override(made.number, date(2026, 6, 5))
        entries = AuditEntry.objects.filter(action__startswith="override.").order_by("pk")
        assert [entry.action for entry in entries] == ["override.set", "override.ended"]
        assert entries[0].details["until"] == "2026-06-06"
        assert "sponsor" not in str([entry.details for entry in entries])
        (one,) = overrides()
    assert (one.body.ends_on, one.version, one.body.reason) == (date(2026, 6, 5), 2, "sponsor left")


def test_of_several_that_hold_the_one_that_began_last_counts(both):
    with tenant_scope(both):
        set_to(20)
        set_to(70, starts_on=date(2026, 6, 5), ends_on=date(2026, 6, 8))
    assert held(both) == {
        date(2026, 6, 3): 20.0,
        date(2026, 6, 4): 20.0,
        date(2026, 6, 5): 70.0,
        date(2026, 6, 6): 70.0,
        date(2026, 6, 7): 70.0,
    }


def test_the_same_first_day_is_replaced_and_the_days_of_both_are_computed_again(both):
    before = scores(both)
    with tenant_scope(both):
        set_to(20)
    restate(both)
    with tenant_scope(both):
        set_to(30, ends_on=date(2026, 6, 4))
        assert [one.version for one in overrides()] == [2]
    restate(both)
    after = scores(both)
    assert after[FROM] == 30
    assert after[date(2026, 6, 4)] == before[date(2026, 6, 4)]


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"reason": "  "}, InvalidDefinitionError, "reason is blank"),
        ({"reason": ""}, InvalidDefinitionError, "reason"),
        ({"ends_on": FROM}, InvalidDefinitionError, "1 to 732 days after"),
        ({"ends_on": date(2030, 1, 1)}, InvalidDefinitionError, "1 to 732 days after"),
    ],
)
def test_it_needs_a_reason_and_an_end(both, changes, error, words):
    with tenant_scope(both), pytest.raises(error, match=words):
        set_to(20, **changes)


def test_metrics_that_take_none_and_unknown_accounts_are_refused(both):
    with tenant_scope(both):
        fields = {"reason": "x", "starts_on": FROM, "ends_on": UNTIL}
        with pytest.raises(NotOverridableError, match=r"takes no overrides.*health_score\.score"):
            set_override("nps.score", "bank", 1, **fields)
        with pytest.raises(NotOverridableError, match="no account 'nobody'"):
            set_override(SCORE, "nobody", 1, **fields)
        with pytest.raises(UnknownDefinitionError):
            end_override(77)
        assert overrides() == []


def test_the_command_sets_lists_and_ends_them(both, globex, capsys):
    until = f"{date(2027, 1, 1)}"
    call_command(
        "override", "set", SCORE, "bank", "30", "--reason", "lost sponsor", "--until", until,
        "--from", "2026-12-01", "--only-lower", "--tenant", "acme",
    )  # fmt: skip
    call_command("override", "list", "--tenant", "acme")
    said = capsys.readouterr().out.splitlines()
    assert said[0] == said[1]
    assert "health_score.score of bank at most 30 from 2026-12-01 until 2027-01-01" in said[0]
    call_command("override", "list", "--tenant", "globex")
    assert capsys.readouterr().out == ""
    number = said[0].split()[0]
    with pytest.raises(CommandError, match=f"no override of the number {number}"):
        call_command("override", "end", number, "--tenant", "globex")
    call_command("override", "end", number, "--tenant", "acme")
    call_command("override", "list", "--tenant", "acme")
    assert "bank" not in capsys.readouterr().out.splitlines()[1:]
