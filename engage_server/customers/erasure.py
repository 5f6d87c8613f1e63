"""Hides persons, and removes them. Inside the tenant's scope."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection
from django.db.models import Q

from engage_server.customers.canonical_persons import names_of
from engage_server.customers.models import SurveyResponse
from engage_server.customers.person_mentions import NameMatcher

ERASED: Final = "erased on request"

# Trait keys whose values tell one person from all others.
IDENTIFYING_TRAITS: Final = ("email", "e-mail", "mail", "phone", "mobile", "username", "$email", "$phone")
IDENTIFYING: Final = """
    SELECT DISTINCT trait.value FROM customers_person person
    CROSS JOIN LATERAL jsonb_each_text(person.traits) AS trait (key, value)
    WHERE person.id = ANY(%(persons)s) AND lower(trait.key) = ANY(%(keys)s) AND trait.value <> ''
"""
HIDE: Final = """
    UPDATE customers_person SET is_suppressed = %(hidden)s
    WHERE id = ANY(%(persons)s) AND is_suppressed <> %(hidden)s
"""
HIDDEN: Final = "SELECT id FROM customers_person WHERE id = ANY(%(persons)s) AND is_suppressed ORDER BY id"
RESPONSES: Final = """
    DELETE FROM customers_surveyresponse WHERE person_id = ANY(%(persons)s) RETURNING occurred_at
"""
# In this order no row refers to one that is gone.
REMOVE: Final[Mapping[str, str]] = {
    "customers_membership": "DELETE FROM customers_membership WHERE person_id = ANY(%(persons)s)",
    "customers_personalias": "DELETE FROM customers_personalias WHERE person_id = ANY(%(persons)s)",
    "customers_person": "DELETE FROM customers_person WHERE id = ANY(%(persons)s)",
}
UNTIE: Final = """
    UPDATE customers_personalias SET tied_to_id = NULL, tied_at = NULL WHERE tied_to_id = ANY(%(persons)s)
"""
PART: Final = """
    UPDATE customers_person SET
        merged_into_id = CASE WHEN merged_into_id = ANY(%(persons)s) THEN NULL ELSE merged_into_id END,
        joined_at = CASE WHEN joined_to_id = ANY(%(persons)s) THEN NULL ELSE joined_at END,
        joined_to_id = CASE WHEN joined_to_id = ANY(%(persons)s) THEN NULL ELSE joined_to_id END
    WHERE merged_into_id = ANY(%(persons)s) OR joined_to_id = ANY(%(persons)s)
"""


@dataclass(frozen=True, slots=True)
class Redacted:
    """When each response that was redacted was given. ``last``: the last one looked at; None once all were."""

    moments: list[datetime]
    last: int | None


def identifying_texts(persons: Sequence[int]) -> frozenset[str]:
    """The names of these persons, and those traits that belong to them alone (addresses, telephone numbers).

    Mail is delivered whatever the case of an address, so that one also goes by its lower case.
    """
    traits = _column(IDENTIFYING, {"persons": list(persons), "keys": list(IDENTIFYING_TRAITS)})
    texts = frozenset([*names_of(persons), *traits])
    return texts | {text.lower() for text in texts if "@" in text}


def hide_persons(persons: Sequence[int]) -> None:
    """Take these persons out of every answer."""
    _hide(persons, hidden=True)


def show_persons(persons: Sequence[int]) -> None:
    """Undo ``hide_persons``."""
    _hide(persons, hidden=False)


def hidden_among(persons: Sequence[int]) -> list[int]:
    """Those of these persons who are in no answer."""
    return _column(HIDDEN, {"persons": list(persons)})


def remove_responses(persons: Sequence[int]) -> list[datetime]:
    """Delete the persons' survey responses; return when each was given."""
    return _column(RESPONSES, {"persons": list(persons)})


def redact_responses(names: Collection[str], *, after: int, limit: int) -> Redacted:
    """Look through up to ``limit`` texts that are no customer's own words and redact those that mention one of the names.

    Those are what nobody is known to have said, and what the tenant's people wrote about anybody.
    """
    matcher = NameMatcher(names)
    rows = list(
        SurveyResponse.objects.filter(Q(person=None) | Q(given_by=SurveyResponse.GivenBy.STAFF), pk__gt=after)
        .exclude(text="", tags=[])
        .order_by("pk")
        .values_list("pk", "text", "tags", "occurred_at")[:limit]
    )
    named = {pk: at for pk, text, tags, at in rows if matcher.matches_document([text, tags])}
    doomed = SurveyResponse.objects.filter(pk__in=named)
    doomed.update(tags=[])
    doomed.exclude(text="").update(text=ERASED)
    return Redacted(list(named.values()), rows[-1][0] if len(rows) == limit else None)


def remove_persons(persons: Sequence[int]) -> dict[str, int]:
    """Delete the persons, their names and memberships, in a transaction that has announced it; rows by table."""
    params = {"persons": list(persons)}
    counts: dict[str, int] = {}
    with connection.cursor() as cursor:
        cursor.execute(UNTIE, params)
        for table, statement in REMOVE.items():
            if table == "customers_person":
                cursor.execute(PART, params)
            cursor.execute(statement, params)
            counts[table] = cursor.rowcount
    return counts


def _hide(persons: Sequence[int], *, hidden: bool) -> None:
    if persons:
        with connection.cursor() as cursor:
            cursor.execute(HIDE, {"persons": list(persons), "hidden": hidden})


def _column(statement: str, params: Mapping[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return [value for (value,) in cursor.fetchall()]
