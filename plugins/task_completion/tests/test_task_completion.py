"""Task completion: what an attempt is, when it is abandoned, and how long it took."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from engage_task_completion.config import TaskCompletionConfig
from engage_task_completion.plugin import plugin
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from engage_server.sdk import TENANT, Accounts, Events, Measurement, Status, Subject, account
from engage_server.sdk.testing import Level, check, conformance_problems, request_for

MANIFEST = plugin.engage_manifest()
END = datetime(2026, 7, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
Row = dict[str, Any]


def did(name: str, ago: float, *, person: int = 1, task: str | None = None, of: int | None = 1) -> Row:
    """An event so many hours before the end of the day."""
    row = {"person": person, "account": of, "event": f"Task {name}", "at": END - HOUR * ago}
    return row if task is None else {**row, "properties.task_id": task}


def compute(rows: list[Row], metric: str = "rate", **config: Any) -> dict[Subject, Measurement]:
    request = request_for(MANIFEST, {"events": rows}, config=TaskCompletionConfig(**config))
    return {one.subject: one for one in plugin.engage_compute(request) if one.metric == metric}


KEYED = {"attempt_property": "task_id"}


def test_is_gold() -> None:
    assert check(plugin).level >= Level.GOLD


def test_reads_the_named_property_and_time_before_the_cohort() -> None:
    config = TaskCompletionConfig(attempt_property="task_id", within_hours=25, cohort_days=10)
    events = Events(("Task Started", "Task Completed"), properties=(("task_id", "str"),), days=10 + 2 + 2)
    assert MANIFEST.inputs_for(config) == {"events": events, "accounts": Accounts()}


def test_a_retry_of_the_same_key_is_the_same_attempt() -> None:
    rows = [did("Started", 50, task="a"), did("Started", 49, task="a"), did("Completed", 48, task="a")]
    found = compute([*rows, did("Started", 50, task="b")], **KEYED)[TENANT]
    assert (found.value, found.n, found.details.retried, found.details.abandoned) == (50, 2, 1, 1)


def test_a_start_after_the_completion_or_the_deadline_is_an_attempt_of_its_own() -> None:
    rows = [
        did("Started", 100),
        did("Completed", 99),
        did("Started", 98),
        did("Started", 74),
        did("Completed", 73),
    ]
    found = compute(rows)[TENANT]
    assert (found.n, found.details.completed, found.details.abandoned) == (3, 2, 1)


def test_a_completion_in_time_is_before_the_deadline_and_after_a_start() -> None:
    assert compute([did("Started", 60), did("Completed", 36)])[TENANT].value == 0
    assert compute([did("Started", 60), did("Completed", 36.1)])[TENANT].value == 100
    assert compute([did("Completed", 61), did("Started", 60)])[TENANT].value == 0
    assert compute([did("Completed", 60), did("Started", 60)])[TENANT].value == 100


def test_a_retry_of_what_began_before_the_cohort_is_no_attempt_of_it() -> None:
    # The cohort begins 31 days before the end of the day, with T of a day.
    rows = [did("Started", 31 * 24 + 1), did("Started", 31 * 24 - 1)]
    assert compute(rows)[TENANT].n == 0
    assert compute(rows[1:])[TENANT].n == 1


def test_persons_do_not_complete_each_others_tasks() -> None:
    rows = [did("Started", 60, task="a"), did("Completed", 59, person=2, task="a")]
    assert compute(rows, **KEYED)[TENANT].value == 0


def test_starts_without_the_name_of_their_attempt_are_counted_apart() -> None:
    rows = [did("Started", 60), did("Started", 60, task="a", of=2)]
    found = compute(rows, **KEYED)
    assert (found[TENANT].n, found[TENANT].details.unnamed) == (1, 1)


def test_what_still_runs_waits_for_the_matured_cohort_and_makes_a_trailing_one_immature() -> None:
    rows = [did("Started", 23.9), did("Started", 30, person=2)]
    assert compute(rows)[TENANT].n == 1
    trailing = compute(rows, cohort="trailing")[TENANT]
    assert (trailing.n, trailing.details.open, trailing.status) == (2, 1, Status.IMMATURE)


def test_time_on_task_stands_beside_the_share_that_completed() -> None:
    rows = [
        *(
            row
            for n, ago in enumerate((1, 2, 6))
            for row in (did("Started", 60, person=n), did("Completed", 60 - ago, person=n))
        ),
        did("Started", 60, person=9),
    ]
    found = compute(rows, "time_on_task")[TENANT]
    assert (found.value, found.details.mean, found.details.completed_share) == (120, 180, 0.75)
    assert found.details.p90 == pytest.approx(312)


def test_each_account_has_its_own_and_none_is_no_data() -> None:
    rows = [did("Started", 60, of=1), did("Completed", 59, of=2), did("Started", 60, person=2, of=2)]
    assert {s: one.value for s, one in compute(rows).items()} == {TENANT: 50, account(1): 100, account(2): 0}
    assert compute([], "time_on_task")[TENANT].status is Status.NO_DATA


@pytest.mark.parametrize("wrong", [{"start_event": "a", "completion_event": "a"}, {"within_hours": 0}])
def test_an_impossible_configuration_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        TaskCompletionConfig(**wrong)


events = st.lists(
    st.builds(
        did,
        st.sampled_from(["Started", "Completed"]),
        st.integers(0, 90),
        person=st.integers(1, 2),
        task=st.none() | st.sampled_from(["a", "b"]),
        of=st.none() | st.integers(1, 2),
    ),
    max_size=12,
)


@settings(max_examples=40, deadline=None)
@given(events, st.booleans(), st.randoms())
def test_any_events_in_any_order_keep_the_contract_and_double_starts_change_nothing(
    rows: list[Row], is_keyed: bool, chance: Any
) -> None:
    config = KEYED if is_keyed else {}
    if not is_keyed:
        rows = [{name: value for name, value in row.items() if name != "properties.task_id"} for row in rows]
    request = request_for(MANIFEST, {"events": rows}, config=TaskCompletionConfig(**config))
    assert conformance_problems(plugin, requests=[request]) == []
    found = compute(rows, **config)
    assert compute(chance.sample(rows, len(rows)), **config) == found
    starts = [row for row in rows if row["event"] == "Task Started"]
    again = compute(rows + starts, **config)[TENANT]
    assert (again.value, again.n) == (found[TENANT].value, found[TENANT].n)
