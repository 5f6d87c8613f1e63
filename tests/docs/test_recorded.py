"""The list of what the audit log records is complete: read from the code, compared with the documentation."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
PAGE: Final = ROOT / "docs" / "people.md"
ACTION: Final = re.compile(r"[a-z_]+\.[a-z_]+")
# What appends to the log, and our functions that pass the action on.
APPENDING: Final = {"record", "AuditRecord"}
PASSING: Final = {
    "record",
    "_record",
    "_describe",
    "record_in_tenant",
    "record_in_each_tenant",
    "record_where_done",
}


def modules() -> Iterator[tuple[Path, ast.Module]]:
    """Those that import the audit log, or what passes actions on to it."""
    for path in sorted((ROOT / "engage_server").rglob("*.py")):
        text = path.read_text()
        if re.search(r"audit(\.log)? import|user_audit import", text):
            yield path, ast.parse(text)


def calls(tree: ast.AST, *, inside: str = "") -> Iterator[tuple[str, str, ast.Call]]:
    """Each call with the name of what is called and of the function around it."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            yield name, inside, node
        around = node.name if isinstance(node, ast.FunctionDef) else inside
        yield from calls(node, inside=around)


def constants(node: ast.AST) -> set[str]:
    return {
        found.value
        for found in ast.walk(node)
        if isinstance(found, ast.Constant) and isinstance(found.value, str) and ACTION.fullmatch(found.value)
    }


def recorded() -> set[str]:
    actions: set[str] = set()
    for _, tree in modules():
        for name, _, call in calls(tree):
            if name in APPENDING | PASSING:
                for argument in (*call.args, *(word.value for word in call.keywords if word.arg == "action")):
                    actions |= constants(argument) if isinstance(argument, ast.Constant) else set()
        for node in ast.walk(tree):
            # A table of actions by something else.
            if isinstance(node, ast.AnnAssign) and getattr(node.target, "id", "") == "RECORDED":
                actions |= constants(node)
    return actions


# Why these record, though no operation calls them or an operation would only pass the call on.
BESIDE_OPERATIONS: Final = {
    "access/user_audit.py": "the logs of a person's tenants, which sign-in and operations write to",
    "access/sign_in.py": "somebody signs in, or fails to: nothing is asked for",
    "automation/journey_notes.py": "a step of a playbook writes it: nothing is asked for",
    "dashboard/people.py": "the page on which somebody chooses a password",
    "engine/plugin_releases.py": "a new release of a plugin brings it: nothing is asked for",
    "engine/tracked_segments.py": "a new value of a tracked dimension brings a segment: nothing is asked for",
    "ingest/imports/worker.py": "a file that was asked to be imported is: the worker's end of it",
    "privacy/requests.py": "what was erased is erased again after a restore, by the same requests",
    "privacy/erasure.py": "recorded in the transaction of the last step, which a worker may do",
    "privacy/person_export.py": "recorded with the rows that leave, where they are counted",
}


def test_every_action_is_documented_and_no_other():
    section = PAGE.read_text().partition("## What is recorded")[2].partition("\n\nAn admin")[0]
    named = {name for name in re.findall(r"`([^`]+)`", section) if ACTION.fullmatch(name)}
    assert named == recorded()


def test_no_action_is_recorded_in_a_way_that_the_list_misses():
    for path, tree in modules():
        for name, inside, call in calls(tree):
            if name not in APPENDING or not call.args:
                continue
            action = call.args[0]
            is_written_out = isinstance(action, ast.Constant) or (
                isinstance(action, ast.Name) and action.id == "action" and inside in PASSING
            )
            assert is_written_out, (
                f"{path.relative_to(ROOT)}:{call.lineno} records an action that is not written out"
            )


def test_what_changes_a_tenant_is_recorded_by_operations():
    server = ROOT / "engage_server"
    recording = {
        path.relative_to(server).as_posix()
        for path, tree in modules()
        if any(name in APPENDING | PASSING for name, _, _ in calls(tree))
    }
    elsewhere = {path for path in recording if not path.startswith(("operations/", "audit/"))}
    assert elsewhere == set(BESIDE_OPERATIONS)
    assert not any("/management/" in path for path in recording)
