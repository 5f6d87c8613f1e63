"""Inputs about accounts, their subscriptions and their answers to surveys."""

from dataclasses import dataclass
from typing import ClassVar, Literal

import polars as pl

from engage_server.sdk.inputs.base import UTC_TIME, Dataset, InputSpec, Read


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

    @property
    def reads(self) -> tuple[Read, ...]:
        return (Read(Dataset.SURVEY_RESPONSES, self.days),)


@dataclass(frozen=True, slots=True)
class Seats(InputSpec):
    """Subscriptions that count on the computed day d: started on or before d, not ended or ended after d.

    The terms are those of the day; of one that is unpaid, paused or over without an end nothing counts (see
    docs/importing.md for what each status means). ``is_trial``: it says so, or its status does. ``seats`` is null
    for an unlimited plan. ``mrr`` is the monthly amount in ``currency`` (text, exact).
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

    @property
    def reads(self) -> tuple[Read, ...]:
        return (Read(Dataset.SUBSCRIPTIONS, since_ever=True),)


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
