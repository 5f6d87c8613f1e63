"""A small variant of ``make canary``: fewer tenants and answers, the same server, worker and cuts."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

from tests.chaos import pooler
from tests.end_to_end.processes import ROOT

pytestmark = pytest.mark.skipif(
    not settings.ENGAGE_EMBEDDED_POSTGRES, reason="DATABASE_URL is set: its backends are not ours to cut"
)


def run_canary(*options: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.chaos.canary", "--tenants", "4", "--answers", "300", *options],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "foreign answers = 0, foreign rows = 0, unexpected = 0" in " ".join(done.stdout.split())


def test_nobody_is_answered_with_anothers_data_while_backends_are_cut() -> None:
    run_canary()


def test_nobody_is_answered_with_anothers_data_through_a_pooler_in_session_mode() -> None:
    if pooler.PROGRAM is None:
        missing = "PgBouncer is not installed; on Debian and Ubuntu: apt-get install pgbouncer"
        assert not os.environ.get("CI"), missing
        pytest.skip(missing)
    run_canary("--pooler")
