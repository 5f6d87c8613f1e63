"""Answers the inputs that concern accounts, subscriptions and surveys: one statement each, as frames."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar, Final
from zoneinfo import ZoneInfo

import polars as pl
from django.db import connection

from engage_server.customers.canonical_persons import canonical_id, is_in_group_of
from engage_server.customers.frames import query_frame
from engage_server.customers.input_resolvers import resolves
from engage_server.customers.slicers import Frames, rows_of, slice_rows, slices
from engage_server.customers.slices import Slice
from engage_server.customers.statuses import SeatRule, statuses_of
from engage_server.sdk import (
    AccountHistory,
    Accounts,
    Feedback,
    InputSpec,
    Ledger,
    Seats,
    Subscriptions,
    SurveyResponses,
    Window,
)

# A merged person appears under the person it was merged into; bots and test users never appear.
WITH_CANONICAL: Final = f"""
    LEFT JOIN customers_person person ON person.id = {{table}}.person_id
    LEFT JOIN customers_person canonical ON canonical.id = {canonical_id("person")}
"""
COUNTED: Final = "NOT (COALESCE(person.is_excluded, false) OR COALESCE(canonical.is_excluded, false))"

# The account that the row itself names, else the membership in force at the time, the youngest if several.
ACCOUNT_AT_THE_TIME: Final = f"""
    COALESCE({{table}}.account_id, (
        SELECT membership.account_id FROM customers_membership membership
        WHERE membership.person_id IN (
                SELECT one.id FROM customers_person one WHERE {is_in_group_of("one", "canonical.id")})
          AND membership.starts_at <= {{table}}.occurred_at
          AND (membership.ends_at IS NULL OR membership.ends_at > {{table}}.occurred_at)
        ORDER BY membership.starts_at DESC, membership.id DESC LIMIT 1))
"""


def window_start(spec: InputSpec, window: Window) -> datetime:
    """The midnight that begins the window that the specification asks for, in the tenant's zone."""
    return _midnight(spec.first_day(window.day), window)


def window_end(spec: InputSpec, window: Window) -> datetime:
    """The midnight that ends it: that of the computed day, unless the window ends before."""
    last = spec.ends_on(window.day)
    return window.end if last == window.day else _midnight(last + timedelta(days=1), window)


def in_utc(spec: InputSpec, window: Window) -> tuple[datetime, datetime]:
    """Beginning and end (exclusive) of that window, as the times in frames are: in UTC."""
    return window_start(spec, window).astimezone(UTC), window_end(spec, window).astimezone(UTC)


def trailing_start(window: Window, days: int) -> datetime:
    """The midnight that begins a trailing window of ``days`` calendar days, in the tenant's zone."""
    return _midnight(window.day - timedelta(days=days - 1), window)


def _midnight(day: date, window: Window) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(window.timezone))


# One answer and one dismissal a person: a dismissal does not take an answer back. Instruments that ask alike
# stand in for one another; those of another scale or direction cannot.
ONCE: Final = ("person", "scale_min", "scale_max", "direction", "dismissed")
RESPONSES: Final = f"""
    SELECT response.id, canonical.id AS person, {ACCOUNT_AT_THE_TIME.format(table="response")} AS account,
           response.instrument, response.scale_min::float8, response.scale_max::float8, response.direction,
           response.score::float8, response.score IS NULL AS dismissed, response.occurred_at
    FROM customers_surveyresponse response {WITH_CANONICAL.format(table="response")}
    WHERE {{instrument}} AND response.scale_min IS NOT NULL
      AND response.occurred_at >= %(start)s AND response.occurred_at < %(end)s AND {COUNTED}
"""


def instrument_of(spec: SurveyResponses) -> str:
    """The condition on a response's instrument."""
    if spec.instrument.endswith("*"):
        return "starts_with(response.instrument, %(instrument)s)"
    return "response.instrument = %(instrument)s"


@resolves(SurveyResponses)
def _survey_responses(spec: SurveyResponses, window: Window) -> pl.DataFrame:
    rows, params = _responses(spec, window)
    columns = ", ".join(spec.columns)
    if spec.per_person == "latest_as_of_window_end":
        once = ", ".join(ONCE)
        statement = f"""
            WITH response AS ({rows})
            SELECT {columns} FROM (
                SELECT DISTINCT ON ({once}) * FROM response WHERE person IS NOT NULL
                ORDER BY {once}, occurred_at DESC, id DESC) latest
            UNION ALL SELECT {columns} FROM response WHERE person IS NULL
        """
    else:
        statement = f"SELECT {columns} FROM ({rows}) response"
    return query_frame(spec, statement, params)


@dataclass(frozen=True, slots=True)
class _NumberedResponses(SurveyResponses):
    """The same with the rows' own numbers, which tell the later one of two of the same moment."""

    columns: ClassVar[dict[str, pl.DataType | type[pl.DataType]]] = {
        **SurveyResponses.columns,
        "id": pl.Int64,
    }


@slices(SurveyResponses)
def _survey_responses_of_slices(spec: SurveyResponses, window: Window, parts: Sequence[Slice]) -> Frames:
    # Whose last answer was given for another account has a last one in the slice all the same.
    rows, params = _responses(spec, window)
    numbered = _NumberedResponses(spec.instrument)
    frame = query_frame(numbered, f"SELECT {', '.join(numbered.columns)} FROM ({rows}) response", params)
    frames = [rows_of(frame, part, account="account", person="person") for part in parts]
    if spec.per_person == "latest_as_of_window_end":
        frames = [_latest(one) for one in frames]
    return [one.select(list(spec.columns)) for one in frames]


def _latest(frame: pl.DataFrame) -> pl.DataFrame:
    known = frame.filter(pl.col("person").is_not_null()).sort("occurred_at", "id", descending=True)
    last = known.unique(subset=list(ONCE), keep="first", maintain_order=True)
    return pl.concat([last, frame.filter(pl.col("person").is_null())])


def _responses(spec: SurveyResponses, window: Window) -> tuple[str, dict[str, Any]]:
    return RESPONSES.format(instrument=instrument_of(spec)), {
        "instrument": spec.instrument.removesuffix("*"),
        "start": window_start(spec, window),
        "end": window_end(spec, window),
    }


@dataclass(frozen=True, slots=True)
class _WrittenFeedback(Feedback):
    """The same with the tags as JSON."""

    columns: ClassVar[dict[str, pl.DataType | type[pl.DataType]]] = {**Feedback.columns, "tags": pl.String}


@resolves(Feedback)
def _feedback(spec: Feedback, window: Window) -> pl.DataFrame:
    statement = f"""
        SELECT canonical.id, {ACCOUNT_AT_THE_TIME.format(table="response")}, response.instrument, response.given_by,
               response.metric, response.tags::text, response.score::float8, response.occurred_at
        FROM customers_surveyresponse response {WITH_CANONICAL.format(table="response")}
        WHERE response.text <> '' AND response.occurred_at >= %(start)s AND response.occurred_at < %(end)s
          AND {COUNTED}
    """
    params = {"start": window_start(spec, window), "end": window_end(spec, window)}
    written = query_frame(_WrittenFeedback(), statement, params)
    return written.with_columns(pl.col("tags").str.json_decode(pl.List(pl.String)))


slice_rows(Feedback, account="account", person="person")


# The newest terms up to the day; before the first, those.
SEATS: Final = """
    SELECT account_id, external_id, plan, seats, round(amount / interval_months, 4)::text, currency,
           is_trial OR status = ANY(%(trial)s), starts_on, ends_on
    FROM (
        SELECT DISTINCT ON (external_id) *
        FROM customers_subscription CROSS JOIN LATERAL (SELECT COALESCE(valid_from, '-infinity')) AS begin (since)
        WHERE starts_on <= %(day)s AND (ends_on IS NULL OR ends_on > %(day)s)
        ORDER BY external_id, since > %(day)s, CASE WHEN since <= %(day)s THEN since END DESC, since
    ) terms
    WHERE status <> ALL(%(idle)s) AND (ends_on IS NOT NULL OR status <> ALL(%(ended)s))
"""


def seat_params() -> dict[str, list[str]]:
    """The statuses that SEATS asks for."""
    return {rule.lower(): statuses_of(rule) for rule in (SeatRule.TRIAL, SeatRule.IDLE, SeatRule.ENDED)}


@resolves(Seats)
def _seats(spec: Seats, window: Window) -> pl.DataFrame:
    return query_frame(spec, SEATS, {"day": spec.ends_on(window.day), **seat_params()})


# Accounts as they stood when the day ended: what was told last up to then, of what was told later only the first.
# Who is first heard of as churned was a customer before.
ACCOUNTS_ON_DAY: Final = """
    SELECT account.id, account.started_at,
           CASE WHEN held.has_parent THEN held.parent_id ELSE account.parent_id END AS parent_id,
           COALESCE(held.plan, account.plan) AS plan, COALESCE(held.stage, account.stage) AS stage,
           COALESCE(held.owner, account.owner) AS owner,
           CASE WHEN held.traits IS NULL THEN account.traits ELSE account.traits || held.traits END AS traits
    FROM customers_account account LEFT JOIN (
        SELECT account_id, bool_or(attribute = 'parent') AS has_parent,
               (max(value #>> ARRAY[]::text[]) FILTER (WHERE attribute = 'parent'))::int AS parent_id,
               max(value #>> ARRAY[]::text[]) FILTER (WHERE attribute = 'plan') AS plan,
               max(CASE WHEN since >= %(end)s AND value = '"CHURNED"' THEN 'CUSTOMER' ELSE value #>> ARRAY[]::text[] END)
                   FILTER (WHERE attribute = 'stage') AS stage,
               max(value #>> ARRAY[]::text[]) FILTER (WHERE attribute = 'owner') AS owner,
               jsonb_object_agg(substr(attribute, 8), value) FILTER (WHERE starts_with(attribute, 'traits.')) AS traits
        FROM (
            SELECT DISTINCT ON (account_id, attribute) account_id, attribute, value, since
            FROM customers_accountattribute
            ORDER BY account_id, attribute, since >= %(end)s, CASE WHEN since < %(end)s THEN since END DESC,
                     CASE WHEN since < %(end)s THEN value::text COLLATE "C" END DESC, since, value::text COLLATE "C"
        ) one GROUP BY account_id
    ) held ON held.account_id = account.id
"""


ACCOUNTS: Final = f"""
    SELECT id, parent_id, plan, stage, started_at, owner FROM ({ACCOUNTS_ON_DAY}) account
    WHERE started_at IS NULL OR started_at < %(end)s
"""


@resolves(Accounts)
def _accounts(spec: Accounts, window: Window) -> pl.DataFrame:
    return query_frame(spec, ACCOUNTS, {"end": window.end})


# Terms in their order: the first holds since the start. ``next_from`` is when the following ones begin.
TERMS: Final = """
    SELECT *, CASE WHEN place = 1 THEN starts_on ELSE valid_from END AS begin,
           NOT is_trial AND status <> ALL(%(trial)s) AND status <> ALL(%(idle)s)
               AND (ends_on IS NOT NULL OR status <> ALL(%(ended)s)) AS is_paid
    FROM (
        SELECT *, row_number() OVER terms AS place, lead(valid_from) OVER terms AS next_from
        FROM customers_subscription
        WINDOW terms AS (PARTITION BY external_id ORDER BY valid_from NULLS FIRST)
    ) ordered WHERE starts_on <= %(last)s AND (place = 1 OR valid_from <= %(last)s)
"""

# For several days at once: until when terms hold depends on the day that is asked about.
ALL_TERMS: Final = f"""
    SELECT account_id, external_id, plan, seats, amount, currency, interval_months, is_trial, status, is_paid,
           channel, cancel_reason, NULL::date, NULL::date, starts_on, ends_on, begin, next_from FROM ({TERMS}) terms
"""


@resolves(Subscriptions)
def _subscriptions(spec: Subscriptions, window: Window) -> pl.DataFrame:
    # Of the terms that are told of later days only the first matter, where nothing else is known.
    statement = f"""
        SELECT account_id, external_id, plan, seats, amount, currency, interval_months, is_trial, status, is_paid,
               channel, cancel_reason, GREATEST(begin, starts_on), LEAST(until, ends_on), starts_on, ends_on
        FROM (SELECT *, CASE WHEN next_from <= %(last)s THEN next_from END AS until FROM ({TERMS}) known) terms
        WHERE begin <= %(last)s
          AND (%(ever)s OR ((ends_on IS NULL OR ends_on > %(first)s) AND (until IS NULL OR until > %(first)s)))
          AND (ends_on IS NULL OR begin < ends_on) AND (until IS NULL OR until > starts_on)
    """
    days = {"first": spec.first_day(window.day), "last": window.day, "ever": spec.ever}
    return query_frame(spec, statement, {**days, **seat_params()})


LEDGER: Final = """
    SELECT kind, external_id, account_id, category, amount, currency, occurred_on, stage, closes_on, included_in_crc
    FROM customers_ledgerentry
    WHERE kind = ANY(%(kinds)s) AND occurred_on <= %(last)s AND (%(ever)s OR occurred_on >= %(first)s)
"""


def ledger_params(spec: Ledger, *, first: date, last: date) -> dict[str, Any]:
    """What LEDGER asks for, from the first day to the last."""
    return {"kinds": list(spec.kinds), "first": first, "last": last, "ever": spec.ever}


@resolves(Ledger)
def _ledger(spec: Ledger, window: Window) -> pl.DataFrame:
    return query_frame(spec, LEDGER, ledger_params(spec, first=spec.first_day(window.day), last=window.day))


@resolves(AccountHistory)
def _account_history(spec: AccountHistory, window: Window) -> pl.DataFrame:
    # Of each day the last word; before the first word, that one; then days of one value are joined.
    statement = """
        WITH word AS (
            SELECT account_id, attribute, value #>> '{}' AS value, since,
                   (since AT TIME ZONE %(zone)s)::date AS day,
                   row_number() OVER (PARTITION BY account_id, attribute
                                      ORDER BY since, value::text COLLATE "C") AS place
            FROM customers_accountattribute WHERE since < %(end)s
        ),
        held AS (
            SELECT account_id, attribute, NULL::date AS first, place AS place,
                   CASE WHEN attribute = 'stage' AND value = 'CHURNED' THEN 'CUSTOMER' ELSE value END AS value
            FROM word WHERE place = 1
            UNION ALL
            (SELECT DISTINCT ON (account_id, attribute, day) account_id, attribute, day, place + 1, value
             FROM word ORDER BY account_id, attribute, day, place DESC)
        ),
        change AS (
            SELECT *, lag(value) OVER terms IS DISTINCT FROM value OR first IS NULL AS is_news FROM held
            WINDOW terms AS (PARTITION BY account_id, attribute ORDER BY first NULLS FIRST)
        )
        SELECT account_id, attribute, value, first,
               lead(first) OVER (PARTITION BY account_id, attribute ORDER BY first NULLS FIRST)
        FROM change WHERE is_news
    """
    return query_frame(spec, statement, {"zone": window.timezone, "end": window.end})


# Those to which one of the persons belongs at the end of the day.
OF_PERSONS: Final = f"""
    SELECT DISTINCT membership.account_id
    FROM customers_membership membership JOIN customers_person person ON person.id = membership.person_id
    WHERE {canonical_id("person")} = ANY(%(persons)s) AND membership.starts_at < %(end)s
      AND (membership.ends_at IS NULL OR membership.ends_at >= %(end)s)
"""


@slices(Accounts)
def _accounts_of_slices(spec: Accounts, window: Window, parts: Sequence[Slice]) -> Frames:
    frame = _accounts(spec, window)
    return [rows_of(frame, _with_accounts(part, window), account="account", person=None) for part in parts]


def _with_accounts(part: Slice, window: Window) -> Slice:
    if part.persons is None:
        return part
    with connection.cursor() as cursor:
        cursor.execute(OF_PERSONS, {"persons": sorted(part.persons), "end": window.end})
        return Slice(frozenset(account for (account,) in cursor.fetchall())).meet(Slice(part.accounts))


# What is bought, entered or told of accounts is no person's.
for _kind in (Seats, Subscriptions, Ledger, AccountHistory):
    slice_rows(_kind, account="account", person=None)
