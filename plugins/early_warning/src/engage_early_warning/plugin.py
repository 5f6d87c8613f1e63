"""Early warning: whose use falls against its own baseline, and how early that was known of those who left."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median, quantiles
from typing import Annotated, Final

from engage_early_warning import cards
from engage_early_warning.config import EarlyWarningConfig
from engage_early_warning.departures import departures
from engage_early_warning.falls import Episode, Falls, falls
from engage_early_warning.lead_times import held_against
from engage_server.sdk import (
    TENANT,
    AccountHistory,
    AccountWeeks,
    Answer,
    Computation,
    InputSpec,
    Plugin,
    Sample,
    Subject,
    Subscriptions,
    account,
    catalogues_beside,
)
from engage_server.sdk.intervals import wilson

CATEGORY: Final = "retention"
plugin = Plugin(
    "early_warning",
    sdk=">=2,<3",
    config=EarlyWarningConfig,
    title={"en": "Early warning", "ko": "조기 경보"},
    starter=False,
    owner="Engage maintainers",
    licence="Apache-2.0",
    catalogues=catalogues_beside("engage_early_warning"),
)


@dataclass(frozen=True, slots=True)
class AccountFall:
    """What an account's fall is made of."""

    is_alarming: Annotated[bool, "Whether the last weeks are all so low that somebody should look."]
    since: Annotated[date | None, "First day of the first low week; null where there is no alarm."]
    days: Annotated[int | None, "Days since then."]
    measure: Annotated[str, "What fell most: person_days, persons or events, each of a week."]
    baseline: Annotated[float, "Median of a week before."]
    recent: Annotated[float, "Mean of the last weeks."]


@dataclass(frozen=True, slots=True)
class Alarming:
    """How many accounts alarm."""

    alarming: Annotated[int, "Accounts with an alarm."]
    judged: Annotated[int, "Accounts with a baseline, that have not left."]


@dataclass(frozen=True, slots=True)
class LeadTime:
    """How good the warning was."""

    left: Annotated[int, "Accounts that left, of those that had a baseline."]
    warned: Annotated[int, "Of them, those with an alarm in time."]
    missed: Annotated[int, "Of them, those without."]
    warned_share: Annotated[float | None, "Share of those who left that were warned of; 0 to 1."]
    p25_days: Annotated[float | None, "A quarter of the warned had at most so many days."]
    p75_days: Annotated[float | None, "Three quarters of the warned had at most so many days."]
    right_alarms: Annotated[int, "Alarms after which the account left within the horizon."]
    false_alarms: Annotated[int, "Alarms after which it did not."]
    open_alarms: Annotated[int, "Alarms whose horizon is not over yet."]
    precision: Annotated[float | None, "Share of the decided alarms that were right; 0 to 1."]
    precision_low: Annotated[float | None, "Lower bound of precision (Wilson, 95%)."]
    precision_high: Annotated[float | None, "Upper bound of precision."]


@dataclass(frozen=True, slots=True)
class _Watch:
    """What all metrics rest on."""

    falls: Falls
    left: dict[int, date]

    @property
    def ongoing(self) -> dict[int, Episode]:
        """The alarm of each account that has one now."""
        return {one.account: one for one in self.falls.episodes if one.is_ongoing}

    @property
    def watched(self) -> list[int]:
        """Accounts that had a baseline before they left, if they did, and so could have been warned of."""
        return sorted(
            id
            for id, judged_from in self.falls.judged_from.items()
            if id not in self.left or judged_from < self.left[id]
        )

    @property
    def here(self) -> list[int]:
        """Accounts with a baseline that have not left."""
        return [id for id in sorted(self.falls.newest) if id not in self.left]


def _inputs(config: EarlyWarningConfig) -> Mapping[str, InputSpec]:
    return {
        "weeks": AccountWeeks(days=config.days),
        "subscriptions": Subscriptions(days=config.days),
        "history": AccountHistory(),
    }


def _watch(rows: Computation[EarlyWarningConfig]) -> _Watch:
    return _Watch(
        falls(rows["weeks"], rows.day, rows.config),
        departures(rows["subscriptions"], rows["history"], rows.day),
    )


@plugin.metric(
    "fall",
    title={"en": "Fall of use", "ko": "사용 감소"},
    unit="%",
    direction="DOWN",
    card=cards.FALL,
    details=AccountFall,
    subjects=("account",),
    inputs=_inputs,
    of_all=True,
    category=CATEGORY,
    sample=Sample.THINGS,
    no_interval="It compares counts of everything that was done; nothing was sampled.",
)
def fall(rows: Computation[EarlyWarningConfig]) -> Iterator[tuple[Subject, Answer]]:
    """Each account's fall against its own baseline."""
    watch = rows.once(_watch)
    ongoing = watch.ongoing
    for id in watch.here:
        one, alarm = watch.falls.newest[id], ongoing.get(id)
        since = alarm.onset if alarm else None
        details = AccountFall(
            is_alarming=alarm is not None,
            since=since,
            days=None if since is None else (rows.day - since).days + 1,
            measure=one.measure,
            baseline=one.baseline,
            recent=one.recent,
        )
        yield account(id), Answer(one.percent, n=rows.config.baseline_weeks, details=details)


@plugin.metric(
    "alarming",
    title={"en": "Accounts that alarm", "ko": "경보 고객 비율"},
    unit="%",
    direction="DOWN",
    card=cards.ALARMING,
    details=Alarming,
    subjects=("tenant",),
    inputs=_inputs,
    category=CATEGORY,
    sample=Sample.THINGS,
)
def alarming(rows: Computation[EarlyWarningConfig]) -> Answer | None:
    """The share of the judged accounts with an alarm."""
    watch = rows.once(_watch)
    judged = len(watch.here)
    if not judged:
        return None
    ongoing = watch.ongoing
    number = sum(id in ongoing for id in watch.here)
    return Answer(
        100 * number / judged, n=judged, details=Alarming(number, judged), interval=wilson(number, judged)
    )


@plugin.metric(
    "lead_time",
    title={"en": "Lead time of the warning", "ko": "경보 선행 기간"},
    unit={"en": "days", "ko": "일"},
    direction="UP",
    card=cards.LEAD_TIME,
    details=LeadTime,
    subjects=("tenant",),
    inputs=_inputs,
    of_all=True,
    category=CATEGORY,
    sample=Sample.THINGS,
    no_interval="The quartiles say how far lead times lie apart.",
)
def lead_time(rows: Computation[EarlyWarningConfig]) -> Iterator[tuple[Subject, Answer]]:
    """The median days from alarm to leaving, with what was missed and what was false."""
    watch, config = rows.once(_watch), rows.config
    needed = config.baseline_weeks + config.alarm_weeks
    record = held_against(
        watch.falls.episodes,
        watch.left,
        watched=watch.watched,
        day=rows.day,
        first=rows.day - timedelta(days=config.days - 7 * needed),
        horizon_days=config.horizon_days,
    )
    departed, decided = len(record.leads) + record.missed, record.right + record.wrong
    if not departed and not decided and not record.open:
        return
    lower, upper = _quartiles(record.leads)
    bounds = wilson(record.right, decided, scale=1)
    details = LeadTime(
        left=departed,
        warned=len(record.leads),
        missed=record.missed,
        warned_share=len(record.leads) / departed if departed else None,
        p25_days=lower,
        p75_days=upper,
        right_alarms=record.right,
        false_alarms=record.wrong,
        open_alarms=record.open,
        precision=record.right / decided if decided else None,
        precision_low=None if bounds is None else float(bounds.low),
        precision_high=None if bounds is None else float(bounds.high),
    )
    yield TENANT, Answer(median(record.leads) if record.leads else None, n=departed, details=details)


def _quartiles(leads: tuple[int, ...]) -> tuple[float | None, float | None]:
    if not leads:
        return None, None
    if len(leads) == 1:
        return float(leads[0]), float(leads[0])
    lower, _, upper = quantiles(leads, n=4, method="inclusive")
    return lower, upper
