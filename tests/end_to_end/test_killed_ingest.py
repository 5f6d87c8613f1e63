"""A small variant of ``make chaos-ingest``: the kills are real, and so are the processes."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

from tests.end_to_end.processes import ROOT

pytestmark = pytest.mark.skipif(
    not settings.ENGAGE_EMBEDDED_POSTGRES, reason="DATABASE_URL is set: there is no server of ours to kill"
)


def test_what_was_acknowledged_outlives_kills_of_postgresql_and_of_the_server() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.chaos.ingest", "--postgres-kills", "2", "--server-kills", "3"],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "every event stored once and as sent" in " ".join(done.stdout.split())
