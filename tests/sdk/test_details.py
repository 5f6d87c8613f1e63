"""Details keep what they say on the way through storage, and what cannot be kept is refused with a remedy."""

import dataclasses
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engage_server.sdk import PERSONAL, DetailsError, DetailsField, DetailsShape, shape_of
from engage_server.sdk.details import RESERVED, decode, encode, encoded, shape_problems


class Band(Enum):
    """Where a figure lies; the values are not what is stored."""

    LOW = "low end"
    HIGH = "high end"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a cohort."""

    offset: int
    share: float | None
    on: date


@dataclass(frozen=True, slots=True)
class Everything:
    count: Annotated[int, "How many."]
    ratio: float
    money: Decimal
    name: Annotated[str, "Who did most.", PERSONAL]
    is_new: bool
    on: date
    at: datetime
    band: Band
    best: Row
    rows: tuple[Row, ...]
    days: list[date]
    limit: int | None = None
    seen: Annotated[datetime | None, "Last."] = None
    bands: tuple[Band, ...] | None = None


SHAPE = shape_of(Everything)
FINITE = st.floats(allow_nan=False, allow_infinity=False)
DECIMALS = st.decimals(allow_nan=False, allow_infinity=False)
TIMES = st.datetimes(timezones=st.just(UTC))
ROWS = st.builds(Row, offset=st.integers(), share=st.none() | FINITE, on=st.dates())
INSTANCES = st.builds(
    Everything,
    count=st.integers(), ratio=FINITE, money=DECIMALS, name=st.text(), is_new=st.booleans(), on=st.dates(), at=TIMES,
    band=st.sampled_from(Band), best=ROWS, rows=st.lists(ROWS, max_size=3).map(tuple),
    days=st.lists(st.dates(), max_size=3), limit=st.none() | st.integers(), seen=st.none() | TIMES,
    bands=st.none() | st.lists(st.sampled_from(Band), max_size=2).map(tuple),
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
NAMES = [field.name for field in SHAPE.fields]


def plain(value: Any) -> Any:
    """An instance as ``decode`` gives it: enums by name, rows as mappings."""
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    return value


@given(INSTANCES)
def test_what_is_encoded_is_json_and_decodes_to_what_it_was(instance: Everything) -> None:
    stored = json.loads(json.dumps(encode(SHAPE, instance), allow_nan=False))
    assert decode(SHAPE, stored) == plain(instance)
    assert list(shape_problems(SHAPE, stored)) == []


@given(st.dictionaries(st.sampled_from([*NAMES, "former"]), JSON))
def test_rows_of_other_definitions_never_fail_and_unfit_figures_are_null(stored: dict[str, Any]) -> None:
    read = decode(SHAPE, stored)
    assert list(read) == NAMES
    for name in NAMES:
        if name not in stored:
            assert read[name] is None
    for name in ("count", "limit"):
        assert read[name] is None or (type(read[name]) is int and read[name] == stored[name])
    assert read["band"] in (None, "LOW", "HIGH")
    assert read["on"] is None or read["on"].isoformat() == stored["on"] or stored["on"]


@given(INSTANCES, st.sampled_from(NAMES), JSON)
def test_one_foreign_figure_costs_no_other_one(instance: Everything, name: str, foreign: Any) -> None:
    stored = encode(SHAPE, instance)
    before, after = decode(SHAPE, stored), decode(SHAPE, {**stored, name: foreign})
    assert {**after, name: None} == {**before, name: None}


def test_a_shape_says_all_that_the_class_says_and_travels_as_json() -> None:
    fields = {field.name: field for field in SHAPE.fields}
    assert fields["count"] == DetailsField("count", "int", "How many.")
    assert fields["name"] == DetailsField("name", "str", "Who did most.", is_personal=True)
    assert fields["seen"] == DetailsField("seen", "datetime", "Last.", is_null=True)
    assert fields["bands"] == DetailsField(
        "bands", "enum", is_null=True, is_list=True, enum_name="Band", values=("LOW", "HIGH")
    )
    assert fields["rows"].is_list
    assert fields["rows"].shape == fields["best"].shape == shape_of(Row)
    assert shape_of(Row).description == "One row of a cohort."
    assert SHAPE.description == ""
    travelled = DetailsShape.from_json(json.loads(json.dumps(SHAPE.to_json())))
    assert (travelled, hash(travelled)) == (SHAPE, hash(SHAPE))


def broken(name: str, kind: Any, *, frozen: bool = True) -> type:
    return dataclasses.make_dataclass(name, [("field", kind)], frozen=frozen)


class Lower(Enum):
    low = 1


@pytest.mark.parametrize(
    ("cls", "cause"),
    [
        (broken("A", dict[str, int]), "A.field is dict"),
        (broken("A", Any), "GraphQL cannot show"),
        (broken("A", int | str), "A.field is int or str, and a field has one type"),
        (broken("A", tuple[int, str]), "a tuple of a fixed length"),
        (broken("A", list[list[int]]), "a list of lists"),
        (broken("A", list[int | None]), "may be null"),
        (broken("A", Lower), "['low'] of Lower cannot stand in GraphQL"),
        (broken("A", int, frozen=False), "A can be changed"),
        (broken("_a", int), "'_a' is no GraphQL type name"),
        (dataclasses.make_dataclass("A", [], frozen=True), "A has no field"),
        (dataclasses.make_dataclass("A", [("Shares", int)], frozen=True), "A.Shares is no name in snake case"),
        (dataclasses.make_dataclass("A", [("value", int)], frozen=True), "A.value is called as something"),
        (dataclasses.make_dataclass("A", [("a", Row), ("b", broken("Row", int))], frozen=True), "are called Row"),
        (broken("A", broken("A", int)), "are called A"),
        (dict, "dict is no dataclass"),
    ],
)  # fmt: skip
def test_a_class_that_cannot_be_shown_is_refused_with_field_cause_and_remedy(cls: type, cause: str) -> None:
    with pytest.raises(DetailsError) as refused:
        shape_of(cls)
    assert cause in str(refused.value)
    assert "Remedy:" in str(refused.value)


def test_a_class_within_itself_is_refused() -> None:
    cls = dataclasses.make_dataclass("Endless", [("inner", Any)], frozen=True)
    cls.__annotations__["inner"] = cls
    with pytest.raises(DetailsError, match="Endless contains itself"):
        shape_of(cls)


def test_no_plugin_may_name_a_field_as_every_result_has_it() -> None:
    assert {"value", "n", "status", "interval", "details", "series"} <= RESERVED


@dataclass(frozen=True, slots=True)
class Small:
    count: int
    ratio: float | None = None
    band: Band | None = None
    rows: tuple[Row, ...] = ()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"count": 1.5}, "Small.count is 1.5, not int"),
        ({"count": True}, "Small.count is True"),
        ({"count": None}, "declare it as `| None`"),
        ({"count": 1, "ratio": float("nan")}, "Small.ratio is nan, not float"),
        ({"count": 1, "band": "LOW"}, "Small.band is 'LOW', not Band"),
        ({"count": 1, "rows": 5}, "Small.rows is 5, not a list of Row"),
        ({"count": 1, "rows": ({"offset": 1},)}, "not a list of Row"),
        ({"count": 1, "rows": (Row(1, None, datetime(2026, 1, 1, tzinfo=UTC)),)}, "Row.on is datetime"),
    ],
)
def test_an_instance_that_is_not_as_declared_is_refused_by_field(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(DetailsError) as refused:
        encode(shape_of(Small), Small(**wrong))
    assert said in str(refused.value)


def test_an_instance_of_another_class_is_refused() -> None:
    with pytest.raises(DetailsError, match="Row is no Small"):
        encode(shape_of(Small), Row(1, None, date(2026, 1, 1)))


def test_no_details_and_encoded_ones_are_encoded_already() -> None:
    assert encoded(None) == {}
    assert encoded({"share": 0.5}) == {"share": 0.5}
    assert encoded(Small(1, 0.5)) == {"count": 1, "ratio": 0.5, "band": None, "rows": []}


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), True, "0.5", None])
def test_a_sound_instance_opens_the_door_to_no_other_one_of_its_class(wrong: Any) -> None:
    shape = shape_of(Everything)
    sound = Everything(
        1, 0.5, Decimal(1), "a", True, date(2026, 1, 1), datetime(2026, 1, 1, tzinfo=UTC), Band.LOW,
        Row(1, 0.5, date(2026, 1, 1)), (), [],
    )  # fmt: skip
    encode(shape, sound)
    with pytest.raises(DetailsError, match=r"Everything\.ratio is"):
        encode(shape, dataclasses.replace(sound, ratio=wrong))
    assert encode(shape, dataclasses.replace(sound, ratio=2))["ratio"] == 2.0


def test_any_number_of_combinations_of_types_is_encoded() -> None:
    cls = dataclasses.make_dataclass("Wide", [(f"a{n}", int | None) for n in range(10)], frozen=True)
    for number in range(2**10):
        values = {f"a{n}": n if number >> n & 1 else None for n in range(10)}
        assert encode(shape_of(cls), cls(**values)) == values
