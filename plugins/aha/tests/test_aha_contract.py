"""The plugin keeps the kit's rules."""

from engage_aha.plugin import plugin

from engage_server.sdk.testing import Level, check


def test_is_gold() -> None:
    report = check(plugin)
    assert report.level >= Level.GOLD, report.findings
