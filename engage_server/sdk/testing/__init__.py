"""The test kit for plugin authors: build requests by hand, and check a plugin against the contract.

from engage_server.sdk.testing import conformance_problems, request_for
from engage_acme import plugin

def test_keeps_the_contract():
    assert conformance_problems(plugin) == []
"""

from engage_server.sdk.testing.conformance import conformance_problems
from engage_server.sdk.testing.requests import frame, request_for

__all__ = ["conformance_problems", "frame", "request_for"]
