"""A small variant of ``make chaos-duplicates``: real clients at once, each event three times, two tenants."""

import os
import subprocess
import sys

from tests.end_to_end.processes import ROOT


def test_each_event_is_stored_once_in_its_tenant_and_the_answers_add_up() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.chaos.duplicates", "--events", "2000"],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "every event stored once; answers add up" in " ".join(done.stdout.split())
