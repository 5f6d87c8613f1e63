"""Definitions that somebody else has changed since are not overwritten: segments, goals, annotations."""

from datetime import UTC, datetime, timedelta

import pytest

from engage_server.access.models import ApiKey
from engage_server.operations.keys import create_key
from tests.api.conftest import Caller

DUE = (datetime.now(UTC) + timedelta(days=90)).date().isoformat()
MAKE = {
    "Segment": 'createSegment(segment: {name: "All", subject: ACCOUNT}) { id version }',
    "Goal": f'createGoal(goal: {{name: "Up", metric: "mood.score", target: 9, due: "{DUE}"}}) {{ id version }}',
    "Annotation": 'createAnnotation(annotation: {day: "2026-06-01", text: "Launch"}) { id version }',
}
CHANGES = {
    "Segment": ('{description: "a"}', '{description: "b"}'),
    "Goal": ('{note: "a"}', '{note: "b"}'),
    "Annotation": ('{text: "a"}', '{text: "b"}'),
}


@pytest.mark.parametrize("kind", MAKE)
def test_a_stale_version_is_refused_with_the_present_one(at_acme, at_globex, kind):
    ours, theirs = (
        Caller(one.tenant, create_key(one.tenant, ApiKey.Kind.ADMIN), one.host)
        for one in (at_acme, at_globex)
    )
    (made,) = ours.data(f"mutation {{ {MAKE[kind]} }}").values()
    update = f"""
        mutation ($id: ID!, $version: Int) {{
            update{kind}(id: $id, changes: %s, expectedVersion: $version) {{ version }} }}
    """
    first, second = (update % changes for changes in CHANGES[kind])
    (changed,) = ours.data(first, id=made["id"], version=made["version"]).values()
    assert changed["version"] == made["version"] + 1
    (error,) = ours.ask(second, id=made["id"], version=made["version"])["errors"]
    extensions = error["extensions"]
    assert (extensions["code"], extensions["version"]) == ("CONFLICT", changed["version"])
    assert next(iter(ours.data(second, id=made["id"]).values()))["version"] == changed["version"] + 1
    assert theirs.ask(first, id=made["id"], version=1)["errors"]
