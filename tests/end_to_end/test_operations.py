"""``make chaos-operations`` does what the guide says, and ``make soak`` would find what grows."""

import re
from pathlib import Path

import pytest

from tests.chaos.operations import DRILLS
from tests.chaos.soak import Sample, drifts
from tests.end_to_end.processes import ROOT

SOUND = Sample(server_mb=200, worker_mb=150, connections=12, dead_share=1.0)


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
