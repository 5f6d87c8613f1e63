"""Removes the values of persons, and persons from the explanations of other values. Inside the tenant's scope."""

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db import connection

from engage_server.metrics.models import MetricValue

PERSON: Final = "person"
# A shorter name is taken for one only where it stands alone: "7" stands in many a note.
LONG_ENOUGH_TO_SEARCH: Final = 6
ROWS_AT_ONCE: Final = 1_000
ERASED_PART: Final[Mapping[str, Any]] = {
    "key": "erased", "label": "Erased", "value": None, "weight": None, "n": None, "note": "erased on request",
}  # fmt: skip
MENTIONING: Final = """
    SELECT id FROM metrics_metricvalue
    WHERE EXISTS (
        SELECT FROM unnest(%s::text[]) AS name (text)
        WHERE strpos(contributions::text, name.text) > 0 OR strpos(details::text, name.text) > 0)
"""


@dataclass(frozen=True, slots=True)
class Redacted:
    """How many stored values named a person, and the (metric, day) of those in force."""

    values: int
    in_force: tuple[tuple[str, date], ...]


def remove_values_of(persons: Sequence[int]) -> int:
    """Delete every revision of the values whose subject is one of the persons; return how many rows."""
    deleted, _ = MetricValue.objects.filter(subject_kind=PERSON, subject_id__in=list(persons)).delete()
    return deleted


def redact_values(names: Collection[str]) -> Redacted:
    """Take the names out of contributions and details, of every revision.

    The parts that contain one become one part without a name and with the sum of their points, so that the points
    still add up to the value.
    """
    if not names:
        return Redacted(0, ())
    written = [_as_searched(name) for name in names]
    with connection.cursor() as cursor:
        cursor.execute(MENTIONING, [written])
        numbers = [number for (number,) in cursor.fetchall()]
    changed, in_force = 0, set()
    for row in _rows(numbers):
        contributions = _without(row.contributions, names)
        details = {
            key: value
            for key, value in row.details.items()
            if not _names(key, names) and not _names(value, names)
        }
        if (contributions, details) == (row.contributions, row.details):
            continue
        MetricValue.objects.filter(pk=row.pk).update(contributions=contributions, details=details)
        changed += 1
        if row.superseded_at is None:
            in_force.add((row.metric, row.day))
    return Redacted(changed, tuple(sorted(in_force)))


def _as_searched(name: str) -> str:
    """As JSON has it, quotes and backslashes escaped; a short name only where it is a whole text."""
    text = json.dumps(name, ensure_ascii=False)
    return text[1:-1] if len(name) >= LONG_ENOUGH_TO_SEARCH else text


def _rows(numbers: Sequence[int]) -> Iterator[MetricValue]:
    for start in range(0, len(numbers), ROWS_AT_ONCE):
        yield from MetricValue.objects.filter(pk__in=numbers[start : start + ROWS_AT_ONCE])


def _without(parts: list[dict[str, Any]], names: Collection[str]) -> list[dict[str, Any]]:
    named = [part for part in parts if _names(part, names)]
    if not named:
        return parts
    points = [part["points"] for part in named if part.get("points") is not None]
    erased = {**ERASED_PART, "points": sum(points) if points else None}
    return [*(part for part in parts if part not in named), erased]


def _names(value: Any, names: Collection[str]) -> bool:
    if isinstance(value, Mapping):
        return any(_names(key, names) or _names(inner, names) for key, inner in value.items())
    if isinstance(value, list):
        return any(_names(inner, names) for inner in value)
    return isinstance(value, str) and any(_stands_in(value, name) for name in names)


def _stands_in(text: str, name: str) -> bool:
    if text == name:
        return True
    return len(name) >= LONG_ENOUGH_TO_SEARCH and bool(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text))
