"""Definitions that somebody else has changed since are not overwritten: segments, goals, annotations, rules."""

from datetime import UTC, datetime, timedelta

import pytest

from engage_server.access.models import ApiKey
from engage_server.operations.keys import create_key
from tests.api.conftest import Caller

DUE = (datetime.now(UTC) + timedelta(days=90)).date().isoformat()
MAKE = {
    "Segment": 'createSegment(input: {name: "All", subject: ACCOUNT}) { segment { id version } }',
    "Goal": f'createGoal(input: {{name: "Up", metric: "mood.score", target: 9, due: "{DUE}"}}) {{ goal {{ id version }} }}',
    "Annotation": 'createAnnotation(input: {day: "2026-06-01", text: "Launch"}) { annotation { id version } }',
    "Rule": 'createRule(input: {name: "Ending", kind: RISK, trigger: {type: "renewal"}}) { rule { id version } }',
}
CHANGES = {
    "Segment": ('{description: "a"}', '{description: "b"}'),
    "Goal": ('{note: "a"}', '{note: "b"}'),
    "Annotation": ('{text: "a"}', '{text: "b"}'),
    "Rule": ('{note: "a"}', '{note: "b"}'),
}


@pytest.mark.parametrize("kind", MAKE)
def test_a_stale_version_is_refused_with_the_present_one(at_acme, at_globex, kind):
    ours, theirs = (
        Caller(one.tenant, create_key(one.tenant, ApiKey.Kind.ADMIN), one.host)
        for one in (at_acme, at_globex)
    )
    name = kind.lower()
    (made,) = ours.data(f"mutation {{ {MAKE[kind]} }}")[f"create{kind}"].values()
    update = f"""
        mutation ($id: ID!, $version: Int) {{
            update{kind}(input: {{id: $id, changes: %s, expectedVersion: $version}}) {{ {name} {{ version }} }} }}
    """

    def version_of(answer: dict) -> int:
        return answer[f"update{kind}"][name]["version"]

    first, second = (update % changes for changes in CHANGES[kind])
    changed = version_of(ours.data(first, id=made["id"], version=made["version"]))
    assert changed == made["version"] + 1
    (error,) = ours.ask(second, id=made["id"], version=made["version"])["errors"]
    extensions = error["extensions"]
    assert (extensions["code"], extensions["version"]) == ("CONFLICT", changed)
    assert version_of(ours.data(second, id=made["id"])) == changed + 1
    assert theirs.ask(first, id=made["id"], version=1)["errors"]
