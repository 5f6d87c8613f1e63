"""What the former table held is what the view shows after the migration: values, revisions and verification."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.db import DatabaseError, connection, transaction

from engage_server.engine.verification import Verdict, verify
from engage_server.metrics.models import DayValue, MeasuredValue, MetricValue
from engage_server.plugin_host import activation
from engage_server.tenancy import schemas
from engage_server.tenancy.scope import TenantRef, tenant_scope
from tests.engine.test_verify import FIRST, LAST, answer, compute, computed
from tests.metrics.values import store

MIGRATION = import_module("engage_server.metrics.migrations.0003_lean_values")
STATEMENTS = [*MIGRATION.TABLES, *MIGRATION.MOVE, *MIGRATION.INDEXES, MIGRATION.VIEW]
# The former table had a row with every column for each revision.
FORMER = [
    "CREATE TABLE former AS SELECT row_number() OVER () AS id, * FROM metrics_metricvalue",
    "DROP VIEW metrics_metricvalue",
    "DROP TABLE metrics_dayvalue, metrics_measuredvalue, metrics_computation, metrics_wording",
    "ALTER TABLE former RENAME TO metrics_metricvalue",
]


def run(tenant: TenantRef, statements: list[str]) -> None:
    with tenant_scope(tenant, role="none", timeout_ms=0), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def table(tenant: TenantRef) -> list[tuple]:
    with tenant_scope(tenant, role="none"):
        return sorted(MetricValue.objects.values_list(), key=repr)


@pytest.fixture
def former(acme) -> tuple[TenantRef, list[tuple]]:
    """A tenant with revisions, gaps and odd texts, in the former table; and what that holds."""
    computed(acme)
    with tenant_scope(acme):
        answer("late", 0)
    compute(acme)
    with tenant_scope(acme):
        activation.configure("nps", {"window_days": 7})
    compute(acme, first=LAST, last=LAST)
    with tenant_scope(acme):
        odd = {
            "a\"b\\'{}": "%s \\ \n é",
            "normalised": 1e-7,
            "object": {"low": 1, "": None},
            "list": [1, [2]],
        }
        store("mood.score", None, details=odd, contributions=[], day=FIRST)
        store("mood.score", 2.5, details=odd, day=FIRST + timedelta(days=9), revision=3, reason='said "so"')
    before = table(acme)
    run(acme, FORMER)
    schemas.grant_rights(acme)
    return acme, before


def test_the_view_shows_what_the_former_table_held_and_all_is_verified(former):
    tenant, before = former
    run(tenant, STATEMENTS)
    schemas.grant_rights(tenant)
    assert table(tenant) == before
    assert any(row[4] > 1 for row in before)  # some are revisions
    findings = [finding for finding in verify(tenant) if not finding.metric.startswith("mood")]
    assert {finding.verdict for finding in findings} == {Verdict.EQUAL}
    compute(tenant, first=LAST, last=LAST)
    assert table(tenant) == before, "recomputing wrote what is there"


def test_days_that_say_the_same_share_what_was_measured(former):
    tenant, before = former
    run(tenant, STATEMENTS)
    with tenant_scope(tenant, role="none"):
        assert DayValue.objects.count() == len(before)
        assert MeasuredValue.objects.count() < len(before)


@pytest.mark.parametrize("killed_after", [3, len(MIGRATION.TABLES) + 4, len(STATEMENTS) - 1])
def test_a_migration_that_is_stopped_leaves_everything_and_runs_again(former, killed_after):
    tenant, before = former
    with pytest.raises(DatabaseError, match="killed"), transaction.atomic():
        run(tenant, [*STATEMENTS[:killed_after], "DO $$ BEGIN RAISE EXCEPTION 'killed'; END $$"])
    run(tenant, STATEMENTS)
    assert table(tenant) == before


def test_another_tenants_values_stay_as_they_were(former, globex):
    tenant, _ = former
    with tenant_scope(globex):
        store("mood.score", 1)
    kept = table(globex)
    run(tenant, STATEMENTS)
    assert table(globex) == kept
