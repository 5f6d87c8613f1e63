"""Inputs about accounts, their subscriptions and their answers to surveys."""

from dataclasses import dataclass
from typing import ClassVar, Literal

import polars as pl

from engage_server.sdk.inputs.base import MONEY, UTC_TIME, Dataset, InputSpec, Period, Read, window_read


@dataclass(frozen=True, slots=True)
class SurveyResponses(InputSpec):
    """Survey responses of the trailing ``days`` (1 = the computed day alone).

    Args:
        instrument: exact name ("nps"), or a prefix with a star ("ces*").
        days: length of the window in calendar days.
        per_person: "all", or "latest_as_of_window_end": of each person the last answer within the window, whichever of
            the instruments it was given to, and the last dismissal (which does not take an answer back). Only
            instruments of one scale and direction stand in for one another. Responses without a known person are
            kept one by one under both.
        ends_before: the window ends so many days before the computed day: with ``days``, it is the one before.

    A dismissed survey (shown, not answered) has ``dismissed`` true and a null score.
    ``direction`` is "UP" where a high score is good, else "DOWN".
    """

    columns: ClassVar[dict[str, pl.DataType | type[pl.DataType]]] = {
        "person": pl.Int64,
        "account": pl.Int64,
        "instrument": pl.String,
        "scale_min": pl.Float64,
        "scale_max": pl.Float64,
        "direction": pl.String,
        "score": pl.Float64,
        "dismissed": pl.Boolean,
        "occurred_at": UTC_TIME,
    }
    instrument: str
    days: int = 90
    per_person: Literal["all", "latest_as_of_window_end"] = "latest_as_of_window_end"
    period: Period | None = None
    ends_before: int = 0

    @property
    def reads(self) -> tuple[Read, ...]:
        return (window_read(Dataset.SURVEY_RESPONSES, self.days, self.period, ends_before=self.ends_before),)


@dataclass(frozen=True, slots=True)
class Feedback(InputSpec):
    """What was said in words in the trailing ``days``: one row per text, of a survey's answer or without a survey.

    ``instrument`` is where it was given, ``given_by`` "CUSTOMER" or "STAFF" (the tenant's own people), ``metric`` the full
    id of the metric that it is about (empty: none), ``tags`` in lower case and in order. ``score`` is null without a survey.
    The words themselves are given to no plugin.
    """

    columns: ClassVar[dict[str, pl.DataType | type[pl.DataType]]] = {
        "person": pl.Int64,
        "account": pl.Int64,
        "instrument": pl.String,
        "given_by": pl.String,
        "metric": pl.String,
        "tags": pl.List(pl.String),
        "score": pl.Float64,
        "occurred_at": UTC_TIME,
    }
    days: int = 90
    period: Period | None = None
    ends_before: int = 0

    @property
    def reads(self) -> tuple[Read, ...]:
        return (window_read(Dataset.FEEDBACK, self.days, self.period, ends_before=self.ends_before),)


@dataclass(frozen=True, slots=True)
class Seats(InputSpec):
    """Subscriptions that count on the computed day d: started on or before d, not ended or ended after d.

    The terms are those of the day; of one that is unpaid, paused or over without an end nothing counts (see
    docs/importing.md for what each status means). ``is_trial``: it says so, or its status does. ``seats`` is null
    for an unlimited plan. ``mrr`` is the monthly amount in ``currency`` (text, exact). With ``ends_before``, all of this of
    the day that lies so many days before the computed one.
    """

    columns: ClassVar[dict[str, pl.DataType | type[pl.DataType]]] = {
        "account": pl.Int64,
        "subscription": pl.String,
        "plan": pl.String,
        "seats": pl.Int64,
        "mrr": pl.String,
        "currency": pl.String,
        "is_trial": pl.Boolean,
        "starts_on": pl.Date,
        "ends_on": pl.Date,
    }
    ends_before: int = 0

    @property
    def reads(self) -> tuple[Read, ...]:
        return (Read(Dataset.SUBSCRIPTIONS, since_ever=True, ends_before=self.ends_before),)


@dataclass(frozen=True, slots=True)
class Accounts(InputSpec):
    """The accounts that existed by the end of the computed day; those whose start is unknown are among them.

    ``stage`` is LEAD, TRIAL, CUSTOMER or CHURNED. Parent, plan, stage and owner are those of the day; ``plan`` and
    ``owner`` are empty where none is known.
    """

    columns: ClassVar[dict[str, pl.DataType | type[pl.DataType]]] = {
        "account": pl.Int64,
        "parent": pl.Int64,
        "plan": pl.String,
        "stage": pl.String,
        "started_at": UTC_TIME,
        "owner": pl.String,
    }

    @property
    def reads(self) -> tuple[Read, ...]:
        return (Read(Dataset.ACCOUNTS),)


@dataclass(frozen=True, slots=True)
class Subscriptions(InputSpec):
    """Terms of subscriptions that held on a day of the trailing ``days``: one row per subscription and change of terms.

    Args:
        days: length of the window in calendar days.
        period: a calendar period to date, in place of ``days``.
        ever: all terms up to the computed day, also of subscriptions that were over before the window.

    The terms hold from ``valid_from`` until ``valid_until`` (exclusive; null: as far as is known by the computed day),
    both within ``starts_on`` and ``ends_on``. An end that lies ahead is told. ``amount`` is the exact price of
    ``interval_months`` months in ``currency``; ``status`` is a word of docs/importing.md; ``is_paid`` says that by it, and
    since it is no trial, the price is paid. ``channel`` is where it was sold, ``cancel_reason`` why it was given notice of;
    empty where unknown.
    """

    columns: ClassVar[dict[str, pl.DataType | type[pl.DataType]]] = {
        "account": pl.Int64,
        "subscription": pl.String,
        "plan": pl.String,
        "seats": pl.Int64,
        "amount": MONEY,
        "currency": pl.String,
        "interval_months": pl.Int64,
        "is_trial": pl.Boolean,
        "status": pl.String,
        "is_paid": pl.Boolean,
        "channel": pl.String,
        "cancel_reason": pl.String,
        "valid_from": pl.Date,
        "valid_until": pl.Date,
        "starts_on": pl.Date,
        "ends_on": pl.Date,
    }
    days: int = 1
    period: Period | None = None
    ever: bool = False

    @property
    def reads(self) -> tuple[Read, ...]:
        return (Read(Dataset.SUBSCRIPTIONS, since_ever=True),)


@dataclass(frozen=True, slots=True)
class Ledger(InputSpec):
    """Entries of the ledger on the trailing ``days``, or with ``ever`` on all days to the computed one: one row each.

    Args:
        kinds: COST, REVENUE (beside subscriptions) and OPPORTUNITY (a row for each stage that one reached).
        days: length of the window in calendar days.
        period: a calendar period to date, in place of ``days``.
        ever: all that was entered up to the computed day, such as opportunities that are still open.

    ``amount`` is exact, in ``currency``; ``included_in_crc`` says of a cost whether it is one of keeping customers;
    ``stage`` and ``closes_on`` are an opportunity's.
    """

    columns: ClassVar[dict[str, pl.DataType | type[pl.DataType]]] = {
        "kind": pl.String,
        "entry": pl.String,
        "account": pl.Int64,
        "category": pl.String,
        "amount": MONEY,
        "currency": pl.String,
        "day": pl.Date,
        "stage": pl.String,
        "closes_on": pl.Date,
        "included_in_crc": pl.Boolean,
    }
    kinds: tuple[Literal["COST", "REVENUE", "OPPORTUNITY"], ...] = ("COST", "REVENUE", "OPPORTUNITY")
    days: int = 30
    period: Period | None = None
    ever: bool = False

    @property
    def reads(self) -> tuple[Read, ...]:
        if self.ever:
            return (Read(Dataset.LEDGER, since_ever=True),)
        return (window_read(Dataset.LEDGER, self.days, self.period),)


@dataclass(frozen=True, slots=True)
class AccountHistory(InputSpec):
    """What accounts were, as far as it is known by the end of the computed day: one row per value and its days.

    ``attribute`` is "plan", "stage", "parent" (``value`` is its id as text), "owner" or "traits.<name>" of a tracked
    trait. The value held from the day ``first`` (null: ever) until ``until`` (exclusive; null: still).
    """

    columns: ClassVar[dict[str, pl.DataType | type[pl.DataType]]] = {
        "account": pl.Int64,
        "attribute": pl.String,
        "value": pl.String,
        "first": pl.Date,
        "until": pl.Date,
    }

    @property
    def reads(self) -> tuple[Read, ...]:
        return (Read(Dataset.ACCOUNTS, since_ever=True),)
