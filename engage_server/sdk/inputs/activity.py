"""Inputs about what persons did."""

from dataclasses import dataclass
from typing import ClassVar, Literal

import polars as pl

from engage_server.sdk.inputs.base import UTC_TIME, Dataset, InputSpec, Period, Read, window_read


@dataclass(frozen=True, slots=True)
class ActivePersons(InputSpec):
    """Distinct (person, account) pairs with at least one qualifying event in the trailing ``days``.

    A person active in two accounts has a row for each; ``account`` is null where none is known.
    ``event_class``: "any", or "VALUE" for events that the tenant's dictionary classes as valuable. Names of the
    class NOTICE (done to the person: a dismissed survey, a removal from the account) make nobody active.
    """

    columns: ClassVar[dict[str, pl.DataType | type[pl.DataType]]] = {"person": pl.Int64, "account": pl.Int64}
    days: int = 30
    event_class: Literal["any", "VALUE"] = "any"
    period: Period | None = None

    @property
    def reads(self) -> tuple[Read, ...]:
        classes = Dataset.NOTICES if self.event_class == "any" else Dataset.EVENT_CLASSES
        return (
            window_read(Dataset.EVENTS, self.days, self.period),
            window_read(classes, self.days, self.period),
        )


@dataclass(frozen=True, slots=True)
class Members(InputSpec):
    """Who is provisioned in an account: each person that belongs to it at the end of the computed day, or was active in
    it in the trailing ``days``. One row per person and account; who acted in an account belongs to it, told or not.
    """

    columns: ClassVar[dict[str, pl.DataType | type[pl.DataType]]] = {"person": pl.Int64, "account": pl.Int64}
    days: int = 30

    @property
    def reads(self) -> tuple[Read, ...]:
        return ActivePersons(days=self.days).reads


@dataclass(frozen=True, slots=True)
class ActiveDays(InputSpec):
    """The days of the trailing ``days`` on which somebody was active: one row per day, person and account.

    It is ActivePersons with the day: ``event_class`` means the same, and names of the class NOTICE make nobody active.
    Whoever needs minutes or times asks for PersonDays, which costs more.
    """

    columns: ClassVar[dict[str, pl.DataType | type[pl.DataType]]] = {
        "day": pl.Date,
        "person": pl.Int64,
        "account": pl.Int64,
    }
    days: int = 30
    event_class: Literal["any", "VALUE"] = "any"
    period: Period | None = None

    @property
    def reads(self) -> tuple[Read, ...]:
        classes = Dataset.NOTICES if self.event_class == "any" else Dataset.EVENT_CLASSES
        return (
            window_read(Dataset.EVENTS, self.days, self.period),
            window_read(classes, self.days, self.period),
        )


@dataclass(frozen=True, slots=True)
class FeatureUse(InputSpec):
    """Uses of features in the trailing ``days``: one row per person, account and feature.

    ``uses`` counts the events, ``active_days`` the distinct days in the tenant's calendar (of this account: the
    days of a person's accounts may coincide, so they do not add up). ``person_days`` counts those of all accounts of
    the person together, the same in each of its rows of the feature.
    Events whose name belongs to no feature in the dictionary are left out.
    """

    columns: ClassVar[dict[str, pl.DataType | type[pl.DataType]]] = {
        "person": pl.Int64,
        "account": pl.Int64,
        "feature": pl.Int64,
        "feature_name": pl.String,
        "uses": pl.Int64,
        "active_days": pl.Int64,
        "person_days": pl.Int64,
    }
    days: int = 30
    period: Period | None = None

    @property
    def reads(self) -> tuple[Read, ...]:
        return (
            window_read(Dataset.EVENTS, self.days, self.period),
            window_read(Dataset.EVENT_FEATURES, self.days, self.period),
        )


@dataclass(frozen=True, slots=True)
class EventCounts(InputSpec):
    """Events of the trailing ``days``: one row per account, person and event name, with their number.

    ``weight`` and ``polarity`` (+1, 0, -1) are the dictionary's. Empty ``names`` means all.
    """

    columns: ClassVar[dict[str, pl.DataType | type[pl.DataType]]] = {
        "person": pl.Int64,
        "account": pl.Int64,
        "event": pl.String,
        "count": pl.Int64,
        "weight": pl.Float64,
        "polarity": pl.Int64,
    }
    days: int = 30
    names: tuple[str, ...] = ()
    period: Period | None = None

    @property
    def reads(self) -> tuple[Read, ...]:
        return (
            window_read(Dataset.EVENTS, self.days, self.period),
            window_read(Dataset.EVENT_WEIGHTS, self.days, self.period),
        )


@dataclass(frozen=True, slots=True)
class WeightedEvents(InputSpec):
    """Events of the trailing ``days``, added up: one row per account and event name.

    Args:
        days: length of the window in calendar days.
        daily_cap: the most events of a name that count of a person on a day; None: all.
        daily_caps: pairs of an event's name and its own cap, before ``daily_cap``.
        half_life_days: the days after which an event counts half, so that one of ``age`` days before the computed day
            counts 0.5 ** (age / half_life_days), kept to nine decimals; None: all count alike.
        period: in place of ``days``.

    ``count`` is how many there were, ``counted`` what is left of them after caps and ageing. A person's cap holds in
    each account by itself. ``weight`` and ``polarity`` are as in EventCounts.
    """

    columns: ClassVar[dict[str, pl.DataType | type[pl.DataType]]] = {
        "account": pl.Int64,
        "event": pl.String,
        "count": pl.Int64,
        "counted": pl.Float64,
        "weight": pl.Float64,
        "polarity": pl.Int64,
    }
    days: int = 30
    daily_cap: int | None = None
    daily_caps: tuple[tuple[str, int], ...] = ()
    half_life_days: float | None = None
    period: Period | None = None

    @property
    def reads(self) -> tuple[Read, ...]:
        return (
            window_read(Dataset.EVENTS, self.days, self.period),
            window_read(Dataset.EVENT_WEIGHTS, self.days, self.period),
        )


@dataclass(frozen=True, slots=True)
class Activation(InputSpec):
    """Sign-ups of the trailing ``days`` and when each was activated.

    A person's sign-up is the first ``signup_event`` ever, or the first event ever where none is named. In the first
    ``settling_days`` of the tenant's events users of long standing show up: where no event is named, persons first
    seen then are no sign-ups.
    ``activated_at`` is the ``times``-th ``activation_event`` within ``within_days`` x 24 h of the sign-up
    (and before the end of the window), else null. ``account`` is that of the sign-up.
    """

    columns: ClassVar[dict[str, pl.DataType | type[pl.DataType]]] = {
        "person": pl.Int64,
        "account": pl.Int64,
        "signed_up_at": UTC_TIME,
        "activated_at": UTC_TIME,
    }
    activation_event: str
    times: int = 1
    within_days: int = 14
    days: int = 30
    signup_event: str | None = None
    settling_days: int = 0

    @property
    def reads(self) -> tuple[Read, ...]:
        return (Read(Dataset.EVENTS, self.days, since_ever=True),)


@dataclass(frozen=True, slots=True)
class PersonDays(InputSpec):
    """The days of the trailing ``days`` on which a person was active: one row per day, person and account.

    ``day`` is a day of the tenant's calendar. ``active_minutes`` counts the distinct minutes with an event, whatever
    the number of devices; a minute spent in two accounts counts in each. ``first_at`` and ``last_at`` are the times
    of the day's first and last event.
    """

    columns: ClassVar[dict[str, pl.DataType | type[pl.DataType]]] = {
        "day": pl.Date,
        "person": pl.Int64,
        "account": pl.Int64,
        "events": pl.Int64,
        "active_minutes": pl.Int64,
        "first_at": UTC_TIME,
        "last_at": UTC_TIME,
    }
    days: int = 30
    period: Period | None = None

    @property
    def reads(self) -> tuple[Read, ...]:
        return (window_read(Dataset.EVENTS, self.days, self.period),)


@dataclass(frozen=True, slots=True)
class ActiveMinutes(InputSpec):
    """Time spent in the trailing ``days``: one row per person and account, with its distinct active minutes.

    ``active_minutes`` is as in PersonDays; ``active_days`` counts the days with an event.
    """

    columns: ClassVar[dict[str, pl.DataType | type[pl.DataType]]] = {
        "person": pl.Int64,
        "account": pl.Int64,
        "active_minutes": pl.Int64,
        "active_days": pl.Int64,
    }
    days: int = 30
    period: Period | None = None

    @property
    def reads(self) -> tuple[Read, ...]:
        return (window_read(Dataset.EVENTS, self.days, self.period),)


@dataclass(frozen=True, slots=True)
class Sessions(InputSpec):
    """Sessions that began in the trailing ``days``: one row each.

    A session ends after more than ``idle_minutes`` (1 to 720) without an event (a pause of exactly that length does
    not end it), and has no event later than ``max_hours`` after its first. All devices of a person are one.
    ``seconds`` is the time from the first to the last event (0 for a single one) before the end of the window;
    ``account`` is that of the first event. A session across midnight belongs to the day that it began on.
    """

    columns: ClassVar[dict[str, pl.DataType | type[pl.DataType]]] = {
        "person": pl.Int64,
        "account": pl.Int64,
        "started_at": UTC_TIME,
        "seconds": pl.Float64,
        "events": pl.Int64,
    }
    days: int = 30
    idle_minutes: int = 30
    max_hours: int = 24

    @property
    def reads(self) -> tuple[Read, ...]:
        # A session of the first day may have begun on the day before, and where it was cut hangs on all that came
        # before it without a pause.
        return (Read(Dataset.EVENTS, self.days + 1, since_ever=True),)


@dataclass(frozen=True, slots=True)
class ActiveSeries(InputSpec):
    """For each of the trailing ``days`` (one row each, oldest first): who was active in the ``trailing`` days to it.

    ``persons`` and ``accounts`` are distinct counts: ``trailing`` 1 gives daily, 7 weekly, 30 monthly actives.
    ``event``: count those who did this event, by name; None: any event.
    """

    columns: ClassVar[dict[str, pl.DataType | type[pl.DataType]]] = {
        "day": pl.Date,
        "persons": pl.Int64,
        "accounts": pl.Int64,
    }
    days: int = 90
    trailing: int = 30
    event: str | None = None

    @property
    def reads(self) -> tuple[Read, ...]:
        return (Read(Dataset.EVENTS, self.days + self.trailing - 1),)


@dataclass(frozen=True, slots=True)
class FirstSeen(InputSpec):
    """Persons whose first event ever lies in the trailing ``days``: one row each; ``account`` is that of the event."""

    columns: ClassVar[dict[str, pl.DataType | type[pl.DataType]]] = {
        "person": pl.Int64,
        "account": pl.Int64,
        "first_at": UTC_TIME,
    }
    days: int = 30
    period: Period | None = None

    @property
    def reads(self) -> tuple[Read, ...]:
        return (window_read(Dataset.EVENTS, self.days, self.period, since_ever=True),)


@dataclass(frozen=True, slots=True)
class FeatureReach(InputSpec):
    """Distinct persons and accounts that used a feature in the trailing ``days``: one row per feature used."""

    columns: ClassVar[dict[str, pl.DataType | type[pl.DataType]]] = {
        "feature": pl.Int64,
        "feature_name": pl.String,
        "persons": pl.Int64,
        "accounts": pl.Int64,
    }
    days: int = 30
    period: Period | None = None

    @property
    def reads(self) -> tuple[Read, ...]:
        return (
            window_read(Dataset.EVENTS, self.days, self.period),
            window_read(Dataset.EVENT_FEATURES, self.days, self.period),
        )


@dataclass(frozen=True, slots=True)
class Features(InputSpec):
    """The features of the dictionary that were there by the computed day, whether anybody uses them or not.

    ``released_on`` is the tenant's word, null where there is none. ``known_since`` is the day of the first use ever,
    or on which a name of the feature entered the dictionary, whichever is earlier. Of a feature without a release
    that day decides whether it was there.
    """

    columns: ClassVar[dict[str, pl.DataType | type[pl.DataType]]] = {
        "feature": pl.Int64,
        "feature_name": pl.String,
        "released_on": pl.Date,
        "known_since": pl.Date,
    }

    @property
    def reads(self) -> tuple[Read, ...]:
        # Since when a feature is known is kept apart from the events.
        return (
            Read(Dataset.EVENTS, since_ever=True),
            Read(Dataset.EVENT_FEATURES, since_ever=True),
            Read(Dataset.FEATURE_RELEASES, since_ever=True),
        )


@dataclass(frozen=True, slots=True)
class ActivityBy(InputSpec):
    """Who was active in the trailing ``days``, added up by group: one row per group with an event, null for none.

    Args:
        by: "account" (``group`` is its id as text), "plan", "stage", "trait" or "feature" (its name).
        trait: with by="trait", the name of a trait of accounts, such as "industry".
        days: length of the window in calendar days.

    The account is that at the time of the event; its plan, its stage and those of its traits that the tenant tracks are
    those of the computed day, its other traits the present ones. ``persons`` and ``accounts`` are distinct within
    their group and do not add up where somebody is in several.
    """

    columns: ClassVar[dict[str, pl.DataType | type[pl.DataType]]] = {
        "group": pl.String,
        "persons": pl.Int64,
        "accounts": pl.Int64,
        "events": pl.Int64,
    }
    by: Literal["account", "plan", "stage", "trait", "feature"] = "plan"
    trait: str = ""
    days: int = 30
    period: Period | None = None

    @property
    def reads(self) -> tuple[Read, ...]:
        events = window_read(Dataset.EVENTS, self.days, self.period)
        if self.by == "feature":
            return (events, window_read(Dataset.EVENT_FEATURES, self.days, self.period))
        return (events,) if self.by == "account" else (events, Read(Dataset.ACCOUNTS))
