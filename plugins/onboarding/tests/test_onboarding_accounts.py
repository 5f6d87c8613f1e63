"""Progress of accounts: what counts, what is due, and which version holds."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from engage_onboarding.config import OnboardingConfig
from engage_onboarding.plugin import plugin
from engage_onboarding.progress import State
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from engage_server.sdk import TENANT, Accounts, EventTotals, Measurement, Status, Subject, account
from engage_server.sdk.testing import Level, check, conformance_problems, request_for

MANIFEST = plugin.engage_manifest()
DAY = date(2026, 6, 30)
SEOUL = "Asia/Seoul"
Row = dict[str, Any]


def step(key: str, **more: Any) -> Row:
    return {"key": key, "title": key.title(), "event": f"did {key}", **more}


def checklist(*steps: Row, version: str = "1", since: str | None = None) -> Row:
    return {"version": version, "since": since, "steps": list(steps)}


def compute(
    done: dict[int, list[str]],
    *checklists: Row,
    accounts: list[Row] | None = None,
    timezone: str = "UTC",
    **config: Any,
) -> dict[tuple[str, Subject], Measurement]:
    """What is measured where each account has done these events often enough."""
    of = OnboardingConfig(checklists=checklists, **config)
    places = {event: place for place, (event, _) in enumerate(of.milestones, 1)}
    totals = [
        {"account": id, "milestone": places[event], "count": 1, "first_on": DAY, "reached_on": DAY}
        for id, events in done.items()
        for event in events
    ]
    listed = [{"account": id, "started_at": began(10)} for id in done] if accounts is None else accounts
    request = request_for(
        MANIFEST, {"totals": totals, "accounts": listed}, config=of, day=DAY, timezone=timezone
    )
    return {(one.metric, one.subject): one for one in plugin.engage_compute(request)}


def began(days_ago: int, zone: str = "UTC") -> datetime:
    day = DAY - timedelta(days=days_ago)
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))


def progress(found: dict[tuple[str, Subject], Measurement], id: int = 1) -> Measurement:
    return found["progress", account(id)]


def test_is_gold() -> None:
    assert check(plugin).level >= Level.GOLD


def test_asks_for_all_that_does_or_skips_a_step_of_any_version_once() -> None:
    config = OnboardingConfig(
        checklists=[
            checklist(step("a", times=3), step("b", skip_event="no b")),
            checklist(step("b"), step("c"), version="2", since="2026-01-01"),
        ]
    )
    milestones = (("did a", 3), ("did b", 1), ("no b", 1), ("did c", 1))
    specs = MANIFEST.inputs_for(config)
    assert (specs["totals"], specs["accounts"]) == (EventTotals(milestones), Accounts())


def test_progress_is_weight_done_over_weight_that_counts_and_the_parts_add_up() -> None:
    found = progress(
        compute({1: ["did a", "did c"]}, checklist(step("a", weight=3), step("b"), step("c", weight=4)))
    )
    assert found.value == pytest.approx(87.5)
    assert {part.key: part.points for part in found.contributions} == {"a": 37.5, "b": 0, "c": 50}


def test_optional_and_skipped_steps_leave_the_denominator() -> None:
    steps = (step("a"), step("b", optional=True), step("c", skip_event="no c"))
    assert progress(compute({1: ["did a", "no c"]}, checklist(*steps))).value == 100
    assert progress(compute({1: ["did a"]}, checklist(*steps))).value == 50
    both = progress(compute({1: ["did a", "no c", "did c", "did b"]}, checklist(*steps)))
    assert (both.value, both.details.counted_steps) == (100, 2)
    assert [one.state for one in both.details.steps] == [State.DONE, State.OPTIONAL, State.DONE]


def test_the_first_step_that_counts_and_is_not_done_is_due_with_its_guide() -> None:
    steps = (step("a"), step("z", optional=True), step("b", guide="https://help.example.com/b"), step("c"))
    due = progress(compute({1: ["did a"]}, checklist(*steps))).details.next_step
    assert (due.key, due.guide, due.state) == ("b", "https://help.example.com/b", State.DUE)
    out_of_order = progress(compute({1: ["did c"]}, checklist(*steps)))
    assert [one.state for one in out_of_order.details.steps] == [
        State.DUE,
        State.OPTIONAL,
        State.OPEN,
        State.DONE,
    ]
    assert progress(compute({1: ["did a", "did b", "did c"]}, checklist(*steps))).details.next_step is None


def test_steps_for_other_plans_do_not_apply() -> None:
    steps = checklist(step("a"), step("b", plans=["pro"]))
    accounts: list[Row] = [
        {"account": 1, "plan": "pro"},
        {"account": 2, "plan": "free"},
        {"account": 3, "plan": None},
    ]
    found = compute({id: ["did a"] for id in (1, 2, 3)}, steps, accounts=accounts)
    assert [progress(found, id).value for id in (1, 2, 3)] == [50, 100, 100]


def test_who_began_keeps_the_version_of_that_day_in_the_tenants_zone() -> None:
    versions = (checklist(step("a")), checklist(step("a"), step("b"), version="2", since="2026-06-20"))
    accounts: list[Row] = [
        {"account": 1, "started_at": began(10, SEOUL) - timedelta(seconds=1)},
        {"account": 2, "started_at": began(10, SEOUL)},
        {"account": 3, "started_at": None},
    ]
    found = compute({id: ["did a"] for id in (1, 2, 3)}, *versions, accounts=accounts, timezone=SEOUL)
    said = [(progress(found, id).details.version, progress(found, id).value) for id in (1, 2, 3)]
    assert said == [("1", 100), ("2", 50), ("1", 100)]


def test_an_account_for_which_no_step_counts_has_no_data() -> None:
    found = progress(compute({1: []}, checklist(step("a", optional=True))))
    assert (found.value, found.status) == (None, Status.NO_DATA)


def test_the_mean_is_of_those_who_started_lately_and_says_where_they_are_stuck() -> None:
    accounts: list[Row] = [
        {"account": id, "started_at": began(ago)} for id, ago in ((1, 1), (2, 89), (3, 90))
    ]
    accounts.append({"account": 4, "started_at": None})
    done = {1: ["did a"], 2: ["did a", "did b"], 3: [], 4: []}
    found = compute(done, checklist(step("a"), step("b")), accounts=accounts)["average", TENANT]
    assert (found.value, found.n, found.details.complete, found.details.stuck_at) == (75, 2, 1, "b")
    assert [(one.key, one.done_share, one.stuck) for one in found.details.steps] == [
        ("a", 1, 0),
        ("b", 0.5, 1),
    ]


@pytest.mark.parametrize(
    ("checklists", "cause"),
    [
        ([checklist(step("a"), step("a"))], "the step a twice"),
        ([checklist(step("a")), checklist(step("a"), since="2026-01-01")], "of version 1"),
        ([checklist(step("a"), since="2026-01-01")], "oldest first"),
        ([checklist(step("a")), checklist(step("a"), version="2")], "oldest first"),
        ([checklist()], "at least 1"),
        ([checklist(step("a", weight=0))], "greater than 0"),
    ],
)
def test_an_impossible_checklist_is_refused(checklists: list[Row], cause: str) -> None:
    with pytest.raises(ValidationError, match=cause):
        OnboardingConfig(checklists=checklists)


STEPS = checklist(
    step("a", weight=3), step("b", skip_event="no b"), step("c", optional=True), step("d", weight=0.5)
)
events = st.lists(st.sampled_from(["did a", "did b", "no b", "did c", "did d"]), max_size=5, unique=True)


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.integers(1, 4), events, max_size=4))
def test_any_progress_keeps_the_contract_and_doing_more_never_sets_anybody_back(
    done: dict[int, list[str]],
) -> None:
    found = compute(done, STEPS)
    for id, own in done.items():
        value = progress(found, id).value
        assert value is not None
        assert 0 <= value <= 100
        more = compute({id: [*own, *({"did a", "did b", "did d"} - set(own))]}, STEPS)
        assert progress(more, id).value == 100
    of = OnboardingConfig(checklists=[STEPS])
    assert conformance_problems(plugin, requests=[request_for(MANIFEST, {}, config=of)]) == []
