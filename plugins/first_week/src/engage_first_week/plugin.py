"""How the first week of sign-ups goes: active days, events of value, how long they stayed, and whether the aha came."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

from engage_first_week import card
from engage_first_week.config import WEEK, FirstWeekConfig
from engage_first_week.signups import FIGURES, PARTS, weeks
from engage_server.sdk import (
    TENANT,
    Answer,
    Computation,
    Contribution,
    InputSpec,
    Plugin,
    SignupDays,
    SignupMilestones,
    Status,
    Subject,
    account,
    catalogues_beside,
)
from engage_server.sdk.cohorts import pairs

plugin = Plugin(
    "first_week",
    sdk=">=2,<3",
    config=FirstWeekConfig,
    title={"en": "First-week engagement", "ko": "첫 주 참여도"},
    starter=False,
    owner="Engage maintainers",
    licence="Apache-2.0",
    catalogues=catalogues_beside("engage_first_week"),
)
LABELS: Final = {
    "days": "Active days",
    "value": "Events of value",
    "last_day": "Last active day",
    "aha": "Aha reached",
}


@dataclass(frozen=True, slots=True)
class FirstWeek:
    """How the first week went, of sign-ups together."""

    signups: Annotated[int, "Sign-ups that the value is made of."]
    days_passed: Annotated[float | None, "Mean days of the first week that have passed; 7 where it is over."]
    active_days: Annotated[float | None, "Mean number of active days."]
    value_events: Annotated[float | None, "Mean number of events of value."]
    last_active_day: Annotated[
        float | None, "Mean last active day; 0 is that of the sign-up, 6 the last of the week."
    ]
    aha_share: Annotated[float | None, "Who came to the aha, 0 to 1."]
    dropped_share: Annotated[
        float | None, "Who was not seen after drop_off_day, 0 to 1; null before the week is over."
    ]
    dropped_before_aha: Annotated[float | None, "Likewise, and had not come to the aha."]
    dropped_after_short: Annotated[
        float | None, "Likewise, and was there for less than short_minutes in all."
    ]
    alarm: Annotated[bool, "The score is below alarm_below, in proportion before the week is over."]


def inputs(config: FirstWeekConfig) -> dict[str, InputSpec]:
    """Sign-ups of the cohort and of the running week, with their days and the times of the aha."""
    days, signup = config.cohort_days + WEEK - 1, config.signup_event or None
    return {
        # The last moment of the seventh calendar day may lie a few hours after seven times 24, where clocks change.
        "signups": SignupMilestones(pairs(config.aha), WEEK + 1, days, signup, config.existing_users_days),
        "days": SignupDays(WEEK, days, signup, config.existing_users_days),
    }


@plugin.metric(
    "score",
    title={"en": "First-week engagement", "ko": "첫 주 참여도"},
    unit={"en": "points", "ko": "점"},
    card=card.SCORE,
    details=FirstWeek,
    inputs=inputs,
    of_all=True,
    category="onboarding",
    no_interval="A mean of parts that are cut off at their targets follows no known distribution.",
)
def score(rows: Computation[FirstWeekConfig]) -> Iterator[tuple[Subject, Answer]]:
    """For the tenant and each account: the mean score of the sign-ups whose week is over, else of the running ones."""
    table = rows.once(weeks)
    of_tenant = {row["is_over"]: row for row in table.group_by("is_over").agg(FIGURES).iter_rows(named=True)}
    yield TENANT, _answer(of_tenant, rows.config)
    by_account: dict[int, dict[bool, Mapping[str, Any]]] = {}
    for row in table.drop_nulls("account").group_by("account", "is_over").agg(FIGURES).iter_rows(named=True):
        by_account.setdefault(row["account"], {})[row["is_over"]] = row
    listed = rows["accounts"]["account"].drop_nulls().to_list()
    for id in sorted({*by_account, *listed}):
        yield account(id), _answer(by_account.get(id, {}), rows.config)


def _answer(found: Mapping[bool, Mapping[str, Any]], config: FirstWeekConfig) -> Answer:
    row = found.get(True) or found.get(False)
    if row is None:
        return Answer(None, n=0)
    weights, is_over = config.weights, row["is_over"]
    parts = tuple(
        Contribution(
            part,
            LABELS[part],
            100 * row[f"full_{part}"],
            points=100 * getattr(weights, part) * row[f"full_{part}"] / weights.total,
            weight=getattr(weights, part),
            n=row["signups"],
        )
        for part in PARTS
    )
    value = sum(float(part.points or 0) for part in parts)
    details = FirstWeek(
        signups=row["signups"],
        days_passed=row["passed"],
        active_days=row["active_days"],
        value_events=row["value_events"],
        last_active_day=row["last_day"],
        aha_share=row["reached"],
        dropped_share=row["dropped"] if is_over else None,
        dropped_before_aha=row["dropped_before_aha"] if is_over else None,
        dropped_after_short=row["dropped_after_short"] if is_over else None,
        alarm=value < config.alarm_below * row["passed"] / WEEK,
    )
    return Answer(
        value,
        n=row["signups"],
        details=details,
        parts=parts,
        status=None if is_over else Status.IMMATURE,
        normalised=min(value, 100.0),
    )
