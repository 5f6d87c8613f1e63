"""Removes the values of persons, and persons from the explanations of other values. Inside the tenant's scope."""

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db import connection

from engage_server.customers.person_mentions import SHORTEST_WORD, NameMatcher
from engage_server.metrics.models import MetricValue

PERSON: Final = "person"
ROWS_AT_ONCE: Final = 1_000
ERASED_PART: Final[Mapping[str, Any]] = {
    "key": "erased", "label": "Erased", "value": None, "weight": None, "n": None, "note": "erased on request",
}  # fmt: skip
# What may mention one of the names, in any form that a ``NameMatcher`` knows; rather too many rows than too few.
MENTIONING: Final = """
    SELECT value.id FROM metrics_metricvalue value
    CROSS JOIN LATERAL (SELECT lower(contributions::text || details::text) AS text) document
    WHERE document.text ~ ANY(%(patterns)s) OR EXISTS (
        SELECT FROM unnest(%(words)s::text[]) AS word (text) WHERE strpos(document.text, word.text) > 0)
"""
ENCODED: Final = "%[0-9a-f]{2}"
NOT_ASCII: Final = r"[^\x01-\x7f]"
# A short name counts where it is a whole text or quotation, perhaps with punctuation.
SHORT: Final = r"""["'.!?@]{name}["'.!?@\\]"""


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
    matcher = NameMatcher(names)
    with connection.cursor() as cursor:
        cursor.execute(MENTIONING, _searches(names))
        numbers = [number for (number,) in cursor.fetchall()]
    changed, in_force = 0, set()
    for row in _rows(numbers):
        contributions = _without(row.contributions, matcher)
        details = {
            key: value for key, value in row.details.items() if not matcher.matches_document({key: value})
        }
        if (contributions, details) == (row.contributions, row.details):
            continue
        MetricValue.objects.filter(pk=row.pk).update(contributions=contributions, details=details)
        changed += 1
        if row.superseded_at is None:
            in_force.add((row.metric, row.day))
    return Redacted(changed, tuple(sorted(in_force)))


def _searches(names: Collection[str]) -> dict[str, list[str]]:
    """What to look for in the stored JSON, where quotes and backslashes are escaped."""
    written = {name: json.dumps(name, ensure_ascii=False)[1:-1].lower() for name in names}
    short = [
        SHORT.format(name=re.escape(text)) for name, text in written.items() if len(name) < SHORTEST_WORD
    ]
    is_ascii = all(name.isascii() for name in names)
    return {
        "words": [text for name, text in written.items() if len(name) >= SHORTEST_WORD],
        "patterns": [*short, ENCODED, *([] if is_ascii else [NOT_ASCII])],
    }


def _rows(numbers: Sequence[int]) -> Iterator[MetricValue]:
    for start in range(0, len(numbers), ROWS_AT_ONCE):
        yield from MetricValue.objects.filter(pk__in=numbers[start : start + ROWS_AT_ONCE])


def _without(parts: list[dict[str, Any]], matcher: NameMatcher) -> list[dict[str, Any]]:
    named = [part for part in parts if matcher.matches_document(part)]
    if not named:
        return parts
    points = [part["points"] for part in named if part.get("points") is not None]
    erased = {**ERASED_PART, "points": sum(points) if points else None}
    return [*(part for part in parts if part not in named), erased]
