"""Each mistake of a plugin that the guide promises to bear is shown by a test that there is."""

import re

from tests.docs.requirements_table import ROOT, has_test

GUIDE = ROOT / "docs" / "plugin-safety.md"
SHOWN_BY = re.compile(r"\[(?P<name>[a-z0-9 ]+)\]\(\.\./(?P<path>tests/[a-z_/]+\.py)\) \|$", re.MULTILINE)


def test_each_mistake_in_the_guide_names_a_test():
    section = GUIDE.read_text().partition("## Mistakes, and what they cost")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("|")][2:]
    named = [*SHOWN_BY.finditer(section)]
    assert len(named) == len(rows) >= 18
    for one in named:
        assert has_test(f"{one['path']}::test_{one['name'].replace(' ', '_')}"), one["name"]
