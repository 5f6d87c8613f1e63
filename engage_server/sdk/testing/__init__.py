"""The test kit for plugin authors: requests made by hand, stored values without a server, the contract and all rules.

from engage_server.sdk.testing import Level, check
from engage_acme import plugin

def test_is_gold():
    assert check(plugin).level >= Level.GOLD

``manage.py plugin check PATH`` says the same of a package's folder, with its sources. To try the contract with rows of
your own: ``conformance_problems(plugin, requests=[request_for(manifest, rows)])``.
"""

from engage_server.sdk.testing.conformance import conformance_problems
from engage_server.sdk.testing.findings import RULES, Finding, Level, Report, Severity
from engage_server.sdk.testing.kit import check, check_package
from engage_server.sdk.testing.requests import frame, request_for
from engage_server.sdk.testing.stored import StoredMeasurements, stored_value

__all__ = [
    "RULES",
    "Finding",
    "Level",
    "Report",
    "Severity",
    "StoredMeasurements",
    "check",
    "check_package",
    "conformance_problems",
    "frame",
    "request_for",
    "stored_value",
]
