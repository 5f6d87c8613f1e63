"""A worker killed while it delivers loses no message, and no key ever stands for two contents.

The same with a hundred kills: ``make chaos-deliveries``.
"""

import pytest

from tests.automation.receivers import http_receiver
from tests.end_to_end.deliveries import KEY, assert_each_came_with_one_content, deliver_through, fill

pytestmark = pytest.mark.usefixtures("queue_emptied_afterwards")


def test_every_message_comes_and_a_repeat_says_the_same(committed_tenants, settings):
    settings.ENGAGE_SEALING_KEYS, settings.ENGAGE_DELIVERY_HTTP = [KEY], True
    with http_receiver(pause_s=0.02) as receiver:
        expected = fill(committed_tenants, receiver, messages=300)
        deliver_through(3, committed_tenants, receiver, expected)
        assert_each_came_with_one_content(receiver, expected)
