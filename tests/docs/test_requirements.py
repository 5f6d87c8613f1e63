"""The table of the requirements is whole, true and up to date."""

import pytest

from engage_server.plugin_host.registry import registry
from tests.docs.requirements_table import PAGE, Entry, entries, has_test, page, titles


def names() -> set[str]:
    """Every plugin and every metric that is installed."""
    plugins = registry().plugins.values()
    return {plugin.id for plugin in plugins} | {
        f"{one.id}.{m.id}" for one in plugins for m in one.manifest.metrics
    }


def identify(entry: Entry) -> str:
    return f"{entry.number}-{entry.metric}"


@pytest.mark.parametrize("entry", entries(), ids=identify)
def test_what_an_entry_names_exists(entry):
    assert not entry.is_metric or entry.metric in names()
    assert has_test(entry.test), f"There is no test {entry.test}."
    assert entry.number in titles() | titles("others"), (
        "Remedy: a row of the requirements has a number up to 148."
    )
    if entry.plugin:
        assert entry.metric.partition(".")[0] == entry.plugin


def test_every_row_is_kept():
    assert titles().keys() - {entry.number for entry in entries()} == set()


def test_the_page_is_up_to_date():
    assert PAGE.read_text() == page(), "Remedy: make requirements"
