"""The causes of a change add up to it exactly, whatever happened; and each cause is called what it is."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engage_server.metrics.change_sentences import korean_sentence, sentence
from engage_server.metrics.explanation import (
    PLACES,
    Correction,
    Kind,
    Member,
    Side,
    explain,
    explain_mean,
    explain_members,
    explain_sum,
    mean,
    total,
)

KEYS = ["adoption", "nps", "seats", "cap.nps"]
NUMBERS = st.floats(-1e6, 1e6)
STORED = st.floats(-1e9, 1e9) | st.decimals(-(10**17), 10**17, places=10)
VALUES = st.none() | STORED
REASONS = st.sampled_from(
    [
        "events of 2026-03-01",
        "erasure of 2026-03-01",
        "configuration version 3",
        "definition version 2",
        "recomputed",
    ]
)


def weighted(scores: dict[str, float | None], weights: dict[str, float], cap: float | None) -> Side:
    """A score as the health score makes it: missing parts are left out and the rest reweighted, then a cap."""
    present = {key: score for key, score in scores.items() if score is not None}
    whole = sum(weights[key] for key in present)
    shares = {key: weights[key] / whole for key in present}
    parts = [
        {
            "key": key, "label": key.title(), "value": score, "weight": shares.get(key, 0.0),
            "points": shares[key] * score if score is not None else 0.0, "n": 1, "note": "",
        }
        for key, score in scores.items()
    ]  # fmt: skip
    value = sum(part["points"] for part in parts) if present else None
    if cap is not None and value is not None and value > cap:
        parts.append(
            {
                "key": "cap.nps",
                "label": "Cap",
                "value": cap,
                "points": cap - value,
                "weight": None,
                "note": "",
            }
        )
        value = cap
    return Side(value, "OK" if present else "NO_DATA", parts)


SCORES = st.fixed_dictionaries({key: st.none() | st.floats(0, 100) for key in KEYS[:3]})
WEIGHTS = st.fixed_dictionaries({key: st.floats(0.1, 10) for key in KEYS[:3]})
HISTORY = st.builds(weighted, SCORES, WEIGHTS, st.none() | st.floats(0, 100))
# What no sensible plugin would say: parts that do not add up, doubled or empty, of any size.
PARTS = st.lists(
    st.fixed_dictionaries(
        {
            "key": st.sampled_from(KEYS), "label": st.just("Part"), "value": st.none() | NUMBERS,
            "points": st.none() | NUMBERS, "weight": st.none() | NUMBERS, "n": st.none(), "note": st.just(""),
        }
    ),
    max_size=5,
)  # fmt: skip
ANYTHING = st.builds(Side, VALUES, st.just("OK"), PARTS, st.integers(1, 2), st.integers(1, 2))
CORRECTIONS = st.lists(st.tuples(STORED, REASONS), max_size=3)
MEMBERS = st.dictionaries(st.sampled_from("abcdef"), st.tuples(NUMBERS, st.integers(1, 50)), max_size=6)


def assert_adds_up(explained) -> None:
    if explained.change is None:
        assert explained.causes == ()
        return
    assert explained.change == explained.after - explained.before
    assert sum((cause.change for cause in explained.causes), Decimal(0)) == explained.change
    assert all(cause.change == cause.change.quantize(PLACES) for cause in explained.causes)
    assert sentence(explained).endswith(".")


def corrected(before: Side, told) -> list[Correction]:
    """Corrections one after another, of which the last leads to the value in force."""
    values = [value for value, _ in told] + [before.value]
    return [Correction(values[n], values[n + 1], reason) for n, (_, reason) in enumerate(told)]


@given(before=HISTORY | ANYTHING, after=HISTORY | ANYTHING, told=CORRECTIONS)
def test_the_causes_add_up_to_the_digit_whatever_happened(before, after, told):
    corrections = corrected(before, told) if before.value is not None else []
    assert_adds_up(explain(before, after, corrections=corrections))


@given(before=HISTORY, after=HISTORY)
def test_of_parts_that_add_up_nothing_is_left_unexplained(before, after):
    kinds = {cause.kind for cause in explain(before, after).causes}
    assert kinds <= {Kind.MOVED, Kind.WEIGHT, Kind.CAME, Kind.WENT, Kind.REWEIGHTED, Kind.LIMIT}


def members(of) -> list[Member]:
    return [
        Member(key, key.upper(), Decimal(str(value)), Decimal(weight)) for key, (value, weight) in of.items()
    ]


@given(before=MEMBERS, after=MEMBERS)
def test_means_and_sums_are_split_by_members_to_the_digit(before, after):
    for explained in (
        explain_mean(members(before), members(after)),
        explain_sum(members(before), members(after)),
    ):
        assert_adds_up(explained)
        kinds = {cause.key: cause.kind for cause in explained.causes if cause.key in "abcdef"}
        assert all((kind is Kind.JOINED) == (key not in before) for key, kind in kinds.items())
        assert all((kind is Kind.LEFT) == (key not in after) for key, kind in kinds.items())


@given(side=HISTORY | ANYTHING)
def test_what_did_not_change_has_no_cause(side):
    explained = explain(side, side)
    assert not explained.change
    assert explained.causes == ()


def part(key: str, value: float | None, weight: float, **fields) -> dict:
    points = 0.0 if value is None else value * weight
    return {
        "key": key,
        "label": key.title(),
        "value": value,
        "weight": weight,
        "points": points,
        "note": "",
    } | fields


def kinds(before: Side, after: Side, **more) -> dict[tuple[Kind, str], float]:
    return {(c.kind, c.key): round(float(c.change), 6) for c in explain(before, after, **more).causes}


BOTH = Side(55.0, "OK", [part("a", 40, 0.5), part("b", 70, 0.5)])


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (Side(45.0, "OK", [part("a", 20, 0.5), part("b", 70, 0.5)]), {(Kind.MOVED, "a"): -10}),
        (
            Side(61.0, "OK", [part("a", 40, 0.3), part("b", 70, 0.7)], configuration_version=2),
            {(Kind.CONFIGURATION, "a"): -8, (Kind.CONFIGURATION, "b"): 14},
        ),
        (
            Side(61.0, "OK", [part("a", 40, 0.3), part("b", 70, 0.7)]),
            {(Kind.WEIGHT, "a"): -8, (Kind.WEIGHT, "b"): 14},
        ),
        (
            Side(40.0, "OK", [part("a", 40, 1.0), part("b", None, 0)]),
            {(Kind.REWEIGHTED, "a"): 20, (Kind.WENT, "b"): -35},
        ),
        (
            Side(30.0, "OK", [*BOTH.parts, part("cap.a", 30, 1, points=-25.0)]),
            {(Kind.LIMIT, "cap.a"): -25},
        ),
        (Side(57.0, "OK", BOTH.parts, definition_version=2), {(Kind.DEFINITION, "definition"): 2}),
        (Side(57.0, "OK", BOTH.parts), {(Kind.OTHER, "other"): 2}),
        (Side(None, "NO_DATA", BOTH.parts), {}),
    ],
)
def test_each_cause_is_called_what_it_is(after, expected):
    assert kinds(BOTH, after) == expected


def test_what_both_value_and_weight_did_is_halved():
    after = Side(58.0, "OK", [part("a", 50, 0.6), part("b", 70, 0.4)])
    assert kinds(BOTH, after) == {
        (Kind.MOVED, "a"): 5.5, (Kind.WEIGHT, "a"): 4.5, (Kind.WEIGHT, "b"): -7,
    }  # fmt: skip


def test_late_and_erased_data_are_told_apart_from_what_happened_since():
    after = Side(45.0, "OK", [part("a", 20, 0.5), part("b", 70, 0.5)])
    told = [Correction(60.0, 57.5, "events of 2026-03-01"), Correction(57.5, 55.0, "erasure of 2026-03-02")]
    explained = explain(BOTH, after, corrections=told)
    assert explained.change == -15
    assert [(cause.kind, cause.change) for cause in explained.causes] == [
        (Kind.MOVED, -10), (Kind.LATE_DATA, Decimal("-2.5")), (Kind.ERASED_DATA, Decimal("-2.5")),
    ]  # fmt: skip
    assert sentence(explained, unit="points") == (
        "Down 15 points, from 60 to 45: A -10 (40 to 20); corrected since (events of 2026-03-01) -2.5; "
        "corrected after an erasure (erasure of 2026-03-02) -2.5."
    )


def test_a_change_of_a_share_is_told_in_points_and_its_ends_in_percent():
    explained = explain(Side(Decimal("55.56"), {}), Side(Decimal("16.67"), {}))
    assert sentence(explained, unit="%").startswith("Down 38.89 points, from 55.56% to 16.67%")
    assert sentence(explain(Side(Decimal(10), {}), Side(Decimal(10), {})), unit="%") == "Unchanged at 10%."


def test_a_member_that_joins_a_mean_counts_by_what_it_lies_above_it():
    before = [Member("a", "A", Decimal(40)), Member("b", "B", Decimal(60))]
    after = [*before, Member("c", "C", Decimal(80))]
    explained = explain_mean(before, after)
    by_key = {cause.key: (cause.kind, round(cause.change, 6)) for cause in explained.causes}
    assert by_key["c"] == (Kind.JOINED, 10)
    assert sum(change for _, change in by_key.values()) == 10


def test_the_sentence_says_where_nothing_can_be_told_and_where_nothing_changed():
    assert sentence(explain(BOTH, BOTH), unit="%") == "Unchanged at 55%."
    assert sentence(explain(BOTH, Side(None, "NO_DATA"))) == "No change can be told: there is no value now."
    assert "on either day" in sentence(explain(Side(None, "NO_DATA"), Side(None, "NO_DATA")))


@given(before=MEMBERS, after=MEMBERS, told=CORRECTIONS, whole=st.sampled_from([mean, total]))
def test_a_value_that_is_the_mean_or_sum_of_its_members_is_split_by_them(before, after, told, whole):
    sides = [Side(whole(members(side)), "OK") for side in (before, after)]
    corrections = corrected(sides[0], told) if sides[0].value is not None else []
    explained = explain_members(*sides, members(before), members(after), corrections=corrections)
    if sides[0].value is None or sides[1].value is None:
        assert explained is None
    else:
        assert_adds_up(explained)


def test_a_value_that_is_no_mean_and_no_sum_of_its_members_is_not_split_by_them():
    of = members({"a": (1, 1), "b": (2, 1)})
    assert explain_members(Side(9.0, "OK"), Side(1.5, "OK"), of, of) is None


def test_the_sentence_says_in_korean_what_it_says_in_english():
    explained = explain(Side(Decimal("55.56"), {}), Side(Decimal("16.67"), {}))
    assert korean_sentence(explained, unit="%", labels={"Not explained by parts": "설명되지 않음"}) == (
        "38.89%p 하락, 55.56% → 16.67%: 설명되지 않음 -38.89."
    )


def test_the_korean_sentence_says_where_nothing_can_be_told_and_where_nothing_changed():
    nothing = Side(None, "NO_DATA")
    assert korean_sentence(explain(BOTH, BOTH), unit="%", labels={}) == "변동 없음, 55%."
    assert korean_sentence(explain(BOTH, nothing), labels={}) == "현재 값이 없어 변화를 설명할 수 없습니다."
    assert (
        korean_sentence(explain(nothing, nothing), labels={})
        == "두 날 모두 값이 없어 변화를 설명할 수 없습니다."
    )
