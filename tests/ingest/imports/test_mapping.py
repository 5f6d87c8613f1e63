"""A mapping that does not fit is refused at once, with one to paste."""

from decimal import Decimal

import pytest

from engage_server.ingest.imports.exceptions import MappingError
from engage_server.ingest.imports.kinds import EVENTS, KINDS, PERSONS, RESPONSES, table
from engage_server.ingest.imports.mapping import MappingOptions, pairs, resolve

COLUMNS = ("event_id", "user", "event", "timestamp")
FULL = {"message_id": "event_id", "person": "user", "name": "event", "occurred_at": "timestamp"}


def refusal(kind, columns, wishes, context) -> str:
    with pytest.raises(MappingError) as error:
        resolve(kind, columns, wishes, context)
    return str(error.value)


def test_a_target_takes_the_column_of_its_own_name(context):
    plan = resolve(EVENTS, (*COLUMNS, "account"), MappingOptions(FULL, {}), context)
    assert plan.columns["account"] == ("account",)
    assert plan.needed == ("event_id", "user", "event", "timestamp", "account")


def test_columns_are_joined_by_plus_unless_one_bears_that_name(context):
    wishes = MappingOptions({"external_id": "a+b"}, {})
    assert resolve(PERSONS, ("a", "b"), wishes, context).columns["external_id"] == ("a", "b")
    assert resolve(PERSONS, ("a+b",), wishes, context).columns["external_id"] == ("a+b",)


def test_constants_are_read_like_values(context):
    columns = ("external_id", "occurred_at", "score")
    wishes = MappingOptions({}, {"instrument": "nps", "direction": "up", "scale": "0-10"})
    plan = resolve(RESPONSES, columns, wishes, context)
    assert plan.constants == {"instrument": "nps", "direction": "UP", "scale": (Decimal(0), Decimal(10))}


def test_an_unreadable_constant_is_refused(context):
    message = refusal(RESPONSES, ("external_id",), MappingOptions({}, {"direction": "LEFT"}), context)
    assert "direction" in message


def test_missing_required_fields_are_named_with_a_mapping_that_works(context):
    message = refusal(EVENTS, COLUMNS, MappingOptions({}, {}), context)
    assert "No column feeds message_id, name, occurred_at, person or anonymous_id or account" in message
    assert "event_id, user, event, timestamp" in message
    pasted = message.partition("--map ")[2]
    assert resolve(EVENTS, COLUMNS, MappingOptions(pairs([pasted]), {}), context).columns == {
        target: (column,) for target, column in FULL.items()
    }


def test_a_misspelt_column_is_named_and_corrected(context):
    message = refusal(
        EVENTS, COLUMNS, MappingOptions({**FULL, "feature": "evnet", "name": "evnet"}, {}), context
    )
    assert "There is no column 'evnet'" in message
    assert "name=event" in message


def test_a_field_without_any_similar_column_gets_a_constant_to_set(context):
    message = refusal(
        RESPONSES, ("response_id", "question", "date", "score"), MappingOptions({}, {}), context
    )
    assert message.endswith("--set direction=UP,scale=0-10")


@pytest.mark.parametrize(
    ("wishes", "said"),
    [
        (MappingOptions({"persn": "user"}, {}), "no target 'persn'"),
        (MappingOptions({"name": "event"}, {"name": "x"}), "both mapped and set"),
        (MappingOptions(FULL, {}, ["user:date"]), "Unknown type"),
        (MappingOptions(FULL, {}, ["colour"]), "There is no column 'colour'"),
    ],
)
def test_wishes_that_cannot_be_met_are_refused(context, wishes, said):
    assert said in refusal(EVENTS, COLUMNS, wishes, context)


def test_kinds_without_json_refuse_extra_columns(context):
    assert "neither properties nor traits" in refusal(
        RESPONSES, ("a",), MappingOptions({}, {}, ["a"]), context
    )


@pytest.mark.parametrize("arguments", [["a"], ["a="], ["=b"], ["a=b,,c=d"], ["a=b", "a=c"]])
def test_pairs_that_cannot_be_read_are_refused(arguments):
    with pytest.raises(MappingError):
        pairs(arguments)


def test_pairs_may_come_in_one_argument_or_several():
    assert pairs(["a=b,c=d=e", "f=g"]) == {"a": "b", "c": "d=e", "f": "g"}


def test_the_help_names_every_field():
    shown = table()
    for kind in KINDS.values():
        assert f"{kind.name}:" in shown
        assert all(f"  {field.name}" in shown for field in kind.fields)
