"""What a plugin may ask for. Each specification is answered by the server with one set-based SQL statement.

A specification is a frozen value; ``columns`` is the schema of the frame (polars) that the plugin receives.
Ids of accounts, persons and features are the tenant's integers: group and join by them, never show them.
Persons marked as bots or test users never appear. A merged person appears under one id.
Windows are half-open, end with the computed day, and follow the tenant's calendar (DST days included).
"""

from dataclasses import dataclass
from typing import ClassVar, Literal

import polars as pl

UTC_TIME = pl.Datetime("us", "UTC")


@dataclass(frozen=True, slots=True)
class InputSpec:
    """Base of all specifications."""

    columns: ClassVar[dict[str, pl.DataType | type[pl.DataType]]] = {}


@dataclass(frozen=True, slots=True)
class SurveyResponses(InputSpec):
    """Survey responses of the trailing ``days`` (1 = the computed day alone).

    Args:
        instrument: exact name ("nps"), or a prefix with a star ("ces*").
        days: length of the window in calendar days.
        per_person: "all", or "latest_as_of_window_end": of each person and instrument the last answer within
            the window, and the last dismissal (which does not take an answer back). Responses without a known
            person are kept one by one under both.

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


@dataclass(frozen=True, slots=True)
class ActivePersons(InputSpec):
    """Distinct (person, account) pairs with at least one qualifying event in the trailing ``days``.

    A person active in two accounts has a row for each; ``account`` is null where none is known.
    ``event_class``: "any", or "VALUE" for events that the tenant's dictionary classes as valuable.
    """

    columns: ClassVar[dict[str, pl.DataType | type[pl.DataType]]] = {"person": pl.Int64, "account": pl.Int64}
    days: int = 30
    event_class: Literal["any", "VALUE"] = "any"


@dataclass(frozen=True, slots=True)
class FeatureUse(InputSpec):
    """Uses of features in the trailing ``days``: one row per person, account and feature.

    ``uses`` counts the events, ``active_days`` the distinct days in the tenant's calendar (of this account: the
    days of a person's accounts may coincide, so they do not add up).
    Events whose name belongs to no feature in the dictionary are left out.
    """

    columns: ClassVar[dict[str, pl.DataType | type[pl.DataType]]] = {
        "person": pl.Int64,
        "account": pl.Int64,
        "feature": pl.Int64,
        "feature_name": pl.String,
        "uses": pl.Int64,
        "active_days": pl.Int64,
    }
    days: int = 30


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


@dataclass(frozen=True, slots=True)
class Activation(InputSpec):
    """Sign-ups of the trailing ``days`` and when each was activated.

    A person's sign-up is the first ``signup_event`` ever, or the first event ever where none is named.
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


@dataclass(frozen=True, slots=True)
class Seats(InputSpec):
    """Subscriptions active on the computed day d: started on or before d, not ended or ended after d.

    ``seats`` is null for an unlimited plan. ``mrr`` is the monthly amount in ``currency`` (text, exact).
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


@dataclass(frozen=True, slots=True)
class Accounts(InputSpec):
    """The accounts that existed by the end of the computed day; those whose start is unknown are among them."""

    columns: ClassVar[dict[str, pl.DataType | type[pl.DataType]]] = {
        "account": pl.Int64,
        "parent": pl.Int64,
        "plan": pl.String,
        "stage": pl.String,
        "started_at": UTC_TIME,
    }


@dataclass(frozen=True, slots=True)
class MetricValues(InputSpec):
    """Values of other metrics for the computed day, or the last one within ``max_age_days`` before it.

    The server computes the plugins that own these metrics first; a circle is refused at start-up.
    ``metrics`` are full ids ("nps.score"). A metric whose plugin is not enabled simply has no rows.
    ``subject`` is the account, person or feature id; 0 for the tenant.
    """

    columns: ClassVar[dict[str, pl.DataType | type[pl.DataType]]] = {
        "metric": pl.String,
        "subject_kind": pl.String,
        "subject": pl.Int64,
        "day": pl.Date,
        "value": pl.Float64,
        "status": pl.String,
        "n": pl.Int64,
    }
    metrics: tuple[str, ...]
    subject_kind: str = "account"
    max_age_days: int = 7


def empty_frame(spec: InputSpec | type[InputSpec]) -> pl.DataFrame:
    """A frame of the specification's columns without rows."""
    return pl.DataFrame(schema=spec.columns)
