"""A small variant of ``make canary``: fewer tenants and answers, the same server, worker and cuts."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

from tests.end_to_end.processes import ROOT

pytestmark = pytest.mark.skipif(
    not settings.ENGAGE_EMBEDDED_POSTGRES, reason="DATABASE_URL is set: its backends are not ours to cut"
)


def test_nobody_is_answered_with_anothers_data_while_backends_are_cut() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.chaos.canary", "--tenants", "4", "--answers", "300"],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "foreign answers = 0, foreign rows = 0, unexpected = 0" in " ".join(done.stdout.split())
