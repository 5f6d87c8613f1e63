"""Onboarding progress: how far accounts and sign-ups are through a weighted, versioned checklist."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain
from typing import Annotated

from engage_onboarding import card
from engage_onboarding.config import OnboardingConfig
from engage_onboarding.following import Rows, follow_accounts, follow_signups
from engage_onboarding.overview import OnboardingOverview, overview
from engage_onboarding.progress import Progress, StepState
from engage_server.sdk import (
    TENANT,
    Accounts,
    Answer,
    EventTotals,
    InputSpec,
    Plugin,
    Sample,
    SignupMilestones,
    Subject,
    account,
    catalogues_beside,
)

plugin = Plugin(
    "onboarding",
    sdk=">=2,<3",
    config=OnboardingConfig,
    title={"en": "Onboarding", "ko": "온보딩"},
    starter=False,
    owner="Engage maintainers",
    licence="Apache-2.0",
    catalogues=catalogues_beside("engage_onboarding"),
)
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


def of_accounts(config: OnboardingConfig) -> dict[str, InputSpec]:
    """What accounts did since ever of all that does or skips a step."""
    return {"totals": EventTotals(config.milestones), "accounts": Accounts()}


def of_signups(config: OnboardingConfig) -> dict[str, InputSpec]:
    """The sign-ups that are onboarded now, with the times at which they did so."""
    spec = SignupMilestones(
        milestones=config.milestones,
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
        (found, 1)
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
    by_account: dict[int | None, list[tuple[Progress, int]]] = {}
    for id, found, number in follow_signups(rows):
        by_account.setdefault(id, []).append((found, number))
    yield TENANT, overview(chain.from_iterable(by_account.values()), rows.config)
    listed = rows["accounts"]["account"].drop_nulls().to_list()
    for id in sorted({*listed, *(id for id in by_account if id is not None)}):
        yield account(id), overview(by_account.get(id, []), rows.config)
