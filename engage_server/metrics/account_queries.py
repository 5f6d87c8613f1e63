"""Finds accounts by what they are and by their values, a page at a time, in one statement; inside the tenant's scope.

Pages follow each other by key: the row that a page ended with, by what it was ordered by, and the days that its values
are of. So neither accounts that come in between nor a day that is computed meanwhile moves a page.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Final

from django.db import DEFAULT_DB_ALIAS

from engage_server.customers.models import Account
from engage_server.customers.naming_texts import names_somebody
from engage_server.metrics.series import OF_FEW
from engage_server.sdk import Status
from engage_server.tenancy.postgresql.prepared import read

Key = tuple[Any, ...]
NEWEST: Final = """
    SELECT series.metric, max(newest.day)
    FROM metrics_wording AS series CROSS JOIN LATERAL (
        SELECT day FROM metrics_dayvalue WHERE series_id = series.id AND superseded_at IS NULL
        ORDER BY day DESC LIMIT 1) AS newest
    WHERE series.metric = ANY(%(metrics)s::text[]) GROUP BY series.metric
"""
# Whether a value is withheld is asked once for each (OFFSET keeps the planner from doing it twice): of those that go by
# their parts it is most of the work.
VALUES: Final = """
    {name} AS MATERIALIZED (
        SELECT account_id, CASE WHEN is_withheld THEN NULL ELSE value END AS value,
            CASE WHEN is_withheld THEN 'SUPPRESSED' ELSE status END AS status
        FROM (
            SELECT stored.subject_id AS account_id, measured.value::float8 AS value, measured.status,
                {withheld} AS is_withheld
            FROM metrics_wording AS series
            JOIN metrics_dayvalue AS stored ON stored.series_id = series.id AND stored.day = %({name}_day)s
                AND stored.superseded_at IS NULL
            JOIN metrics_measuredvalue AS measured ON measured.id = stored.measured_id
            WHERE series.metric = %({name}_metric)s AND series.subject_kind = 'account'
            OFFSET 0
        ) AS known
    )
"""
WITHHELD_BY_PARTS: Final = f"""
    stored.subject_id IN (
        SELECT subject_id FROM metrics_metricvalue
        WHERE metric = %({{name}}_metric)s AND subject_kind = 'account' AND day = %({{name}}_day)s
          AND superseded_at IS NULL AND {OF_FEW.format(persons="%(persons)s")})
"""  # noqa: S608  # constants of ours
LABEL: Final = "COALESCE(NULLIF(account.name, ''), account.external_id)"
# Who may not see persons' names has the accounts that bear one together, in no order of theirs.
LABEL_WITHOUT_NAMES: Final = f"(CASE WHEN {names_somebody(LABEL)} THEN '' ELSE {LABEL} END)"
STARTED: Final = "COALESCE(extract(epoch FROM account.started_at), 0)::float8"


class Sort(StrEnum):
    """What accounts are ordered by, of what they are themselves; what is not known comes last."""

    OLDEST = "OLDEST"
    NEWEST = "NEWEST"
    NAME = "NAME"
    NAME_DESCENDING = "NAME_DESCENDING"
    STARTED = "STARTED"
    STARTED_DESCENDING = "STARTED_DESCENDING"


@dataclass(frozen=True, slots=True)
class ByValue:
    """The lowest value of a metric first, or the highest."""

    metric: str
    low_first: bool


@dataclass(frozen=True, slots=True)
class ByStake:
    """Where most is at stake: the value of ``worth`` times how bad that of ``risk`` is, the largest first.

    Of two with the same at stake the one with the worse value of ``risk``.

    How bad: the distance to the best of all accounts on the day; with ``days`` how far it fell in so many days, 0 where
    it did not. ``low_is_bad`` says which way is worse.
    """

    risk: str
    worth: str
    low_is_bad: bool
    days: int | None = None


Order = Sort | ByValue | ByStake


@dataclass(frozen=True, slots=True)
class ValueCondition:
    """A metric's value lies between marks, without the marks, or has one of these statuses; no value is NO_DATA."""

    metric: str
    below: float | None = None
    above: float | None = None
    statuses: Sequence[Status] | None = None


@dataclass(frozen=True, slots=True)
class Conditions:
    """Which accounts; all that is given holds."""

    ids: Collection[int] | None = None
    external_ids: Sequence[str] | None = None
    parents: Sequence[int] | None = None
    plans: Sequence[str] | None = None
    stages: Sequence[str] | None = None
    owners: Sequence[str] | None = None
    traits: Sequence[Mapping[str, Any]] = ()
    search: str = ""
    values: Sequence[ValueCondition] = ()


@dataclass(frozen=True, slots=True)
class Withholding:
    """Of which metrics values are hidden that rest on fewer persons than these: by their sample, or by their parts."""

    persons: int
    by_sample: frozenset[str] = frozenset()
    by_parts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class PageStatement:
    """A statement that reads a page, with the columns of its keys and the way in which they are ordered."""

    text: str
    params: Mapping[str, Any]
    keys: Sequence[str]
    way: str


@dataclass(frozen=True, slots=True)
class AccountQuery:
    """A question for accounts, with the days that its metrics' values are of.

    ``hides_names``: it comes from who may not see persons' names, so that none is found or ordered by.
    """

    conditions: Conditions
    order: Order
    withholding: Withholding
    days: Mapping[str, date | None] = field(default_factory=dict)
    hides_names: bool = False

    def page(
        self, *, size: int, behind: Key | None = None, backwards: bool = False
    ) -> list[tuple[Account, Key]]:
        """At most ``size`` accounts behind a key, with the keys of their own.

        ``backwards``: those before it, or the last of all; in the list's order all the same.
        """
        names = [field.attname for field in Account._meta.concrete_fields]
        columns = ", ".join(f"account.{name}" for name in names)
        asked = self.statement(columns, size=size, behind=behind, backwards=backwards)
        found = [
            (Account.from_db(DEFAULT_DB_ALIAS, names, row[: len(names)]), row[len(names) :])
            for row in read(asked.text, asked.params)
        ]
        return found[::-1] if backwards else found

    def statement(
        self, columns: str, *, size: int, behind: Key | None = None, backwards: bool = False
    ) -> "PageStatement":
        """The statement of ``page`` with these columns and the keys; backwards in the order in which it reads."""
        statement = _Statement(self)
        keys, is_descending = statement.keys()
        if behind is not None:
            compared = ">" if is_descending == backwards else "<"
            given = ", ".join(
                statement.given(f"behind_{place}", part) + _cast(part) for place, part in enumerate(behind)
            )
            statement.where.append(f"({', '.join(keys)}) {compared} ({given})")
        way = "DESC" if is_descending != backwards else "ASC"
        names = [f"key_{place}" for place in range(len(keys))]
        shown = ", ".join(f"{key} AS {name}" for key, name in zip(keys, names, strict=True))
        ordered = ", ".join(f"{key} {way}" for key in keys)
        text = f"{statement.head(f'{columns}, {shown}')} ORDER BY {ordered} LIMIT {int(size)}"
        return PageStatement(text, statement.params, names, way)

    def count(self) -> int:
        """How many accounts there are on all pages."""
        statement = _Statement(self)
        ((count,),) = read(statement.head("count(*)"), statement.params)
        return int(count)

    def key_types(self) -> tuple[type, ...]:
        """The types of a key's parts, by which one that came from outside is checked."""
        match self.order:
            case Sort.OLDEST | Sort.NEWEST:
                return (int,)
            case Sort.NAME | Sort.NAME_DESCENDING:
                return (str, int)
            case ByStake():
                return (int, float, int, float, int)
            case _:
                return (int, float, int)


def metrics_of(conditions: Conditions, order: Order) -> list[str]:
    """The metrics whose values decide."""
    found = [one.metric for one in conditions.values]
    match order:
        case ByValue():
            found.append(order.metric)
        case ByStake():
            found += [order.risk, order.worth]
    return list(dict.fromkeys(found))


def newest_days(metrics: Iterable[str]) -> dict[str, date | None]:
    """The day on which each of these was last computed; None where it never was."""
    wanted = list(metrics)
    if not wanted:
        return {}
    found: dict[str, date] = dict(read(NEWEST, {"metrics": wanted}))
    return {metric: found.get(metric) for metric in wanted}


class _Statement:
    """The parts of a statement that grow while its conditions and its order are written."""

    def __init__(self, asked: AccountQuery) -> None:
        self._asked = asked
        self._values: dict[tuple[str, date | None], str] = {}
        self.params: dict[str, Any] = {"persons": asked.withholding.persons}
        self.where: list[str] = []
        self._conditions(asked.conditions)

    def head(self, columns: str) -> str:
        """All but the order."""
        values = ",".join(
            VALUES.format(name=name, withheld=self._withheld(metric, name))
            for (metric, _), name in self._values.items()
        )
        joined = " ".join(
            f"LEFT JOIN {name} ON {name}.account_id = account.id" for name in self._values.values()
        )
        where = f"WHERE {' AND '.join(self.where)}" if self.where else ""
        head = f"WITH {values}" if values else ""
        # Whatever comes from outside is a parameter.
        return f"{head} SELECT {columns} FROM customers_account AS account {joined} {where}"  # noqa: S608

    def given(self, name: str, value: Any) -> str:
        """The place of a parameter."""
        self.params[name] = value
        return f"%({name})s"

    def keys(self) -> tuple[list[str], bool]:
        """The expressions by which accounts are ordered, none of them ever null, and whether all of them descend."""
        match self._asked.order:
            case Sort.OLDEST | Sort.NEWEST as sort:
                return ["account.id"], sort is Sort.NEWEST
            case Sort.NAME | Sort.NAME_DESCENDING as sort:
                label = LABEL_WITHOUT_NAMES if self._asked.hides_names else LABEL
                return [label, "account.id"], sort is Sort.NAME_DESCENDING
            case Sort.STARTED | Sort.STARTED_DESCENDING as sort:
                sign = "-" if sort is Sort.STARTED_DESCENDING else ""
                return ["(account.started_at IS NULL)::int", f"({sign}{STARTED})", "account.id"], False
            case ByValue(metric, low_first):
                value = f"{self._value(metric)}.value"
                return self._by(value if low_first else f"-{value}"), False
            case ByStake() as stake:
                # Of many nothing is at stake: among them, too, the worse stands first, on every page.
                worst = f"{'' if stake.low_is_bad else '-'}{self._value(stake.risk)}.value"
                return [*self._by(f"-({self._stake(stake)})")[:-1], *self._by(worst)], False

    def _by(self, expression: str) -> list[str]:
        return [f"(({expression}) IS NULL)::int", f"COALESCE({expression}, 0)::float8", "account.id"]

    def _stake(self, stake: ByStake) -> str:
        risk, worth = self._value(stake.risk), self._value(stake.worth)
        if stake.days is None:
            best = "max" if stake.low_is_bad else "min"
            bad = f"abs((SELECT {best}(value) FROM {risk}) - {risk}.value)"  # noqa: S608  # names of ours
        else:
            day = self._asked.days[stake.risk]
            before = self._value(stake.risk, None if day is None else day - timedelta(days=stake.days))
            fall = f"{before}.value - {risk}.value" if stake.low_is_bad else f"{risk}.value - {before}.value"
            # greatest() would take null for the smaller one: who has no earlier value did not fall by 0.
            bad = f"(CASE WHEN {fall} < 0 THEN 0 ELSE {fall} END)"
        return f"{bad} * {worth}.value"

    def _value(self, metric: str, on: date | None = None) -> str:
        """The name under which a metric's values of a day are joined."""
        day = on or self._asked.days[metric]
        place = (metric, day)
        if place not in self._values:
            name = f"value_{len(self._values)}"
            self._values[place] = name
            self.params |= {f"{name}_metric": metric, f"{name}_day": day}
        return self._values[place]

    def _withheld(self, metric: str, name: str) -> str:
        if metric in self._asked.withholding.by_sample:
            return "measured.n > 0 AND measured.n < %(persons)s"
        if metric in self._asked.withholding.by_parts:
            return WITHHELD_BY_PARTS.format(name=name)
        return "false"

    def _conditions(self, asked: Conditions) -> None:
        for column, values in (
            ("account.id", asked.ids),
            ("account.external_id", asked.external_ids),
            ("account.parent_id", asked.parents),
            ("account.plan", asked.plans),
            ("account.stage", asked.stages),
            ("account.owner", asked.owners),
        ):
            if values is not None:
                name = column.partition(".")[2]
                self.where.append(f"{column} = ANY({self.given(f'any_{name}', list(values))})")
        for place, trait in enumerate(asked.traits):
            text = self.given(f"trait_{place}", json.dumps(trait))
            self.where.append(f"account.traits @> {text}::jsonb")
        if asked.search:
            like = self.given("search", f"%{_literally(asked.search)}%")
            self.where.append(f"(account.name ILIKE {like} OR account.external_id ILIKE {like})")
            if self._asked.hides_names:
                self.where.append(f"NOT {names_somebody('account.name', 'account.external_id')}")
        for place, one in enumerate(asked.values):
            self._value_condition(one, place)

    def _value_condition(self, asked: ValueCondition, place: int) -> None:
        name = self._value(asked.metric)
        if asked.below is not None:
            self.where.append(f"{name}.value < {self.given(f'below_{place}', asked.below)}::float8")
        if asked.above is not None:
            self.where.append(f"{name}.value > {self.given(f'above_{place}', asked.above)}::float8")
        if asked.statuses is not None:
            wanted = self.given(f"statuses_{place}", [status.value for status in asked.statuses])
            self.where.append(f"COALESCE({name}.status, 'NO_DATA') = ANY({wanted})")


def _literally(text: str) -> str:
    """The text as a pattern that means itself."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _cast(part: Any) -> str:
    return {int: "::int", float: "::float8"}.get(type(part), "::text")
