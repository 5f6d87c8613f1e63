"""What the inputs mean, told plainly: computed from the stored events and customers, without any roll-up."""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from engage_server.customers.models import Account
from engage_server.sdk import (
    ANY_VALUE,
    AccountWeeks,
    Activation,
    ActiveDays,
    ActiveMinutes,
    ActivePersons,
    ActiveSeries,
    ActivityBy,
    EventCounts,
    EventTotals,
    FeatureReach,
    FeatureUse,
    FirstSeen,
    InputSpec,
    PersonDays,
    Retention,
    Sessions,
    SignupActions,
    SignupDays,
    SignupMilestones,
    WeightedEvents,
    Window,
)
from tests.activity.uses import Use, counted_uses, first_day, grouped, minutes, qualifying, within

Rows = Iterable[tuple]


def active_persons(spec: ActivePersons, window: Window, uses: list[Use]) -> Rows:
    found = qualifying(within(uses, window, spec.days), spec.event_class)
    return {(use.person, use.account) for use in found}


def active_days(spec: ActiveDays, window: Window, uses: list[Use]) -> Rows:
    found = qualifying(within(uses, window, spec.days), spec.event_class)
    return {(use.day, use.person, use.account) for use in found}


def feature_use(spec: FeatureUse, window: Window, uses: list[Use]) -> Rows:
    used = [use for use in within(uses, window, spec.days) if use.name.feature_id]
    features = defaultdict(list)
    days = defaultdict(set)
    for use in used:
        features[use.person, use.account, use.name.feature_id, use.name.feature.name].append(use)
        days[use.person, use.name.feature_id].add(use.day)
    return [
        (*key, len(group), len({use.day for use in group}), len(days[key[0], key[2]]))
        for key, group in features.items()
    ]


def event_counts(spec: EventCounts, window: Window, uses: list[Use]) -> Rows:
    used = [use for use in within(uses, window, spec.days) if not spec.names or use.name.name in spec.names]
    return [
        (person, account, name.name, len(group), float(name.weight), name.polarity)
        for (person, account, name), group in grouped(used, "person", "account", "name").items()
    ]


def weighted_events(spec: WeightedEvents, window: Window, uses: list[Use]) -> Rows:
    caps = dict(spec.daily_caps)
    daily = grouped(within(uses, window, spec.days), "account", "name", "person", "day")
    totals: dict[tuple, list[float]] = defaultdict(lambda: [0, 0])
    for (account, name, _, day), group in daily.items():
        cap = caps.get(name.name, spec.daily_cap)
        aged = 0.5 ** ((window.day - day).days / spec.half_life_days) if spec.half_life_days else 1
        total = totals[account, name]
        total[0] += len(group)
        total[1] += (len(group) if cap is None else min(len(group), cap)) * round(aged, 9)
    return [
        (account, name.name, count, round(counted, 9), float(name.weight), name.polarity)
        for (account, name), (count, counted) in totals.items()
    ]


def person_days(spec: PersonDays, window: Window, uses: list[Use]) -> Rows:
    groups = grouped(within(uses, window, spec.days), "day", "person", "account")
    return [(*key, len(group), minutes(group), group[0].at, group[-1].at) for key, group in groups.items()]


def active_minutes(spec: ActiveMinutes, window: Window, uses: list[Use]) -> Rows:
    groups = grouped(within(uses, window, spec.days), "person", "account")
    return [(*key, minutes(group), len({use.day for use in group})) for key, group in groups.items()]


def sessions(spec: Sessions, window: Window, uses: list[Use]) -> Rows:
    idle, longest = timedelta(minutes=spec.idle_minutes), timedelta(hours=spec.max_hours)
    found: list[list[Use]] = []
    for group in grouped(uses, "person").values():
        current: list[Use] = []
        for use in group:
            if not current or use.at - current[-1].at > idle or use.at - current[0].at > longest:
                current = []
                found.append(current)
            current.append(use)
    return [
        (s[0].person, s[0].account, s[0].at, (s[-1].at - s[0].at).total_seconds(), len(s))
        for s in found
        if s[0].day >= first_day(window, spec.days)
    ]


def active_series(spec: ActiveSeries, window: Window, uses: list[Use]) -> Rows:
    done = [use for use in uses if spec.event in {None, use.name.name}]
    for before in range(spec.days - 1, -1, -1):
        day = window.day - timedelta(days=before)
        active = [use for use in done if day - timedelta(days=spec.trailing) < use.day <= day]
        yield day, len({use.person for use in active}), len({use.account for use in active} - {None})


def first_seen(spec: FirstSeen, window: Window, uses: list[Use]) -> Rows:
    firsts = [group[0] for group in grouped(uses, "person").values()]
    return [(use.person, use.account, use.at) for use in within(firsts, window, spec.days)]


def activation(spec: Activation, window: Window, uses: list[Use]) -> Rows:
    signups = [use for use in uses if spec.signup_event in {None, use.name.name}]
    if spec.signup_event is None and uses:
        settled = uses[0].at + timedelta(days=spec.settling_days)
        early = {use.person for use in uses if use.at < settled}
        signups = [use for use in signups if use.person not in early]
    everything = grouped(uses, "person")
    for person, account, at in first_seen(FirstSeen(days=spec.days), window, signups):
        until = at + timedelta(days=spec.within_days)
        hits = [use.at for use in everything[(person,)] if use.name.name == spec.activation_event]
        hits = [hit for hit in hits if at <= hit < until]
        yield person, account, at, hits[spec.times - 1] if len(hits) >= spec.times else None


def counts_for(use: Use, milestone: str, signup_event: str | None) -> bool:
    if milestone == ANY_VALUE:
        return use.name.event_class == "VALUE" and use.name.name != signup_event
    return use.name.name == milestone


def signup_milestones(spec: SignupMilestones, window: Window, uses: list[Use]) -> Rows:
    signed_up = Activation(
        "", days=spec.days, signup_event=spec.signup_event, settling_days=spec.settling_days
    )
    everything = grouped(uses, "person")
    for person, account, at, _ in activation(signed_up, window, uses):
        until = at + timedelta(days=spec.within_days)
        times = []
        for milestone, number in spec.milestones:
            hits = [u.at for u in everything[(person,)] if counts_for(u, milestone, spec.signup_event)]
            hits = [hit for hit in hits if at <= hit < until]
            times.append(hits[number - 1] if len(hits) >= number else None)
        yield person, account, at, *times


def signup_days(spec: SignupDays, window: Window, uses: list[Use]) -> Rows:
    signed_up = Activation(
        "", days=spec.days, signup_event=spec.signup_event, settling_days=spec.settling_days
    )
    everything = grouped(uses, "person")
    for person, account, at, _ in activation(signed_up, window, uses):
        later = [use for use in everything[(person,)] if use.at >= at]
        for (day,), group in grouped(later, "day").items():
            offset = (day - later[0].day).days
            if offset < spec.length:
                done = [use for use in group if use.name.event_class != "NOTICE"]
                of_value = [use for use in group if counts_for(use, ANY_VALUE, spec.signup_event)]
                yield person, account, at, offset, len(done), len(of_value), minutes(done)


def signup_actions(spec: SignupActions, window: Window, uses: list[Use]) -> Rows:
    signed_up = Activation(
        "", days=spec.days, signup_event=spec.signup_event, settling_days=spec.settling_days
    )
    everything = grouped([use for use in uses if use.name.event_class != "NOTICE"], "person")
    for person, account, at, _ in activation(signed_up, window, uses):
        born = at.astimezone(ZoneInfo(window.timezone)).date()
        all_of_it = everything.get((person,), [])
        later = [use for use in all_of_it if use.at >= at and (use.day - born).days < spec.length]
        back = {u.day for u in all_of_it if spec.back_from <= (u.day - born).days <= spec.back_to}
        is_over = born + timedelta(days=spec.back_to) <= window.day
        for (name, day), group in grouped(later, "name", "day").items():
            offset = (day - born).days
            yield person, account, at, name.name, offset, len(group), len(back) if is_over else None


def account_weeks(spec: AccountWeeks, window: Window, uses: list[Use]) -> Rows:
    done = [
        use for use in within(uses, window, spec.days) if use.account and use.name.event_class != "NOTICE"
    ]
    weeks = defaultdict(list)
    for use in done:
        weeks[use.account, (window.day - use.day).days // 7].append(use)
    for key, group in weeks.items():
        person_days = {(use.person, use.day) for use in group}
        yield *key, len({use.person for use in group}), len(person_days), len(group)


def event_totals(spec: EventTotals, window: Window, uses: list[Use]) -> Rows:
    for place, (milestone, aim) in enumerate(spec.milestones, 1):
        done = [use for use in uses if use.account is not None and counts_for(use, milestone, None)]
        for (account,), group in grouped(done, "account").items():
            reached = group[aim - 1].day if len(group) >= aim else None
            yield account, place, len(group), group[0].day, reached


def retention(spec: Retention, window: Window, uses: list[Use]) -> Rows:
    """Each member's periods one by one, as the specification tells."""
    whose: Callable[[Use], int | None] = lambda use: getattr(use, spec.subject)  # noqa: E731
    born: dict[int, Use] = {}
    for use in uses:
        if whose(use) is not None and spec.birth_event in {None, use.name.name}:
            born.setdefault(whose(use), use)
    return retention_of(spec, window, uses, born)


def retention_of(spec: Retention, window: Window, uses: list[Use], born: dict[int, Use]) -> Rows:
    """The same where it is known who was born with which event."""
    starts: dict[str, Callable[[date], date]] = {
        "day": lambda day: day,
        "week": lambda day: day - timedelta(days=day.weekday()),
        "month": lambda day: day.replace(day=1),
    }
    back = defaultdict(list)
    for use in uses:
        if spec.event in {None, use.name.name}:
            back[getattr(use, spec.subject)].append(use)
    cohorts = defaultdict(list)
    for member, birth in born.items():
        if birth.day >= first_day(window, spec.days):
            cohorts[starts[spec.cohort](birth.day)].append((member, birth))
    for cohort, members in cohorts.items():
        for first, past in spec.brackets or [(offset, offset) for offset in spec.offsets]:
            eligible = [
                (member, birth)
                for member, birth in members
                if period_end(spec, birth, past) <= (window.end if spec.clock == "rolling" else window.day)
            ]
            retained = [
                member
                for member, birth in eligible
                if is_retained(
                    spec, {period_of(spec, birth, use) for use in back[member]} - {None}, first, past
                )
            ]
            yield cohort, first, len(members), len(eligible), len(retained)


def is_retained(spec: Retention, periods: set[int | None], first: int, past: int) -> bool:
    """Whether who was active in these periods came back."""
    if spec.mode == "on_or_after":
        return any(number is not None and number >= first for number in periods)
    if spec.mode == "on_or_before":
        return any(number in periods for number in range(min(1, past), past + 1))
    if spec.mode == "streak":
        return all(number in periods for number in range(min(1, past), past + 1))
    return any(number in periods for number in range(first, past + 1))


def period_of(spec: Retention, birth: Use, use: Use) -> int | None:
    """In which of the member's periods the event lies; None where it was before the birth."""
    if spec.clock == "rolling":
        hours = {"day": 24, "week": 168}[spec.unit]
        return None if use.at < birth.at else (use.at - birth.at) // timedelta(hours=hours)
    if use.day < birth.day:
        return None
    return next(number for number in range(10_000) if use.day <= period_end(spec, birth, number))


def period_end(spec: Retention, birth: Use, number: int) -> date | datetime:
    """The last day of the period, or by the rolling clock the moment after it."""
    if spec.clock == "rolling":
        return birth.at + timedelta(hours={"day": 24, "week": 168}[spec.unit] * (number + 1))
    base = birth.day
    if spec.clock == "calendar" and spec.unit == "week":
        base -= timedelta(days=base.weekday())
    if spec.clock == "calendar" and spec.unit == "month":
        base = base.replace(day=1)
    if spec.unit != "month":
        return base + timedelta(days=(7 if spec.unit == "week" else 1) * (number + 1) - 1)
    year, month = divmod(base.year * 12 + base.month + number, 12)
    return date(year, month + 1, min(base.day, monthrange(year, month + 1)[1])) - timedelta(days=1)


def feature_reach(spec: FeatureReach, window: Window, uses: list[Use]) -> Rows:
    features = defaultdict(list)
    for use in within(uses, window, spec.days):
        if use.name.feature_id:
            features[use.name.feature_id, use.name.feature.name].append(use)
    for key, group in features.items():
        yield *key, len({use.person for use in group}), len({use.account for use in group} - {None})


def activity_by(spec: ActivityBy, window: Window, uses: list[Use]) -> Rows:
    accounts = {account.id: account for account in Account.objects.all()}
    group_of: dict[str, Callable[[Use], str | None]] = {
        "account": lambda use: use.account and str(use.account),
        "plan": lambda use: (accounts[use.account].plan or None) if use.account else None,
        "stage": lambda use: accounts[use.account].stage if use.account else None,
        "trait": lambda use: accounts[use.account].traits.get(spec.trait) if use.account else None,
        "feature": lambda use: use.name.feature and use.name.feature.name,
    }
    groups = defaultdict(list)
    for use in within(uses, window, spec.days):
        groups[group_of[spec.by](use)].append(use)
    for group, found in groups.items():
        yield (
            group,
            len({use.person for use in found}),
            len({use.account for use in found} - {None}),
            len(found),
        )


REFERENCE: dict[type[InputSpec], Callable[[InputSpec, Window, list[Use]], Rows]] = {
    AccountWeeks: account_weeks,
    Activation: activation,
    ActiveDays: active_days,
    ActiveMinutes: active_minutes,
    ActivePersons: active_persons,
    ActiveSeries: active_series,
    ActivityBy: activity_by,
    EventCounts: event_counts,
    EventTotals: event_totals,
    WeightedEvents: weighted_events,
    FeatureReach: feature_reach,
    FeatureUse: feature_use,
    FirstSeen: first_seen,
    PersonDays: person_days,
    Retention: retention,
    Sessions: sessions,
    SignupActions: signup_actions,
    SignupDays: signup_days,
    SignupMilestones: signup_milestones,
}


def reference(spec: InputSpec, window: Window) -> list[tuple]:
    """The rows that the input has to have, in any order."""
    return list(REFERENCE[type(spec)](spec, window, counted_uses(window)))
