"""``make chaos-operations`` does what the guide says, and ``make soak`` would find what grows."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from tests.chaos.operations import DRILLS
from tests.chaos.soak import Sample, drifts
from tests.end_to_end.processes import ROOT

ours = pytest.mark.skipif(
    not settings.ENGAGE_EMBEDDED_POSTGRES, reason="DATABASE_URL is set: there is no server of ours to break"
)
SOUND = Sample(server_mb=200, worker_mb=150, connections=12, dead_share=1.0)


def module(*arguments: str) -> str:
    """What ``python -m`` of these prints; progress is shown where it fails."""
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return " ".join(done.stdout.split())


@ours
def test_the_service_goes_on_by_itself_after_a_killed_worker_an_outage_and_full_disks():
    said = module("tests.chaos.operations", "--seconds", "3", "--patience", "6")
    assert "every one stored once and as sent; no run was given up" in said
    if "skipped" in said:
        pytest.skip(said)


@ours
def test_twenty_seconds_of_work_leave_nothing_behind():
    assert "Nothing stayed behind" in module("tests.chaos.soak", "--minutes", "0.35")


def test_every_drill_of_the_guide_is_done_and_every_drill_is_in_the_guide():
    guide = (Path(ROOT) / "docs" / "operations.md").read_text()
    section = guide.partition("## At three in the morning")[2].partition("\n## ")[0]
    assert set(re.findall(r"`--drills ([a-z-]+)`", section)) == set(DRILLS)


@pytest.mark.parametrize("name", ["server_mb", "worker_mb", "connections", "dead_share"])
def test_whatever_grows_is_found(name):
    hour = [
        Sample(
            **{
                **{n: getattr(SOUND, n) for n in SOUND.__slots__},
                name: getattr(SOUND, name) * (1 + minute / 10),
            }
        )
        for minute in range(60)
    ]
    (found,) = drifts(hour, seconds=3600)
    assert found.startswith(f"{name} grew from")


def test_what_stays_as_it_is_is_no_drift():
    noisy = [
        Sample(200 + minute % 3, 150 - minute % 2, 12 + minute % 2, 0.1 * (minute % 4))
        for minute in range(60)
    ]
    assert drifts(noisy, seconds=3600) == []
