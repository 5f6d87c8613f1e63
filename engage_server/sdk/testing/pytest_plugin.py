"""One test for each rule of the kit, for a plugin's own test suite.

In ``conftest.py``: ``pytest_plugins = ["engage_server.sdk.testing.pytest_plugin"]``, and then::

    def test_keeps_the_rules(engage_rule):
        engage_rule.require(plugin)
"""

from dataclasses import dataclass
from functools import cache

import pytest

from engage_server.sdk.testing.findings import RULES, Finding
from engage_server.sdk.testing.kit import check


@dataclass(frozen=True, slots=True)
class RuleOfKit:
    """A rule that a test holds a plugin against."""

    id: str

    def require(self, plugin: object) -> None:
        """Fail with what the rule finds; the plugin is tried once for all rules."""
        found = [finding for finding in _found(plugin) if finding.rule == self.id]
        if found:
            pytest.fail("\n".join(map(str, found)), pytrace=False)


@cache
def _found(plugin: object) -> tuple[Finding, ...]:
    return check(plugin).findings


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give a test that asks for ``engage_rule`` each rule in turn."""
    if "engage_rule" in metafunc.fixturenames:
        metafunc.parametrize("engage_rule", [RuleOfKit(id) for id in RULES], ids=list(RULES))
