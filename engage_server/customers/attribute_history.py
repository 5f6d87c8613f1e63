"""The history of one attribute of an account: a function of what was told of it, in whatever order that came.

Of each day the last word told of each value is kept, and the very first word of all. On a day holds what was told last
up to its end; before the first word, that word, except that nobody was lost from the beginning: who is first heard of
as churned was a customer before.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any, Final

PLAN: Final = "plan"
STAGE: Final = "stage"
PARENT: Final = "parent"  # its value is the account's id
OWNER: Final = "owner"
TRAIT: Final = "traits."  # before the trait's name
BEFORE: Final[Mapping[str, str]] = {"CHURNED": "CUSTOMER"}  # of stages: what was before the first word


@dataclass(frozen=True, slots=True)
class Statement:
    """That an attribute had this value at a time, and when that came in."""

    at: datetime
    value: Any
    received_at: datetime

    @property
    def text(self) -> str:
        """The value as JSON, as PostgreSQL writes it."""
        return json.dumps(self.value, ensure_ascii=False, sort_keys=True)

    @property
    def order(self) -> tuple[datetime, str]:
        """Which of two statements is the later one; of those of one moment the text decides."""
        return self.at, self.text


@dataclass(frozen=True, slots=True)
class Period:
    """The value held from the day ``first`` until ``until``, exclusive; None: ever, or still."""

    value: Any
    first: date | None
    until: date | None = None


class AttributeHistory:
    """What was told of one attribute, by the days of a calendar; ``unknown`` is its value while nothing was."""

    def __init__(
        self, attribute: str, zone: tzinfo, statements: Iterable[Statement] = (), *, unknown: Any = None
    ) -> None:
        self._attribute = attribute
        self._zone = zone
        self._unknown = unknown
        self._first: Statement | None = None
        self._latest: dict[tuple[date, str], Statement] = {}
        for statement in statements:
            self.tell(statement)

    def tell(self, statement: Statement) -> None:
        """Take in one more statement; one that is known already changes nothing."""
        if self._first is None or statement.order < self._first.order:
            self._first = statement
        elif statement.order == self._first.order:
            self._first = _earlier_receipt(self._first, statement)
        key = (self._day(statement), statement.text)
        known = self._latest.get(key)
        if known is None:
            self._latest[key] = statement
        else:
            latest = max(known, statement, key=lambda one: one.at)
            received_at = min(known.received_at, statement.received_at)
            self._latest[key] = Statement(latest.at, latest.value, received_at)

    def copy(self) -> "AttributeHistory":
        """One that can be told more without this one's knowing."""
        return AttributeHistory(self._attribute, self._zone, self.statements(), unknown=self._unknown)

    def statements(self) -> list[Statement]:
        """What is kept, the earliest first."""
        kept = {statement.order: statement for statement in self._latest.values()}
        if self._first is not None:
            kept.setdefault(self._first.order, self._first)
        return [kept[order] for order in sorted(kept)]

    @property
    def present(self) -> Any:
        """The value that was told last."""
        return max(self._latest.values(), key=lambda one: one.order).value if self._latest else self._unknown

    def on(self, day: date | None) -> Any:
        """The value of a day; of None, that of all days before any."""
        if self._first is None:
            return self._unknown
        told = [] if day is None else [one for one in self._latest.values() if self._day(one) <= day]
        return max(told, key=lambda one: one.order).value if told else self._before(self._first.value)

    def periods(self) -> list[Period]:
        """The values and their days, the earliest first, no two neighbours alike."""
        if self._first is None:
            return [Period(self._unknown, None)]
        by_day = {self._day(one): one.value for one in self.statements()}
        found = [Period(self._before(self._first.value), None)]
        for day, value in by_day.items():
            if value != found[-1].value:
                found[-1] = Period(found[-1].value, found[-1].first, day)
                found.append(Period(value, day))
        return found

    def _before(self, first: Any) -> Any:
        return BEFORE.get(first, first) if self._attribute == STAGE else first

    def _day(self, statement: Statement) -> date:
        return statement.at.astimezone(self._zone).date()


def differences(former: AttributeHistory, present: AttributeHistory) -> list[tuple[date | None, date | None]]:
    """The days on which the two differ, as periods ``(first, until)`` with None as of ``Period``."""
    edges = sorted({one.first for history in (former, present) for one in history.periods() if one.first})
    found: list[tuple[date | None, date | None]] = []
    for first, until in zip([None, *edges], [*edges, None], strict=True):
        if former.on(first) != present.on(first):
            if found and found[-1][1] == first and first is not None:
                found[-1] = (found[-1][0], until)
            else:
                found.append((first, until))
    return found


def _earlier_receipt(known: Statement, again: Statement) -> Statement:
    return known if known.received_at <= again.received_at else again
