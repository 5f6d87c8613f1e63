"""The test kit for plugin authors: requests made by hand, stored values without a server, and the contract.

from engage_server.sdk.testing import conformance_problems, request_for
from engage_acme import plugin

def test_keeps_the_contract():
    assert conformance_problems(plugin) == []

The compute hook is called with empty frames. To have the measurements of real rows checked as well, pass
requests: ``conformance_problems(plugin, requests=[request_for(manifest, rows)])``.
"""

from engage_server.sdk.testing.conformance import conformance_problems
from engage_server.sdk.testing.requests import frame, request_for
from engage_server.sdk.testing.stored import StoredMeasurements, stored_value

__all__ = ["StoredMeasurements", "conformance_problems", "frame", "request_for", "stored_value"]
