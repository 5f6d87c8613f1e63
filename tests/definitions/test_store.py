"""Definitions are kept in versions, each tenant's its own."""

import pytest
from pydantic import Field

from engage_server.audit.actor import acting_as
from engage_server.definitions import store
from engage_server.definitions.exceptions import (
    DuplicateKindError,
    InvalidDefinitionError,
    NameTakenError,
    UnknownDefinitionError,
)
from engage_server.definitions.kinds import KINDS, Body, read_body, register_kind
from engage_server.definitions.models import Definition
from engage_server.tenancy.scope import tenant_scope


class Goal(Body):
    target: int = Field(ge=0)
    note: str = ""


@pytest.fixture(autouse=True)
def kind(monkeypatch):
    monkeypatch.setitem(KINDS, "goal", Goal)
    monkeypatch.setitem(KINDS, "wish", Goal)


def test_a_change_is_a_new_version_and_the_former_ones_stay(acme):
    with tenant_scope(acme):
        with acting_as("user:1"):
            number = store.define("goal", "Reach", Goal(target=5))
        with acting_as("user:2"):
            assert store.redefine("goal", number, body=Goal(target=7))
            assert not store.redefine("goal", number, body=Goal(target=7))
            assert store.redefine("goal", number, name="Range")
        found = store.find("goal", Goal, number)
        assert (found.version, found.name, found.body, found.author) == (3, "Range", Goal(target=7), "user:2")
        history = [(one.version, one.name, one.body.target) for one in store.history("goal", Goal, number)]
        assert history == [(3, "Range", 7), (2, "Reach", 7), (1, "Reach", 5)]
        assert Definition.objects.filter(superseded_at=None).count() == 1


def test_a_name_is_one_definitions_of_its_kind_until_that_is_retired(acme):
    with tenant_scope(acme):
        first = store.define("goal", "Reach", Goal(target=1))
        store.define("wish", "Reach", Goal(target=1))
        with pytest.raises(NameTakenError, match="another name"):
            store.define("goal", "Reach", Goal(target=2))
        other = store.define("goal", "Other", Goal(target=2))
        with pytest.raises(NameTakenError):
            store.redefine("goal", other, name="Reach")
        assert store.find("goal", Goal, other).version == 1
        store.retire("goal", first)
        store.define("goal", "Reach", Goal(target=2))
        assert [one.name for one in store.in_force("goal", Goal)] == ["Other", "Reach"]
        assert store.history("goal", Goal, first)[0].is_retired
        for change in (store.retire, store.redefine):
            with pytest.raises(UnknownDefinitionError, match="no goal"):
                change("goal", first)


def test_one_tenants_definitions_are_not_the_others(acme, globex):
    with tenant_scope(acme):
        number = store.define("goal", "Reach", Goal(target=1))
    with tenant_scope(globex):
        assert store.in_force("goal", Goal) == []
        assert store.define("goal", "Reach", Goal(target=2)) == number
    with tenant_scope(acme):
        assert store.find("goal", Goal, number).body.target == 1


def test_a_number_is_of_one_kind(acme):
    with tenant_scope(acme):
        number = store.define("goal", "Reach", Goal(target=1))
        with pytest.raises(UnknownDefinitionError):
            store.find("wish", Goal, number)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"target": -1}, "target: "),
        ({}, "target: Field required"),
        ({"target": 1, "size": 3}, "size: Extra"),
        ({"target": 1, "note": "a\x00b"}, "NUL"),
        (["target"], "the whole"),
    ],
)
def test_a_body_that_does_not_keep_its_model_is_refused_by_field(body, told):
    with pytest.raises(InvalidDefinitionError, match=told):
        read_body(Goal, body)


@pytest.mark.parametrize("name", ["", "  ", "x" * 101])
def test_a_name_that_is_none_is_refused(acme, name):
    with tenant_scope(acme):
        with pytest.raises(InvalidDefinitionError, match="Remedy"):
            store.define("goal", name, Goal(target=1))
        assert not Definition.objects.exists()


def test_a_kind_has_one_model():
    class Other(Body):
        pass

    register_kind("goal", Goal)
    with pytest.raises(DuplicateKindError, match="Goal and Other"):
        register_kind("goal", Other)
