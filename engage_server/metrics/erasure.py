"""Removes the values of persons, and persons from the explanations of other values. Inside the tenant's scope."""

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db import connection

from engage_server.customers.person_mentions import SHORTEST_WORD, NameMatcher
from engage_server.metrics.layouts import Parts, pack_stored, unpack
from engage_server.metrics.wordings import numbers_of_texts

PERSON: Final = "person"
ROWS_AT_ONCE: Final = 1_000
ERASED_PART: Final[Mapping[str, Any]] = {
    "key": "erased", "label": "Erased", "value": None, "weight": None, "n": None, "note": "erased on request",
}  # fmt: skip
# What may mention one of the names, in any form that a ``NameMatcher`` knows; rather too many rows than too few.
MENTIONING: Final = """
    WITH document AS (
        SELECT id AS layout_id, NULL::bigint AS id, lower(body::text) AS text FROM metrics_wording WHERE body IS NOT NULL
        UNION ALL SELECT NULL, id, lower(figures) FROM metrics_measuredvalue
    ), mentioning AS MATERIALIZED (
        SELECT layout_id, id FROM document WHERE text ~ ANY(%(patterns)s) OR EXISTS (
            SELECT FROM unnest(%(words)s::text[]) AS word (text) WHERE strpos(document.text, word.text) > 0)
    )
    SELECT id FROM mentioning WHERE id IS NOT NULL
    UNION SELECT measured.id FROM mentioning JOIN metrics_measuredvalue AS measured USING (layout_id)
"""
READ: Final = """
    SELECT measured.id, layout.body::text, measured.figures
    FROM metrics_measuredvalue AS measured JOIN metrics_wording AS layout ON layout.id = measured.layout_id
    WHERE measured.id = ANY(%s)
"""
# Where it is said, and since the digest is of what was said before, it is not known any more.
REPLACE: Final = """
    UPDATE metrics_measuredvalue SET layout_id = %s, figures = %s, digest = NULL WHERE id = %s
"""
OF_DAYS: Final = """
    SELECT series.metric, stored.day, stored.superseded_at IS NULL
    FROM metrics_dayvalue AS stored JOIN metrics_wording AS series ON series.id = stored.series_id
    WHERE stored.measured_id = ANY(%s)
"""
REMOVE: Final = """
    WITH gone AS (
        DELETE FROM metrics_dayvalue WHERE subject_id = ANY(%s)
            AND series_id IN (SELECT id FROM metrics_wording WHERE subject_kind = %s)
        RETURNING measured_id
    ), measured AS (
        DELETE FROM metrics_measuredvalue WHERE id IN (SELECT measured_id FROM gone)
    )
    SELECT count(*) FROM gone
"""
# What no value has any more.
FORGET: Final = """
    WITH used (id) AS (
        SELECT layout_id FROM metrics_measuredvalue UNION SELECT reason_id FROM metrics_dayvalue
    )
    DELETE FROM metrics_wording AS wording
    WHERE body IS NOT NULL AND NOT EXISTS (SELECT FROM used WHERE used.id = wording.id)
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
    """Delete every revision of the values whose subject is one of the persons; return how many."""
    with connection.cursor() as cursor:
        cursor.execute(REMOVE, [list(persons), PERSON])
        return int(cursor.fetchone()[0])


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
        changed = [number for number, *said in _rows(numbers) if _redact(number, *said, matcher=matcher)]
        cursor.execute(FORGET)
        cursor.execute(OF_DAYS, [changed])
        days = cursor.fetchall()
    in_force = {(metric, day) for metric, day, is_in_force in days if is_in_force}
    return Redacted(len(days), tuple(sorted(in_force)))


def _redact(number: int, layout: str, figures: str, *, matcher: NameMatcher) -> bool:
    """Take the names out of what was measured; whether there were any."""
    parts, details = unpack(layout, figures)
    kept = _without(parts, matcher)
    said = {key: value for key, value in details.items() if not matcher.matches_document({key: value})}
    if (kept, said) == (parts, details):
        return False
    packed = pack_stored(kept, said)
    with connection.cursor() as cursor:
        layout_id = numbers_of_texts([packed.layout])[packed.layout]
        cursor.execute(REPLACE, [layout_id, packed.figures.decode(), number])
    return True


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


def _rows(numbers: list[int]) -> Iterator[tuple[int, str, str]]:
    with connection.cursor() as cursor:
        for start in range(0, len(numbers), ROWS_AT_ONCE):
            cursor.execute(READ, [numbers[start : start + ROWS_AT_ONCE]])
            yield from cursor.fetchall()


def _without(parts: Parts, matcher: NameMatcher) -> Parts:
    named = [part for part in parts if matcher.matches_document(part)]
    if not named:
        return parts
    points = [part["points"] for part in named if part.get("points") is not None]
    erased = {**ERASED_PART, "points": sum(points) if points else None}
    return [*(part for part in parts if part not in named), erased]
