"""Makes the persons behind names on a Citus cluster, whose planner takes no INSERT within a statement: in four of them."""

from collections.abc import Collection, Sequence
from typing import Final

from django.db import connection

# Persons that were made without an alias get one.
WITHOUT_ALIAS: Final = "SELECT external_id, id FROM customers_person WHERE external_id = ANY(%s)"
NUMBERS: Final = "SELECT nextval('customers_person_id_seq') FROM generate_series(1, %s)"
ALIASES: Final = """
    INSERT INTO customers_personalias (alias, person_id, is_firm)
    SELECT * FROM unnest(%s::text[], %s::int[], %s::boolean[])
    ON CONFLICT (alias) DO NOTHING RETURNING alias, person_id, is_firm
"""
PERSONS: Final = """
    INSERT INTO customers_person (id, external_id, traits, is_excluded)
    SELECT id, external_id, '{}', false FROM unnest(%s::int[], %s::text[]) AS one (id, external_id)
"""
Made = tuple[str, int, bool]


def make(names: Sequence[str], *, users: Collection[str]) -> list[Made]:
    """As ``identifiers.MAKE``: the names whose persons this call has made, with their numbers and whether they are users."""
    with connection.cursor() as cursor:
        cursor.execute(WITHOUT_ALIAS, [list(names)])
        known: dict[str, int] = dict(cursor.fetchall())
        cursor.execute(NUMBERS, [len(names)])
        fresh = [number for (number,) in cursor.fetchall()]
        numbers = [known.get(name, number) for name, number in zip(names, fresh, strict=True)]
        cursor.execute(ALIASES, [list(names), numbers, [name in users or name in known for name in names]])
        made: list[Made] = [one for one in cursor.fetchall() if one[0] not in known]
        if made:
            persons = [name if is_firm else None for name, _, is_firm in made]
            cursor.execute(PERSONS, [[number for _, number, _ in made], persons])
    return made
