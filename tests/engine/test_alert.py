"""The alert that docs/operations.md recommends, evaluated against the metrics page under each failure."""

import re
from datetime import timedelta
from math import nan
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.utils import timezone

from engage_server.engine import disk
from engage_server.engine.models import Run
from engage_server.tenancy.scope import shared_scope
from tests.engine.test_monitoring import samples
from tests.engine.test_status import heartbeat, report, run

GUIDE = Path(__file__).parents[2] / "docs" / "operations.md"


def rule() -> str:
    """The expression in the guide."""
    (expression,) = re.findall(r"```promql\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    return expression


def fires() -> bool:
    """What Prometheus would say: comparisons bind tighter than ``and``, that tighter than ``or``, as in Python."""
    shown = {name: value for (name, *labels), value in samples().items() if not labels}
    expression = " ".join(rule().split())
    assert re.fullmatch(r"[a-z_0-9 =<>()]+", expression)
    names = set(re.findall(r"engage_[a-z_]+", expression))
    # A series that is not there compares as nothing.
    series = {name: shown.get(name, nan) for name in names}
    return bool(eval(expression, {"__builtins__": {}}, series))  # noqa: S307  # checked above


@pytest.fixture
def sound(acme):
    """An installation that does well."""
    heartbeat(5)
    report("SERVER", 5)
    return acme


def test_it_names_only_metrics_that_the_page_shows(sound):
    shown = {name for name, *_ in samples()}
    assert set(re.findall(r"engage_[a-z_]+", rule())) <= shown


def test_it_is_silent_while_all_is_well(sound):
    run(sound, minutes_ago=5)
    assert not fires()


def test_a_dead_worker(acme):
    heartbeat(90)
    assert fires()


def test_a_stuck_queue(sound):
    run(sound, minutes_ago=20)
    assert fires()


def test_a_backfill_that_nobody_works_off(sound):
    with shared_scope(), connection.cursor() as cursor:
        cursor.execute("UPDATE engine_schedule SET enabled = false")
        cursor.execute("DELETE FROM procrastinate_workers")
        assert not fires()
        run(sound, priority=Run.Priority.BACKFILL)
    assert fires()


def test_a_database_that_is_gone(sound):
    with transaction.atomic():
        with shared_scope(), connection.cursor() as cursor:
            cursor.execute("ALTER TABLE procrastinate_jobs RENAME TO moved_away")
        fired = fires()
        transaction.set_rollback(True)
    assert fired


def test_a_full_disk(sound, monkeypatch):
    monkeypatch.setattr(
        "engage_server.engine.monitoring.prometheus.read_disk", lambda: disk.Disk(free=0, total=10**12)
    )
    assert fires()


def test_a_full_disk_elsewhere_shows_by_reports_that_cannot_be_written(acme):
    heartbeat(90)
    report("SERVER", 90)
    assert fires()


@pytest.mark.parametrize(
    "said",
    [
        {"compactor_silent_s": 3_600},
        {"rollup_lag_s": 1_000},
        {"clock_offset_s": -100},
        {"connections": 100_000},
    ],
)
def test_what_a_process_says_of_itself(acme, said):
    heartbeat(5, **said)
    assert fires()


def test_a_worker_that_is_started_again_and_again(sound):
    report("SERVER", 5, restarts=3, last_end="by SIGKILL", started_at=timezone.now() - timedelta(hours=1))
    assert fires()
