"""Names the members of segments: who is listed by name, and who is to be shown. Inside the tenant's scope."""

from collections.abc import Collection, Iterable
from typing import Final

from django.db import connection

from engage_server.customers.canonical_persons import canonical_id
from engage_server.customers.models import Account
from engage_server.segments.conditions import SubjectKind
from engage_server.segments.exceptions import UnknownMemberError

NAMED_PERSONS: Final = f"""
    SELECT named.name, {canonical_id("person")}
    FROM (
        SELECT external_id AS name, id FROM customers_person WHERE external_id = ANY(%(names)s)
        UNION SELECT alias, person_id FROM customers_personalias WHERE alias = ANY(%(names)s)
    ) named JOIN customers_person person ON person.id = named.id
    WHERE NOT person.is_suppressed
"""  # noqa: S608  # canonical_id gives a constant
# Suppressed persons are in no answer.
SHOWN_PERSONS: Final = """
    SELECT id FROM customers_person WHERE id = ANY(%(ids)s) AND NOT is_suppressed ORDER BY id
"""


def named_subjects(subject: SubjectKind, names: Iterable[str]) -> dict[str, int]:
    """The accounts of these external ids, or the persons of these user ids or anonymous ids, by name.

    Raises:
        UnknownMemberError: some name is nobody's; nothing is half done.
    """
    wanted = sorted(set(names))
    if subject == "account":
        found = dict(Account.objects.filter(external_id__in=wanted).values_list("external_id", "id"))
    else:
        with connection.cursor() as cursor:
            cursor.execute(NAMED_PERSONS, {"names": wanted})
            found = dict(cursor.fetchall())
    missing = [name for name in wanted if name not in found]
    if missing:
        raise UnknownMemberError(
            f"There is no {subject} {missing[0]!r}"
            + (f", nor {len(missing) - 1} others of those named" if len(missing) > 1 else "")
            + ". Nobody was added or removed. Remedy: use the ids by which they were sent."
        )
    return found


def shown(subject: SubjectKind, ids: Collection[int]) -> list[int]:
    """Those of these members that may be shown, in order of their numbers."""
    if subject == "account":
        return sorted(ids)
    with connection.cursor() as cursor:
        cursor.execute(SHOWN_PERSONS, {"ids": list(ids)})
        return [number for (number,) in cursor.fetchall()]
