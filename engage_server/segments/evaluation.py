"""Finds out who fits a condition on a day. What several conditions ask of the same data is read once.

Works inside the tenant's scope and ``current_rollups()``. Persons are canonical ones; who is marked as a bot or a test
user fits nothing.
"""

import json
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, Final, assert_never

import polars as pl
from django.db import connection

from engage_server.activity.rollups.freshness import require_current
from engage_server.customers.canonical_persons import canonical_id
from engage_server.customers.input_resolvers import RESOLVERS
from engage_server.customers.inputs import ACCOUNTS_ON_DAY
from engage_server.definitions.store import find
from engage_server.sdk import (
    Accounts,
    EventCounts,
    InputSpec,
    MetricBands,
    MetricValues,
    SurveyResponses,
    Window,
)
from engage_server.segments import conditions as words
from engage_server.segments.body import SEGMENT, SegmentBody
from engage_server.segments.conditions import Condition, SubjectKind, parts
from engage_server.segments.membership import MEMBERS_ON

Ids = frozenset[int]
NOBODY: Final[Ids] = frozenset()

ACCOUNTS: Final = f"""
    SELECT account.id, known.external_id, account.parent_id, account.plan, account.stage, account.owner
    FROM ({ACCOUNTS_ON_DAY}) account JOIN customers_account known ON known.id = account.id
    WHERE account.started_at IS NULL OR account.started_at < %(end)s
"""  # noqa: S608  # constants of ours, here and below
COUNTED: Final = "person.merged_into_id IS NULL AND NOT person.is_excluded"
# Who was known by the end of the day: made by then, or with an event or a membership before it.
PERSONS: Final = f"""
    SELECT person.id FROM customers_person person
    WHERE {COUNTED} AND (person.created_at < %(end)s
        OR EXISTS (SELECT FROM activity_personstate state WHERE state.root = person.id AND state.first_at < %(end)s)
        OR EXISTS (SELECT FROM customers_membership membership
                   WHERE membership.person_id = person.id AND membership.starts_at < %(end)s))
"""  # noqa: S608
MEMBERSHIPS: Final = f"""
    SELECT DISTINCT {canonical_id("person")}, membership.account_id
    FROM customers_membership membership JOIN customers_person person ON person.id = membership.person_id
    WHERE membership.starts_at < %(end)s AND (membership.ends_at IS NULL OR membership.ends_at >= %(end)s)
"""  # noqa: S608
# A text, a number or one of a list; ``12`` and ``"12"`` are the same, since files know texts alone.
HAS_TRAIT: Final = """
    CASE WHEN NOT traits ? %(name)s THEN false
         WHEN %(texts)s::text[] IS NOT NULL THEN
             CASE jsonb_typeof(traits -> %(name)s)
                  WHEN 'array' THEN traits -> %(name)s ?| %(texts)s::text[]
                  WHEN 'number' THEN (traits ->> %(name)s)::numeric = ANY(%(numbers)s::numeric[])
                  ELSE traits ->> %(name)s = ANY(%(texts)s::text[]) END
         WHEN %(low)s::numeric IS NULL AND %(high)s::numeric IS NULL THEN true
         WHEN traits ->> %(name)s ~ '^-?[0-9]{1,30}(\\.[0-9]{1,30})?$' THEN
             (traits ->> %(name)s)::numeric BETWEEN COALESCE(%(low)s::numeric, '-infinity')
                                               AND COALESCE(%(high)s::numeric, 'infinity')
         ELSE false END
"""
IS_SCALAR: Final = "jsonb_typeof(traits -> %(name)s) IN ('string', 'number', 'boolean')"
TRAIT: Final[Mapping[str, str]] = {
    "account": f"SELECT id FROM ({ACCOUNTS_ON_DAY}) account WHERE {HAS_TRAIT}",  # noqa: S608
    "person": f"SELECT id FROM customers_person person WHERE {COUNTED} AND {HAS_TRAIT}",  # noqa: S608
}

TRAIT_VALUES: Final[Mapping[str, str]] = {
    "account": f"SELECT traits ->> %(name)s, id FROM ({ACCOUNTS_ON_DAY}) account WHERE {IS_SCALAR}",  # noqa: S608
    "person": f"SELECT traits ->> %(name)s, id FROM customers_person person WHERE {COUNTED} AND {IS_SCALAR}",  # noqa: S608
}


class Evaluation:
    """Who fits what, on the day of one window."""

    def __init__(self, window: Window) -> None:
        self.window = window
        self._edges: Mapping[str, Any] = {"day": window.day, "end": window.end}
        self._frames: dict[InputSpec, pl.DataFrame] = {}
        self._segments: dict[int, Ids] = {}

    def everybody(self, subject: SubjectKind) -> Ids:
        """All accounts, or persons, that were known by the end of the day."""
        return self._account_ids if subject == "account" else self._persons

    def members(self, number: int) -> Ids:
        """The members of a segment.

        Raises:
            UnknownDefinitionError: there is none of this number.
        """
        if number not in self._segments:
            body = find(SEGMENT, SegmentBody, number).body
            self._segments[number] = self.members_by(number, body)
        return self._segments[number]

    def members_by(self, number: int, body: SegmentBody) -> Ids:
        """The members of the segment of this number, by this body."""
        if body.condition is not None:
            return self.fitting(body.condition, body.subject)
        found = _ids(MEMBERS_ON[body.subject], {"segment": number, "day": self.window.day})
        return found & self.everybody(body.subject)

    def fitting(self, condition: Condition, subject: SubjectKind) -> Ids:
        """Of whom the condition holds."""
        match condition:
            case words.All():
                sets = [self.fitting(one, subject) for one in condition.of]
                return frozenset.intersection(*sets) if sets else self.everybody(subject)
            case words.AnyOf():
                return NOBODY.union(*(self.fitting(one, subject) for one in condition.of))
            case words.Not():
                return self.everybody(subject) - self.fitting(condition.of, subject)
            case words.OfSegment():
                return self.members(condition.segment)
            case words.DidNot():
                return self.everybody(subject) - self._did(
                    condition.event, condition.days, times=1, subject=subject
                )
            case _:
                return self._fitting(condition, subject) & self.everybody(subject)

    def by_attribute(self, column: str) -> dict[str, Ids]:
        """Accounts by what they have in a column (plan, stage or owner), without those that have nothing there."""
        pairs = self._accounts.select(column, "id").filter(pl.col(column) != "")
        return _collected(pairs.iter_rows())

    def by_top(self) -> dict[str, Ids]:
        """Accounts by the external id of the account at the top of their hierarchy."""
        above = dict(self._accounts.select("id", "parent").iter_rows())
        names = dict(self._accounts.select("id", "external_id").iter_rows())
        return _collected((names[_top(account, above)], account) for account in above)

    def by_trait(self, subject: SubjectKind, name: str) -> dict[str, Ids]:
        """Accounts or persons by the value of a trait that is a text, a number or a truth value."""
        known = self.everybody(subject)
        pairs = _rows(TRAIT_VALUES[subject], {**self._edges, "name": name})
        return _collected((label, number) for label, number in pairs if number in known)

    def by_band(self, metric: str) -> dict[str, Ids]:
        """Accounts by the band that their value of a metric lies in."""
        known = self.everybody("account")
        pairs = self._frame(_bands(metric, "account")).select("band", "subject").iter_rows()
        return _collected((band, account) for band, account in pairs if account in known)

    def _fitting(self, condition: Condition, subject: SubjectKind) -> Ids:
        match condition:
            case words.Plan() | words.Stage():
                return self._accounts_where(condition.type, condition.any_of)
            case words.Listed():
                return self._accounts_where("external_id", condition.any_of)
            case words.Under():
                return self._under(condition)
            case words.Trait():
                return _ids(TRAIT[subject], {**self._edges, **_trait(condition)})
            case words.Did():
                return self._did(condition.event, condition.days, times=condition.times, subject=subject)
            case words.Answered():
                return _having(self._frame(_survey(condition)), subject, "score", condition)
            case words.MetricValue():
                return _having(self._frame(_values(condition, subject)), "subject", "value", condition)
            case words.Band():
                bands = self._frame(_bands(condition.metric, subject, condition.max_age_days))
                return frozenset(bands.filter(pl.col("band").is_in(condition.any_of))["subject"])
            case words.BelongsTo():
                return self._belonging(self.fitting(condition.accounts, "account"))
            case words.HasPersons():
                return self._with_persons(self.fitting(condition.persons, "person"), condition.at_least)
            case words.All() | words.AnyOf() | words.Not() | words.OfSegment() | words.DidNot():
                return self.fitting(condition, subject)
            case _:
                assert_never(condition)

    def _frame(self, spec: InputSpec) -> pl.DataFrame:
        if spec not in self._frames:
            self._frames[spec] = RESOLVERS[type(spec)](spec, self.window)
        return self._frames[spec]

    @cached_property
    def _accounts(self) -> pl.DataFrame:
        columns = {
            "id": pl.Int64,
            "external_id": pl.String,
            "parent": pl.Int64,
            "plan": pl.String,
            "stage": pl.String,
            "owner": pl.String,
        }
        return pl.DataFrame(_rows(ACCOUNTS, self._edges), schema=columns, orient="row")

    @cached_property
    def _account_ids(self) -> Ids:
        return frozenset(self._accounts["id"])

    @cached_property
    def _persons(self) -> Ids:
        require_current()
        return _ids(PERSONS, self._edges)

    @cached_property
    def _memberships(self) -> Sequence[tuple[int, int]]:
        return _rows(MEMBERSHIPS, self._edges)

    def _accounts_where(self, column: str, values: Iterable[str]) -> Ids:
        wanted = pl.Series(list(values), dtype=pl.String)
        return frozenset(self._accounts.filter(pl.col(column).is_in(wanted.implode()))["id"])

    def _under(self, condition: words.Under) -> Ids:
        (top,) = self._accounts_where("external_id", [condition.account]) or (None,)
        if top is None:
            return NOBODY
        below: dict[int, list[int]] = defaultdict(list)
        for account, parent in self._accounts.select("id", "parent").drop_nulls().iter_rows():
            below[parent].append(account)
        found, waiting = {top}, [top]
        while waiting:
            # A circle of parents, were there one, ends where it began.
            news = [one for one in below[waiting.pop()] if one not in found]
            found.update(news)
            waiting += news
        return frozenset(found if condition.itself else found - {top})

    def _did(self, event: str, days: int, *, times: int, subject: SubjectKind) -> Ids:
        counts = self._frame(EventCounts(days=days, names=(event,)))
        done = counts.drop_nulls(subject).group_by(subject).agg(pl.col("count").sum())
        return frozenset(done.filter(pl.col("count") >= times)[subject])

    def _belonging(self, accounts: Ids) -> Ids:
        return frozenset(person for person, account in self._memberships if account in accounts)

    def _with_persons(self, persons: Ids, at_least: int) -> Ids:
        counts: dict[int, int] = defaultdict(int)
        for person, account in self._memberships:
            counts[account] += person in persons
        return frozenset(account for account, number in counts.items() if number >= at_least)


def specs_of(condition: Condition, subject: SubjectKind) -> tuple[InputSpec, ...]:
    """The inputs that decide who fits; of the segments that it refers to, see ``tracking.specs``."""
    found: dict[InputSpec, None] = {}
    for part, about in parts(condition, subject):
        match part:
            case words.Did() | words.DidNot():
                found[EventCounts(days=part.days, names=(part.event,))] = None
            case words.Answered():
                found[_survey(part)] = None
            case words.MetricValue():
                found[_values(part, about)] = None
            case words.Band():
                found[_bands(part.metric, about, part.max_age_days)] = None
            case words.Plan() | words.Stage() | words.Trait() | words.Under() | words.Listed():
                found[Accounts()] = None
            case _:
                pass
    return tuple(found)


def _survey(condition: words.Answered) -> SurveyResponses:
    return SurveyResponses(
        instrument=condition.instrument, days=condition.days, per_person="latest_as_of_window_end"
    )


def _values(condition: words.MetricValue, subject: SubjectKind) -> MetricValues:
    return MetricValues(
        metrics=(condition.metric,), subject_kind=subject, max_age_days=condition.max_age_days
    )


def _bands(metric: str, subject: SubjectKind, max_age_days: int = 7) -> MetricBands:
    return MetricBands(metric, subject_kind=subject, max_age_days=max_age_days)


def _having(
    frame: pl.DataFrame, subject: str, column: str, bounds: words.Answered | words.MetricValue
) -> Ids:
    low, high = bounds.at_least, bounds.at_most
    fitting = pl.col(column).is_not_null()
    if low is not None:
        fitting &= pl.col(column) >= low
    if high is not None:
        fitting &= pl.col(column) <= high
    return frozenset(frame.filter(fitting)[subject].drop_nulls())


def _trait(condition: words.Trait) -> dict[str, Any]:
    values = condition.any_of
    numbers = [one for one in values or () if not isinstance(one, bool) and _is_number(one)]
    return {
        "name": condition.name,
        "texts": None if values is None else [_text(one) for one in values],
        "numbers": [str(one) for one in numbers],
        "low": condition.at_least,
        "high": condition.at_most,
    }


def _text(value: words.Scalar) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _is_number(value: words.Scalar) -> bool:
    try:
        number = float(value)
    except ValueError:
        return False
    return math.isfinite(number)


def _rows(statement: str, params: Mapping[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        rows: list[Any] = cursor.fetchall()
        return rows


def _ids(statement: str, params: Mapping[str, Any]) -> Ids:
    return frozenset(number for (number,) in _rows(statement, params))


def _collected(pairs: Iterable[tuple[str, int]]) -> dict[str, Ids]:
    found: dict[str, set[int]] = defaultdict(set)
    for label, number in pairs:
        found[label].add(number)
    return {label: frozenset(ids) for label, ids in found.items()}


def _top(account: int, above: Mapping[int, int | None]) -> int:
    # A parent that did not exist on the day is none; a circle, were there one, ends where it began.
    met = {account}
    while True:
        parent = above[account]
        if parent is None or parent not in above or parent in met:
            return account
        account = parent
        met.add(account)
