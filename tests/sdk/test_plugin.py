"""A plugin as one object: what its author need not write any more."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Annotated, Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from pydantic import Field

from engage_server.sdk import (
    TENANT,
    Accounts,
    Answer,
    Card,
    Computation,
    Features,
    FeatureUse,
    InputSpec,
    Measurement,
    MetricValues,
    PersonDays,
    Plugin,
    PluginConfig,
    Seats,
    Status,
    Subject,
    account,
    feature,
    shape_of,
)
from engage_server.sdk.testing import conformance_problems, request_for


class Config(PluginConfig):
    days: int = Field(7, description="Trailing days.")


CARD = Card("rows", "own", edge_rules=("No row: null, NO_DATA.",))


@dataclass(frozen=True, slots=True)
class Reach:
    persons: Annotated[int, "Persons with an event."]


plugin = Plugin("weekly", sdk=">=2,<3", config=Config, title={"en": "Weekly activity", "ko": "주간 활동"})


@plugin.metric(
    "active",
    title={"en": "Active persons", "ko": "활성 사용자"},
    unit={"en": "persons", "ko": "명"},
    details=Reach,
    card=CARD,
    inputs=lambda config: {"days": PersonDays(days=config.days)},
    min_age_days=14,
)
def active(rows: Computation[Config]) -> Answer | None:
    persons = rows["days"]["person"].n_unique()
    return Answer(persons, n=persons, details=Reach(persons)) if persons else None


@plugin.metric(
    "seats",
    title="Seats and days",
    card=CARD,
    of_all=True,
    inputs=lambda config: {
        "seats": Seats(),
        "same": PersonDays(days=config.days),
        "days": PersonDays(days=30),
    },
)
def seats(rows: Computation[Config]) -> Iterator[tuple[Subject, Answer | None]]:
    counts = rows.once(by_account)
    yield TENANT, Answer(sum(counts.values()), n=rows["same"].height, parts=())
    for id, number in counts.items():
        yield account(id), Answer(number, n=1)


@plugin.metric(
    "uses",
    title="Uses",
    subjects=("feature",),
    card=CARD,
    inputs={"uses": FeatureUse(days=3), "features": Features()},
)
def uses(rows: Computation[Config]) -> Answer:
    return Answer(rows["uses"]["uses"].sum(), n=rows["uses"].height)


def by_account(rows: Computation[Config]) -> dict[int, int]:
    return {id: number or 0 for id, number in rows["seats"].select("account", "seats").iter_rows()}


MANIFEST = plugin.engage_manifest()
ROWS: dict[str, list[dict[str, Any]]] = {
    "accounts": [
        {"account": 1, "started_at": datetime(2026, 1, 1, tzinfo=UTC)},
        {"account": 2, "started_at": datetime(2026, 6, 20, tzinfo=UTC)},
        {"account": 3},
    ],
    "days": [
        {"person": 7, "account": 1},
        {"person": 8, "account": 1},
        {"person": 7, "account": 2},
        {"person": 9},
    ],
    "seats": [{"account": 2, "seats": 5}],
    "uses": [{"person": 7, "feature": 4, "uses": 3}],
    "features": [{"feature": 4}, {"feature": 5}],
}
REQUEST = request_for(MANIFEST, ROWS)


def measured(metric: str) -> dict[Subject, Measurement]:
    return {m.subject: m for m in plugin.engage_compute(REQUEST) if m.metric == metric}


def test_it_keeps_the_contract() -> None:
    assert conformance_problems(plugin, requests=[REQUEST]) == []


def test_the_manifest_is_what_was_declared() -> None:
    first, *_ = MANIFEST.metrics
    assert (MANIFEST.title, MANIFEST.translations["ko"]) == ("Weekly activity", "주간 활동")
    assert (first.title, first.titles["ko"], first.unit, first.units["ko"]) == (
        "Active persons", "활성 사용자", "persons", "명",
    )  # fmt: skip
    assert first.details == shape_of(Reach)
    assert [metric.id for metric in MANIFEST.metrics] == ["active", "seats", "uses"]


def test_equal_inputs_are_read_once_and_others_of_one_name_apart() -> None:
    assert MANIFEST.inputs_for(Config(days=5)) == {
        "days": PersonDays(days=5),
        "accounts": Accounts(),
        "seats": Seats(),
        "seats_days": PersonDays(days=30),
        "uses": FeatureUse(days=3),
        "features": Features(),
    }
    assert MANIFEST.metrics[0].inputs_for(Config()) == {"days": PersonDays(days=7), "accounts": Accounts()}
    assert measured("seats")[TENANT].n == 4


def test_rows_are_grouped_by_account_and_the_tenant_sees_all() -> None:
    found = measured("active")
    assert {subject: m.value for subject, m in found.items()} == {
        TENANT: 3, account(1): 2, account(2): 1, account(3): None,
    }  # fmt: skip
    assert found[account(1)].details == Reach(2)
    assert {m.window_days for m in found.values() if m.value} == {7}
    assert measured("seats")[TENANT].window_days == 30


def test_who_has_no_row_is_absent_and_a_tenant_without_rows_has_no_data() -> None:
    assert measured("active")[account(3)].is_absence
    assert measured("seats")[account(1)].is_absence
    empty = {(m.metric, m.subject): m for m in plugin.engage_compute(request_for(MANIFEST))}
    assert empty["active", TENANT].status is Status.NO_DATA
    assert not [key for key in empty if key[1].kind != "tenant"]


def test_who_is_too_young_is_immature_and_whose_start_is_unknown_is_not() -> None:
    found = measured("active")
    assert {subject: m.status for subject, m in found.items()} == {
        TENANT: Status.OK, account(1): Status.OK, account(2): Status.IMMATURE, account(3): Status.NO_DATA,
    }  # fmt: skip


def test_features_without_a_use_are_absent() -> None:
    assert {s: m.value for s, m in measured("uses").items()} == {feature(4): 3, feature(5): None}


def test_shared_work_is_done_once_for_all_metrics_of_a_run() -> None:
    calls = []

    def work(rows: Computation[Config]) -> int:
        calls.append(rows.day)
        return 1

    shared = Plugin("shared", sdk=">=2,<3", config=Config, title="Shared", inputs={"seats": Seats()})
    for name in ("first", "second"):
        shared.metric(name, title=name, card=CARD, subjects=("tenant",), of_all=True)(
            lambda rows: [(TENANT, Answer(rows.once(work), n=1))]
        )
    for _ in range(2):
        assert len(list(shared.engage_compute(request_for(shared.engage_manifest())))) == 2
    assert len(calls) == 2


def test_work_is_shared_by_metrics_that_read_different_others_beside_the_same() -> None:
    calls = []

    def work(rows: Computation[Config]) -> int:
        calls.append(sorted(rows.inputs))
        return rows["seats"].height

    shared = Plugin("shared", sdk=">=2,<3", config=Config, title="Shared")
    others: dict[str, dict[str, InputSpec]] = {"first": {}, "second": {"days": PersonDays(days=3)}}
    for name, more in others.items():
        shared.metric(
            name, title=name, card=CARD, subjects=("tenant",), of_all=True, inputs={"seats": Seats(), **more}
        )(lambda rows: [(TENANT, Answer(rows.only("seats").once(work), n=1))])
    assert len(list(shared.engage_compute(request_for(shared.engage_manifest())))) == 2
    assert calls == [["seats"]]


def test_values_of_other_metrics_are_grouped_by_their_subject() -> None:
    reader = Plugin("reader", sdk=">=2,<3", config=Config, title="Reader")
    inputs = {"values": MetricValues(metrics=("nps.score",))}

    @reader.metric("copy", title="Copy", card=CARD, subjects=("account",), inputs=inputs)
    def copy(rows: Computation[Config]) -> Answer:
        return Answer(rows["values"]["value"].sum(), n=1)

    rows = [
        {"metric": "nps.score", "subject_kind": "account", "subject": 1, "value": 4},
        {"metric": "nps.score", "subject_kind": "tenant", "subject": 0, "value": 9},
    ]
    found = reader.engage_compute(request_for(reader.engage_manifest(), {"values": rows}))
    assert [(m.subject, m.value) for m in found] == [(account(1), 4)]


def test_a_metric_declared_twice_is_found() -> None:
    twice = Plugin("twice", sdk=">=2,<3", config=Config, title="Twice")
    for _ in range(2):
        twice.metric("one", title="One", card=CARD)(lambda rows: None)
    assert conformance_problems(twice) == ["twice declares the metric 'one' twice."]


PAIRS = st.lists(st.tuples(st.integers(1, 5), st.none() | st.integers(1, 4)), max_size=12)


@given(PAIRS)
def test_an_account_gets_exactly_its_rows_in_their_order(pairs: list[tuple[int, int | None]]) -> None:
    seen: dict[Subject, pl.DataFrame] = {}
    seer = Plugin("seer", sdk=">=2,<3", config=Config, title="Seer", inputs={"days": PersonDays(days=7)})

    @seer.metric("rows", title="Rows", card=CARD)
    def see(rows: Computation[Config]) -> Answer | None:
        seen[rows.subject] = rows["days"]
        return None

    rows = [{"person": person, "account": id} for person, id in pairs]
    request = request_for(seer.engage_manifest(), {"days": rows})
    list(seer.engage_compute(request))
    whole = request.inputs["days"]
    assert_frame_equal(seen.pop(TENANT), whole)
    assert seen.keys() == {account(id) for _, id in pairs if id is not None}
    for subject, frame in seen.items():
        assert_frame_equal(frame, whole.filter(pl.col("account") == subject.id))


def test_the_functions_stay_functions() -> None:
    assert active(Computation(Config(), REQUEST.window, {"days": REQUEST.inputs["days"]})) == Answer(
        3, n=3, details=Reach(3)
    )


def test_an_answer_may_cover_less_than_the_inputs_do() -> None:
    assert Answer(1, n=1).measured("one", TENANT, window_days=30, is_young=False).window_days == 30
    shorter = Answer(1, n=1, window_days=7)
    assert shorter.measured("one", TENANT, window_days=30, is_young=False).window_days == 7


@pytest.mark.parametrize("status", [Status.SUPPRESSED, Status.PARTIAL])
def test_a_status_of_the_authors_own_stays(status: Status) -> None:
    value = None if status is Status.SUPPRESSED else 1
    answer = Answer(value, n=1, status=status)
    assert answer.measured("one", TENANT, window_days=1, is_young=True).status is status


def test_a_metric_that_is_not_asked_for_is_not_measured() -> None:
    request = replace(request_for(MANIFEST, ROWS), metrics=frozenset({"seats"}))
    assert {one.metric for one in plugin.engage_compute(request)} == {"seats"}
