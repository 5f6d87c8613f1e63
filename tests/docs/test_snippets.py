"""What the README and docs/ show works: code runs, queries fit the schema, commands and targets exist."""

import importlib.util
import json
import re
import shlex
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.core.management import get_commands, load_command_class
from graphql import FieldNode, OperationDefinitionNode, SelectionSetNode, parse, validate

from engage_server.api.composition import compose, schema_for
from engage_server.engine.checks import offered_inputs
from engage_server.ingest.imports import mapping
from engage_server.ingest.imports.kinds import KINDS
from engage_server.plugin_host.registry import Candidate, build_registry, registry
from engage_server.sdk.testing import RULES, Level, check
from tests.engine.input_days import samples

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
PAGES = [README, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
PLUGIN_PAGES = sorted((ROOT / "plugins").glob("*/README.md"))
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks of a language, as they stand there."""
    return [text for found, text in FENCE.findall(page.read_text()) if found == language]


def code_words(page: Path) -> str:
    """All shell blocks and inline code of a page."""
    text = page.read_text()
    return "\n".join([*blocks(page, "sh"), *re.findall(r"`([^`\n]+)`", text)])


def inline_queries(page: Path) -> list[str]:
    """The queries that stand within the text."""
    return re.findall(r"`((?:query \([^)`]+\) )?\{ [^`\n]+ \})`", page.read_text())


def load(code: str, name: str, folder: Path) -> ModuleType:
    """The code as an imported module, so that its annotations can be resolved."""
    path = folder / f"{name}.py"
    path.write_text(code)
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def loaded(tmp_path: Path) -> Iterator[Any]:
    """Loads code under names that are forgotten afterwards."""
    names: list[str] = []

    def loading(code: str, name: str) -> ModuleType:
        names.append(name)
        return load(code, name, tmp_path)

    yield loading
    for name in names:
        sys.modules.pop(name, None)


def test_the_plugin_in_the_readme_is_gold_in_forty_lines(loaded: Any):
    (code,) = blocks(README, "python")
    assert len([line for line in code.splitlines() if line.strip()]) <= 40
    plugin = loaded(code, "readme_plugin").plugin
    assert check(plugin).level >= Level.GOLD
    (metric,) = plugin.engage_manifest().metrics
    assert set(metric.titles) == set(metric.units) == {"en", "ko"}
    assert metric.subjects == ("tenant", "account")


def test_the_queries_of_the_readmes_plugin_fit_its_schema(loaded: Any):
    (code,) = blocks(README, "python")
    plugin = loaded(code, "readme_plugin").plugin
    built = build_registry([Candidate("weekly", "engage-weekly", "1.0", lambda: plugin)])
    assert not built.broken
    schema = compose(list(built.plugins.values()))._schema
    queries = inline_queries(README)
    assert len(queries) == 4
    for query in queries:
        assert validate(schema, parse(query)) == []
    assert validate(schema, parse(queries[0].replace("busiest", "loudest"))) != []


def test_the_plugin_in_the_guide_passes_the_test_in_the_guide(loaded: Any):
    plugin_code, test_code = blocks(ROOT / "docs" / "plugins.md", "python")
    loaded(plugin_code, "engage_reach")
    tests = loaded(test_code, "test_engage_reach")
    names = [name for name in vars(tests) if name.startswith("test_")]
    assert len(names) == 2
    for name in names:
        getattr(tests, name)()


def test_the_guide_lists_every_rule_of_the_kit_under_its_level():
    page = (ROOT / "docs" / "plugins.md").read_text().partition("| level |")[2].partition("\n\n")[0]
    listed = {
        (level, rule) for level, rules in re.findall(r"^\| (\w+) \| (`[^|]+) \|$", page, re.MULTILINE)
        for rule in re.findall(r"`([\w-]+)`", rules)
    }  # fmt: skip
    assert listed == {(rule.level.name.lower(), rule.id) for rule in RULES.values()}


def test_the_guide_lists_every_input_of_the_sdk_and_no_other():
    section = (
        (ROOT / "docs" / "plugins.md")
        .read_text()
        .partition("## Inputs")[2]
        .partition("\n\nEach is answered")[0]
    )
    listed = re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
    assert sorted(listed) == sorted(kind.__name__ for kind in offered_inputs())


def test_the_guide_says_what_each_input_reads():
    page = (ROOT / "docs" / "plugins.md").read_text()
    rows = dict(re.findall(r"^\| `(\w+)` \| [^|]+ \| ([^|]+) \|$", page, re.MULTILINE))
    for kind in offered_inputs():
        reads = {read for spec in samples(kind) for read in spec.reads}
        assert set(re.findall(r"[A-Z_]{5,}", rows[kind.__name__])) == {read.dataset.name for read in reads}
        assert ("since ever" in rows[kind.__name__]) == any(read.since_ever for read in reads)


def test_the_guides_tracking_calls_are_those_of_the_sdk():
    (code,) = blocks(ROOT / "docs" / "importing.md", "python")
    offline = code.replace('host="http://localhost:8000"', 'host="http://localhost:8000", send=False')
    assert offline != code
    exec(compile(offline, "importing.md", "exec"), {})  # noqa: S102  # our own page


@pytest.mark.parametrize("page", [*PAGES, *PLUGIN_PAGES], ids=lambda page: f"{page.parent.name}/{page.name}")
def test_queries_fit_the_schema_of_all_plugins(page: Path):
    schema = schema_for(frozenset(registry().plugins))._schema
    for query in blocks(page, "graphql"):
        assert validate(schema, parse(query)) == []


def test_the_readmes_answer_has_the_fields_that_its_query_asks_for():
    (query,) = blocks(README, "graphql")
    (answer,) = blocks(README, "json")
    operation = parse(query).definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    check_selection(operation.selection_set, json.loads(answer))


def check_selection(asked: SelectionSetNode, answered: Any) -> None:
    for item in answered if isinstance(answered, list) else [answered]:
        fields = {node.name.value: node for node in asked.selections if isinstance(node, FieldNode)}
        assert list(item) == list(fields)
        for name, node in fields.items():
            if node.selection_set is not None:
                check_selection(node.selection_set, item[name])


def test_the_contributions_in_the_readme_add_up_to_the_score():
    (answer,) = blocks(README, "json")
    (edge,) = json.loads(answer)["healthScoreScoreByAccount"]["edges"]
    points = [part["points"] for part in edge["node"]["contributions"]]
    assert sum(points) == pytest.approx(edge["node"]["value"])


def test_the_readmes_interval_is_that_of_its_answers():
    (answer,) = blocks(README, "json")
    nps = json.loads(answer)["nps"]["score"]
    p, d, n = (
        nps["promoters"] + 0.75,
        nps["detractors"] + 0.75,
        nps["promoters"] + nps["passives"] + nps["detractors"],
    )
    assert nps["value"] == pytest.approx(100 * (nps["promoters"] - nps["detractors"]) / n)
    variance = (p + d) / (n + 3) - ((p - d) / (n + 3)) ** 2
    margin = 1.959964 * 100 * (variance / (n + 3)) ** 0.5
    middle = 100 * (p - d) / (n + 3)
    assert nps["interval"] == {
        "low": pytest.approx(middle - margin, abs=1e-4),
        "high": pytest.approx(middle + margin, abs=1e-4),
    }


@each_page
def test_make_targets_exist(page: Path):
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"(?<![-\w/])make ([a-z-]+)", code_words(page)))
    assert named <= targets


@each_page
def test_commands_and_their_options_exist(page: Path):
    for line in re.findall(r"manage\.py ([^\n]+)", "\n".join(blocks(page, "sh"))):
        name, *arguments = shlex.split(line, comments=True)
        command = load_command_class(get_commands()[name], name)
        options = command.create_parser("manage.py", name).parse_args(arguments)
        if name == "import":
            wishes = mapping.parse_options(vars(options))
            for target in (*wishes.columns, *wishes.constants):
                assert KINDS[options.kind].field(target) is not None, (line, target)
    for name in re.findall(r"manage\.py ([a-z_]+)", code_words(page)):
        assert name in get_commands()


@each_page
def test_links_lead_somewhere(page: Path):
    links = re.findall(r"\]\(([^)#]+)\)", page.read_text())
    missing = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert missing == []


def test_the_readme_has_a_picture_and_at_most_two_badges():
    text = README.read_text()
    pictures = [ROOT / link for link in re.findall(r"^!\[[^\]]*\]\((docs/[^)]+)\)", text, re.MULTILINE)]
    assert pictures
    assert all(picture.stat().st_size < 300_000 for picture in pictures)
    assert text.count("[![") <= 2


def test_the_folders_in_the_readme_exist():
    rows = re.findall(r"^\| (`[^|]+) \|", README.read_text(), re.MULTILINE)
    named = [name for row in rows for name in re.findall(r"`([^`]+)/`", row)]
    assert len(named) > 10
    assert all((ROOT / name).is_dir() or (ROOT / "engage_server" / name).is_dir() for name in named)


def test_every_environment_variable_is_documented_and_read():
    settings = "\n".join(path.read_text() for path in (ROOT / "engage_server" / "settings").glob("*.py"))
    read = set(re.findall(r"(?:_flag|_list|read_secret|environ\.get)\(\s*\"(\w+)\"", settings))
    page = (ROOT / "docs" / "operations.md").read_text()
    documented = set(re.findall(r"^\| `([A-Z_]+)` \|", page, re.MULTILINE))
    assert documented == read


def test_every_dependency_is_defended_and_no_other():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = project["dependency-groups"]
    wanted = [*project["project"]["dependencies"], *groups["dev"], *groups["catalogue"]]
    rows = re.findall(r"^\| (`[^|]+) \|", (ROOT / "docs" / "dependencies.md").read_text(), re.MULTILINE)
    defended = {name for row in rows for name in re.findall(r"`([^`]+)`", row)}
    assert defended == {re.split(r"[\[<>=~!;]", line)[0].strip() for line in wanted}
