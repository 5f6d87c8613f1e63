"""Small variants of ``make slow-clients`` and ``make unkeyed``: the same server, clients and bodies, fewer of them."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

from tests.end_to_end.processes import ROOT


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.skipif(
    not settings.ENGAGE_EMBEDDED_POSTGRES, reason="DATABASE_URL is set: the server is not ours"
)
def test_tenants_are_answered_among_silent_and_slow_clients() -> None:
    # Beside other tests nobody is timed as strictly as in a run of its own.
    command = [
        "tests.chaos.slow_clients",
        "--silent",
        "70",
        "--slow",
        "40",
        "--seconds",
        "10",
        "--within",
        "5",
    ]
    done = run(*command)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "70 of 70 silent connections freed" in " ".join(done.stdout.split())


def test_a_body_without_a_key_costs_little_whatever_stands_in_it() -> None:
    done = run("tests.chaos.unkeyed", "--every", "20")
    assert done.returncode == 0, done.stdout + done.stderr
    assert ", 0 of them over" in " ".join(done.stdout.split())
