"""Onboarding progress: how far accounts and sign-ups are through a weighted, versioned checklist."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain
from statistics import fmean
from typing import Annotated

import polars as pl

from engage_onboarding import card
from engage_onboarding.config import OnboardingConfig
from engage_onboarding.progress import Done, Progress, State, StepState, follow
from engage_server.sdk import (
    TENANT,
    Accounts,
    Answer,
    Computation,
    EventTotals,
    InputSpec,
    Plugin,
    Sample,
    SignupGoals,
    Subject,
    account,
)

plugin = Plugin(
    "onboarding",
    sdk=">=2,<3",
    config=OnboardingConfig,
    title={"en": "Onboarding", "ko": "온보딩"},
    starter=False,
    owner="Engage maintainers",
    licence="Apache-2.0",
)
Rows = Computation[OnboardingConfig]
Answers = Iterator[tuple[Subject, Answer]]
ALL_COUNTED = "All of them are counted; there is no sample."


@dataclass(frozen=True, slots=True)
class OnboardingProgress:
    """How far one account is, and what it is to do next."""

    version: Annotated[str, "Version of the checklist that the account began with."]
    done_steps: Annotated[int, "Steps done, of those that count."]
    counted_steps: Annotated[int, "Steps that count: neither optional nor skipped."]
    completed_on: Annotated[date | None, "Day on which the last of them was done."]
    next_step: Annotated[StepState | None, "The step that is due; null where all are done."]
    steps: Annotated[tuple[StepState, ...], "All steps that apply to the account, in their order."]


@dataclass(frozen=True, slots=True)
class StepReach:
    """How many came over a step."""

    key: Annotated[str, "Name for programs."]
    title: Annotated[str, "What to do."]
    done_share: Annotated[float, "Who has done it / whom it counts for, 0 to 1."]
    stuck: Annotated[int, "For whom it is the step that is due."]


@dataclass(frozen=True, slots=True)
class OnboardingOverview:
    """How far those are who began lately."""

    complete: Annotated[int, "Have done all steps that count."]
    complete_share: Annotated[float | None, "Likewise of all, 0 to 1."]
    steps: Annotated[tuple[StepReach, ...], "Each step, in the order of the newest checklist."]
    stuck_at: Annotated[str | None, "Key of the step that is due for most."]


def of_accounts(config: OnboardingConfig) -> dict[str, InputSpec]:
    """What accounts did since ever of all that does or skips a step."""
    return {"totals": EventTotals(config.goals), "accounts": Accounts()}


def of_signups(config: OnboardingConfig) -> dict[str, InputSpec]:
    """The sign-ups that are onboarded now, with the times at which they did so."""
    spec = SignupGoals(
        goals=config.goals,
        within_days=config.cohort_days + 1,
        days=config.cohort_days,
        signup_event=config.signup_event or None,
        settling_days=config.existing_users_days,
    )
    return {"signups": spec, "accounts": Accounts()}


@plugin.metric(
    "progress",
    title={"en": "Onboarding progress", "ko": "온보딩 진행률"},
    unit="%",
    subjects=("account",),
    card=card.PROGRESS,
    details=OnboardingProgress,
    inputs=of_accounts,
    of_all=True,
    category="onboarding",
    sample=Sample.THINGS,
    no_interval=ALL_COUNTED,
)
def progress(rows: Rows) -> Answers:
    """Per account: weight of the steps done / weight of the steps that count."""
    for id, _, found in rows.once(follow_accounts):
        details = OnboardingProgress(
            version=found.version,
            done_steps=found.done,
            counted_steps=len(found.counted),
            completed_on=found.completed_on,
            next_step=found.due,
            steps=found.steps,
        )
        yield account(id), Answer(found.value, n=len(found.counted), details=details, parts=found.points)


@plugin.metric(
    "average",
    title={"en": "Mean onboarding progress of accounts", "ko": "계정 평균 온보딩 진행률"},
    unit="%",
    subjects=("tenant",),
    card=card.AVERAGE,
    details=OnboardingOverview,
    inputs=of_accounts,
    category="onboarding",
    sample=Sample.THINGS,
    no_interval=ALL_COUNTED,
)
def average(rows: Rows) -> Answer:
    """The mean progress of the accounts that started within the trailing ``cohort_days``."""
    oldest = rows.day - timedelta(days=rows.config.cohort_days)
    recent = (
        found
        for _, began_on, found in rows.once(follow_accounts)
        if began_on is not None and began_on > oldest
    )
    return overview(recent, rows.config)


@plugin.metric(
    "of_persons",
    title={"en": "Mean onboarding progress of sign-ups", "ko": "가입자 평균 온보딩 진행률"},
    unit="%",
    card=card.OF_PERSONS,
    details=OnboardingOverview,
    inputs=of_signups,
    of_all=True,
    category="onboarding",
    no_interval=ALL_COUNTED,
)
def of_persons(rows: Rows) -> Answers:
    """For the tenant and each account: the mean progress of the persons who signed up within ``cohort_days``."""
    by_account: dict[int | None, list[Progress]] = {}
    for id, found in follow_signups(rows):
        by_account.setdefault(id, []).append(found)
    yield TENANT, overview(chain.from_iterable(by_account.values()), rows.config)
    listed = rows["accounts"]["account"].drop_nulls().to_list()
    for id in sorted({*listed, *(id for id in by_account if id is not None)}):
        yield account(id), overview(by_account.get(id, []), rows.config)


def follow_accounts(rows: Rows) -> list[tuple[int, date | None, Progress]]:
    """Each account with the day on which it started (None: unknown) and its progress, by id."""
    goals = rows.config.goals
    done: dict[int, dict[tuple[str, int], date]] = {}
    reached = rows["totals"].drop_nulls(["account", "reached_on"])
    for id, place, day in reached.select("account", "goal", "reached_on").iter_rows():
        if 1 <= place <= len(goals):
            done.setdefault(id, {})[goals[place - 1]] = day
    zone = rows.window.timezone
    accounts = rows["accounts"].select(
        "account", "plan", began_on=pl.col("started_at").dt.convert_time_zone(zone).dt.date()
    )
    return [
        (id, began_on, follow(rows.config.checklist_of(began_on), done.get(id, {}), plan or ""))
        for id, plan, began_on in accounts.sort("account").iter_rows()
    ]


def follow_signups(rows: Rows) -> Iterator[tuple[int | None, Progress]]:
    """Each sign-up's account and progress."""
    goals, zone = rows.config.goals, rows.window.timezone
    days = [f"goal_{place}" for place in range(1, len(goals) + 1)]
    table = (
        rows["signups"]
        .drop_nulls("signed_up_at")
        .join(rows["accounts"].select("account", "plan"), on="account", how="left")
    )
    local = table.select(
        "account", "plan", pl.col("signed_up_at", *days).dt.convert_time_zone(zone).dt.date()
    )
    for id, plan, began_on, *times in local.iter_rows():
        done: Done = {goal: day for goal, day in zip(goals, times, strict=True) if day is not None}
        yield id, follow(rows.config.checklist_of(began_on), done, plan or "")


def overview(found: Iterable[Progress], config: OnboardingConfig) -> Answer:
    """The mean progress of those for whom a step counts, and where they stand."""
    measured = [(one, value) for one in found if (value := one.value) is not None]
    if not measured:
        return Answer(None, n=0)
    complete = sum(1 for one, _ in measured if one.due is None)
    reach = tuple(_reach([one for one, _ in measured], config))
    stuck = max(reach, key=lambda step: step.stuck, default=None)
    details = OnboardingOverview(
        complete=complete,
        complete_share=complete / len(measured),
        steps=reach,
        stuck_at=stuck.key if stuck is not None and stuck.stuck else None,
    )
    return Answer(fmean(value for _, value in measured), n=len(measured), details=details)


def _reach(found: list[Progress], config: OnboardingConfig) -> Iterator[StepReach]:
    """Who has done each step and for whom it is due; a step of several versions is one by its key."""
    counted: Counter[str] = Counter()
    done: Counter[str] = Counter()
    due: Counter[str] = Counter()
    for one in found:
        for step in one.counted:
            counted[step.key] += 1
            done[step.key] += step.state is State.DONE
            due[step.key] += step.state is State.DUE
    titles: dict[str, str] = {}
    for checklist in reversed(config.checklists):
        for known in checklist.steps:
            titles.setdefault(known.key, known.title)
    for key, title in titles.items():
        if counted[key]:
            yield StepReach(key, title, done[key] / counted[key], due[key])
