"""What cards say of their sources can be looked up by whoever reads it."""

import re
from dataclasses import asdict

from engage_server.plugin_host.registry import registry

# Lines of texts that nobody has, and names of papers of our own.
UNKNOWN_TO_READERS = re.compile(r"\bS\d, lines? \d|[Ss](eed|ource) articles? S\d|\bMETRICS(\.md)?\b")


def test_no_card_names_a_source_that_its_readers_cannot_find():
    said = {
        f"{plugin.id}.{metric.id}": found.group()
        for plugin in registry().plugins.values()
        for metric in plugin.manifest.metrics
        if metric.card is not None and (found := UNKNOWN_TO_READERS.search(repr(asdict(metric.card))))
    }
    assert said == {}
