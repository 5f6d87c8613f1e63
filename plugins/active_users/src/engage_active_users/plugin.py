"""Active, engaged and collaborating users, their lifecycle and their steadiness, of the tenant and of every account."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Final

import polars as pl

from engage_active_users import card, lifecycle, steadiness
from engage_active_users.config import ActiveUsersConfig, Span
from engage_active_users.counts import (
    DAYS,
    LONGEST,
    Count,
    all_accounts,
    count_since,
    first_day,
    is_running,
    persons_by_account,
)
from engage_active_users.lifecycle import Lifecycle, lifecycles
from engage_active_users.steadiness import Gap, Volatility
from engage_server.sdk import (
    TENANT,
    ActiveDays,
    Answer,
    Card,
    Computation,
    Contribution,
    FirstSeen,
    InputSpec,
    Plugin,
    Status,
    Subject,
    account,
    catalogues_beside,
)
from engage_server.sdk.observation import observed_days
from engage_server.sdk.rolling import rolling_counts

plugin = Plugin(
    "active_users",
    sdk=">=2,<3",
    config=ActiveUsersConfig,
    title={"en": "Active users", "ko": "활성 사용자"},
    starter=False,
    owner="Engage maintainers",
    licence="Apache-2.0",
    catalogues=catalogues_beside("engage_active_users"),
)
Rows = Computation[ActiveUsersConfig]
Answers = Iterator[tuple[Subject, Answer]]
PERSONS: Final = {"en": "persons", "ko": "명"}
EVERYBODY: Final = "Everybody is counted; there is no sample."
SATURDAY: Final = 6
"""ISO number of the first weekend day."""


@dataclass(frozen=True, slots=True)
class Actives:
    """Who was active in a window, and who of them got value."""

    persons: Annotated[int, "Distinct active persons."]
    accounts: Annotated[int | None, "Accounts with an active person; null for an account."]
    engaged_persons: Annotated[int, "Active persons with an event of class VALUE."]
    engaged_share: Annotated[float | None, "Of the active persons, 0 to 1; null where nobody was active."]
    first_day: Annotated[date, "First day of the window, which ends with the computed day."]


@dataclass(frozen=True, slots=True)
class Engaged:
    """Who got value, beside who was there."""

    active_persons: Annotated[int, "Active persons of the same window."]
    engaged_share: Annotated[float | None, "Of the active persons, 0 to 1; null where nobody was active."]
    engaged_accounts: Annotated[int | None, "Accounts with an engaged person; null for an account."]


@dataclass(frozen=True, slots=True)
class Collaboration:
    """Who shared a day with others of the account."""

    collaborators: Annotated[int, "Distinct persons with value on a shared day."]
    engaged_persons: Annotated[int, "Distinct persons with value on any day."]


def history(config: ActiveUsersConfig) -> int:
    """The days of activity that the metrics need: a month before each day of the baseline, or two calendar months."""
    return max(config.baseline_days + DAYS["month"], config.volatility_days, 2 * LONGEST)


def active(config: ActiveUsersConfig) -> dict[str, InputSpec]:
    """Who was active on which day."""
    return {"active": ActiveDays(days=history(config))}


def valuable(config: ActiveUsersConfig) -> dict[str, InputSpec]:
    """Who got value on which day."""
    return {"valuable": ActiveDays(days=LONGEST, event_class="VALUE")}


def both(config: ActiveUsersConfig) -> dict[str, InputSpec]:
    """Who was active, and who got value."""
    return active(config) | valuable(config)


def _declare(id: str, span: Span, *, korean: str, words: Card) -> None:
    @plugin.metric(
        id,
        title={"en": f"Active users, {span}", "ko": korean},
        unit=PERSONS,
        card=words,
        details=Actives,
        inputs=both,
        of_all=True,
        no_interval=EVERYBODY,
    )
    def actives(rows: Rows) -> Answers:
        return _actives(rows, span)


_declare("dau", "day", korean="일간 활성 사용자", words=card.DAU)
_declare("wau", "week", korean="주간 활성 사용자", words=card.WAU)
_declare("mau", "month", korean="월간 활성 사용자", words=card.MAU)


def _actives(rows: Rows, span: Span) -> Answers:
    start = first_day(span, rows.day, rows.config)
    whole, by_account = count_since(rows["active"], start)
    engaged, engaged_by_account = count_since(rows["valuable"], start)
    status = Status.PARTIAL if is_running(span, rows.day, rows.config) else None
    length = (rows.day - start).days + 1

    def answer(persons: int, engaged: int, accounts: int | None) -> Answer:
        details = Actives(persons, accounts, engaged, engaged / persons if persons else None, start)
        return Answer(persons, n=persons, details=details, status=status, window_days=length)

    of_tenant = answer(whole.persons, engaged.persons, whole.accounts)
    yield TENANT, _as_accounts(of_tenant, whole) if rows.config.count == "accounts" else of_tenant
    for id in all_accounts(rows["accounts"], by_account):
        yield account(id), answer(by_account.get(id, 0), engaged_by_account.get(id, 0), None)


def _as_accounts(answer: Answer, counted: Count) -> Answer:
    return Answer(
        counted.accounts,
        n=answer.n,
        details=answer.details,
        status=answer.status,
        unit="accounts",
        window_days=answer.window_days,
    )


@plugin.metric(
    "engaged",
    title={"en": "Engaged users", "ko": "참여 사용자"},
    unit=PERSONS,
    card=card.ENGAGED,
    details=Engaged,
    inputs=both,
    of_all=True,
    no_interval=EVERYBODY,
)
def engaged(rows: Rows) -> Answers:
    """Persons who got value in the month, of the tenant and of each account."""
    start = first_day("month", rows.day, rows.config)
    whole, by_account = count_since(rows["active"], start)
    found, found_by_account = count_since(rows["valuable"], start)
    status = Status.PARTIAL if is_running("month", rows.day, rows.config) else None
    length = (rows.day - start).days + 1

    def answer(persons: int, active: int, accounts: int | None) -> Answer:
        details = Engaged(active, persons / active if active else None, accounts)
        return Answer(persons, n=persons, details=details, status=status, window_days=length)

    yield TENANT, answer(found.persons, whole.persons, found.accounts)
    for id in all_accounts(rows["accounts"], by_account):
        yield account(id), answer(found_by_account.get(id, 0), by_account.get(id, 0), None)


@plugin.metric(
    "collaboration",
    title={"en": "Shared days", "ko": "협업 일수"},
    unit={"en": "days", "ko": "일"},
    subjects=("account",),
    card=card.COLLABORATION,
    details=Collaboration,
    inputs=valuable,
    of_all=True,
    no_interval=EVERYBODY,
)
def collaboration(rows: Rows) -> Answers:
    """Days on which several persons of the account got value."""
    inside = rows["valuable"].filter(pl.col("day") > rows.day - timedelta(days=DAYS["month"]))
    done = inside.drop_nulls().unique()
    size = pl.len().over("account", "day")
    shared = done.filter(size >= rows.config.collaborators)
    days = dict(shared.group_by("account").agg(pl.col("day").n_unique()).iter_rows())
    together, engaged = persons_by_account(shared), persons_by_account(done)
    for id in all_accounts(rows["accounts"], engaged):
        persons = engaged.get(id, 0)
        details = Collaboration(together.get(id, 0), persons)
        yield account(id), Answer(days.get(id, 0), n=persons, details=details, window_days=DAYS["month"])


@plugin.metric(
    "volatility",
    title={"en": "Volatility of daily active users", "ko": "일간 활성 사용자 변동성"},
    unit="%",
    direction="DOWN",
    card=card.VOLATILITY,
    details=Volatility,
    inputs=active,
    of_all=True,
    no_interval="Days hang together; they are no sample of independent ones.",
)
def volatility(rows: Rows) -> Answers:
    """The coefficient of variation of daily active persons."""
    first = rows.day - timedelta(days=rows.config.volatility_days - 1)
    inside = rows["active"].filter(pl.col("day") >= first)
    persons = persons_by_account(inside)
    observed = observed_days(
        rows["accounts"], rows["active"], window=rows.window, days=rows.config.volatility_days
    )
    ages = dict(observed.iter_rows())
    for subject, (counts,) in _series(inside, first=first, last=rows.day, trailing={"daily": 1}):
        young = len(counts) - ages[subject.id] if subject != TENANT else 0
        days = [first + timedelta(days=number) for number in range(len(counts))]
        kept = [
            count
            for day, count in zip(days[young:], counts[young:], strict=True)
            if rows.config.weekends or day.isoweekday() < SATURDAY
        ]
        value, details = steadiness.volatility(kept)
        n = inside["person"].drop_nulls().n_unique() if subject == TENANT else persons[subject.id]
        yield subject, Answer(value, n=n, details=details, window_days=rows.config.volatility_days)


def _series(
    active: pl.DataFrame, *, first: date, last: date, trailing: Mapping[str, int]
) -> Iterator[tuple[Subject, list[list[int]]]]:
    """The counts day by day, a list for each of ``trailing``, of the tenant and of each account with activity."""
    whole = rolling_counts(active, first=first, last=last, trailing=trailing)
    yield TENANT, [whole[name].to_list() for name in trailing]
    table = rolling_counts(active, first=first, last=last, trailing=trailing, by=("account",))
    for id, *counts in table.group_by("account", maintain_order=True).agg(*trailing).iter_rows():
        yield account(id), counts


@plugin.metric(
    "dau_mau_gap",
    title={"en": "Gap between daily and monthly active users", "ko": "DAU-MAU 격차"},
    unit="%",
    direction="DOWN",
    card=card.GAP,
    details=Gap,
    inputs=active,
    of_all=True,
    no_interval=EVERYBODY,
)
def dau_mau_gap(rows: Rows) -> Answers:
    """1 - DAU/MAU, and how much wider than usual it is."""
    first = rows.day - timedelta(days=rows.config.baseline_days)
    length = rows.config.baseline_days + 1
    weekend = [(first + timedelta(days=number)).isoweekday() >= SATURDAY for number in range(length)]
    lengths = {"daily": DAYS["day"], "monthly": DAYS["month"]}
    for subject, (daily, monthly) in _series(rows["active"], first=first, last=rows.day, trailing=lengths):
        value, details = steadiness.gap(daily, monthly, weekend, rows.config)
        yield subject, Answer(value, n=monthly[-1], details=details, window_days=DAYS["month"])


@plugin.metric(
    "lifecycle",
    title={"en": "Net change of active users", "ko": "활성 사용자 순증감"},
    unit=PERSONS,
    card=card.LIFECYCLE,
    details=Lifecycle,
    inputs=lambda config: active(config) | {"first_seen": FirstSeen(days=LONGEST)},
    of_all=True,
    no_interval=EVERYBODY,
)
def net_change(rows: Rows) -> Answers:
    """New and resurrecting less dormant persons of the period."""
    before, start = lifecycle.periods(rows.day, rows.config)
    born = pl.col("first_at").dt.convert_time_zone(rows.window.timezone).dt.date()
    whole, by_account = lifecycles(rows["active"], rows["first_seen"].filter(born >= start), before, start)
    status = Status.PARTIAL if is_running(rows.config.lifecycle_period, rows.day, rows.config) else None
    length = (rows.day - start).days + 1
    found = {TENANT: whole} | {account(id): one for id, one in sorted(by_account.items())}
    for subject, one in found.items():
        if one != Lifecycle():
            yield (
                subject,
                Answer(
                    one.change,
                    n=one.active - one.dormant,
                    details=one,
                    status=status,
                    parts=_parts(one),
                    window_days=length,
                ),
            )


def _parts(found: Lifecycle) -> tuple[Contribution, ...]:
    counts = (("new", found.new), ("resurrecting", found.resurrecting), ("dormant", found.dormant))
    changes = (
        Contribution(key, key.capitalize(), count, points=count, weight=1, n=abs(count))
        for key, count in counts
    )
    kept = Contribution("returning", "Returning", found.returning, points=0, weight=0, n=found.returning)
    return (*changes, kept)
