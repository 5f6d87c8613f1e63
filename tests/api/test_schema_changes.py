"""What breaks clients is told from what does not, and is refused where the change log says nothing of it."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

import engage_server.api
from engage_server.api.exceptions import UnreadableSchemaError
from engage_server.api.schema_changes import (
    Severity,
    changes_between,
    newest_release,
    unannounced,
)

ROOT = Path(__file__).parents[2]
RELEASED = Path(engage_server.api.__file__).with_name("released.graphql")
OLD = """
    directive @semanticNonNull on FIELD_DEFINITION
    interface Node { id: ID! }
    enum Stage { LEAD TRIAL }
    input Filter { plan: String }
    type Account implements Node { id: ID!, name: String!, stage: Stage, "Former words." notes(first: Int): [String!]! }
    type Person { name: String }
    type Query { account(id: ID!): Account, person: Person, accounts(where: Filter): [Account!]! }
"""
# What is done to the schema, and how grave which change is.
CASES = [
    ("name: String!", "name: String", ("Account.name", "BREAKING")),
    ("stage: Stage", "stage: Stage!", ("Account.stage", "SAFE")),
    ("name: String!, ", "", ("Account.name", "BREAKING")),
    ("implements Node { id: ID!, name", "{ id: ID!, name", ("Account", "BREAKING")),
    ("LEAD TRIAL", "LEAD", ("Stage.TRIAL", "BREAKING")),
    ("LEAD TRIAL", "LEAD TRIAL CUSTOMER", ("Stage.CUSTOMER", "DANGEROUS")),
    ("plan: String", "plan: String, owner: String!", ("Filter.owner", "BREAKING")),
    ("plan: String", "plan: String, owner: String", ("Filter.owner", "DANGEROUS")),
    ("account(id: ID!)", "account(id: ID!, on: String!)", ("Query.account(on:)", "BREAKING")),
    ("account(id: ID!)", "account(id: ID)", ("Query.account(id:)", "SAFE")),
    ("account(id: ID!)", "account", ("Query.account(id:)", "BREAKING")),
    ("first: Int", "first: Int = 20", ("Account.notes(first:)", "SAFE")),
    ("directive @semanticNonNull on FIELD_DEFINITION", "", ("@semanticNonNull", "BREAKING")),
    ("person: Person", "person: Person, people: [Person!]!", ("Query.people", "SAFE")),
]


@pytest.mark.parametrize(("part", "becomes", "expected"), CASES)
def test_each_change_has_its_coordinate_and_its_severity(part, becomes, expected):
    assert part in OLD
    (change,) = changes_between(OLD, OLD.replace(part, becomes, 1))
    assert (change.coordinate, change.severity) == expected


def test_a_type_that_is_gone_breaks_what_led_to_it_and_words_break_nothing():
    without = OLD.replace("type Person { name: String }", "").replace("person: Person, ", "")
    assert [(one.coordinate, one.severity.value) for one in changes_between(OLD, without)] == [
        ("Person", "BREAKING"),
        ("Query.person", "BREAKING"),
    ]
    assert changes_between(OLD, OLD.replace("Former words.", "Present words.")) == []


@pytest.mark.parametrize("text", ["type {", "type Query { a: Nowhere }"])
def test_what_is_no_schema_is_said(text):
    with pytest.raises(UnreadableSchemaError, match="Remedy"):
        changes_between(text, OLD)


@pytest.mark.parametrize(
    ("changelog", "silent"),
    [
        ("## Unreleased\n- `Account.name` is `Account.title`.\n\n## 1.0.0\n", {"Stage.TRIAL"}),
        ("## Unreleased\n- `Account` and `Stage` are made anew.\n", set()),
        ("## Unreleased\n\n## 1.0.0\n- `Account.name`, `Stage.TRIAL` are gone.\n", {"Account.name", "Stage.TRIAL"}),
        ("## Unreleased\n- Account.name and Stage.TRIAL without backticks\n", {"Account.name", "Stage.TRIAL"}),
    ],
)  # fmt: skip
def test_what_breaks_has_to_be_named_under_unreleased(changelog, silent):
    new = OLD.replace("name: String!", "title: String!").replace("LEAD TRIAL", "LEAD")
    changes = changes_between(OLD, new)
    assert {one.severity for one in changes} == {Severity.BREAKING, Severity.SAFE}
    assert {one.coordinate for one in unannounced(changes, changelog)} == silent


def test_the_command_tells_what_changed_and_refuses_what_nobody_announced(installed, tmp_path):
    former, changelog, out = tmp_path / "former.graphql", tmp_path / "CHANGELOG.md", StringIO()
    call_command("schema", plugins="mood", stdout=out)
    former.write_text(
        out.getvalue().replace("  externalId: String!\n", "  externalId: String!\n  nick: String!\n", 1)
    )
    changelog.write_text("## Unreleased\n")
    told = StringIO()
    call_command("schema", plugins="mood", diff=former, stdout=told)
    assert told.getvalue() == "BREAKING\n  Field Account.nick was removed.\n"
    with pytest.raises(CommandError, match=r"`Account\.nick`"):
        call_command("schema", plugins="mood", diff=former, announced_in=changelog, stdout=told)
    changelog.write_text("## Unreleased\n- `Account.nick` is gone.\n")
    call_command("schema", plugins="mood", diff=former, announced_in=changelog, stdout=told)
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("schema", plugins="mood", diff=tmp_path / "none", stdout=told)


def test_the_released_schema_is_that_of_the_newest_release():
    """Raised by `make release-sdl` when a version is; before the first there is none, and names may change freely."""
    version = newest_release((ROOT / "CHANGELOG.md").read_text())
    if version is None:
        assert not RELEASED.exists()
        return
    assert RELEASED.read_text().partition("\n")[0] == f"# Released with version {version}."
    changes_between(RELEASED.read_text(), RELEASED.read_text())


def test_the_newest_release_is_read_from_the_change_log():
    assert newest_release("# Changes\n\n## Unreleased\n") is None
    assert newest_release("## Unreleased\n\n## [1.2.0] - 2026-12-01\n\n## 1.1.0\n") == "1.2.0"
