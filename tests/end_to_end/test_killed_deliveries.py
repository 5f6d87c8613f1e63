"""A worker killed while it delivers loses no message, and no key ever stands for two contents.

The same with a hundred kills: ``make chaos-deliveries``.
"""

import os
import subprocess
import sys

import pytest
from django.conf import settings as configured

from tests.automation.receivers import http_receiver
from tests.end_to_end.deliveries import KEY, assert_each_came_with_one_content, deliver_through, fill
from tests.end_to_end.processes import ROOT

pytestmark = pytest.mark.usefixtures("queue_emptied_afterwards")


def test_every_message_comes_and_a_repeat_says_the_same(committed_tenants, settings):
    settings.ENGAGE_SEALING_KEYS, settings.ENGAGE_DELIVERY_HTTP = [KEY], True
    with http_receiver(pause_s=0.02) as receiver:
        expected = fill(committed_tenants, receiver, messages=300)
        deliver_through(3, committed_tenants, receiver, expected)
        assert_each_came_with_one_content(receiver, expected)


@pytest.mark.skipif(
    not configured.ENGAGE_EMBEDDED_POSTGRES, reason="DATABASE_URL is set: no server of ours to kill"
)
def test_so_it_is_where_postgresql_is_killed_too():
    done = subprocess.run(
        [sys.executable, "-m", "tests.chaos.deliveries", "--kills", "2"],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "1 of them of PostgreSQL: each came with one content" in " ".join(done.stdout.split())
