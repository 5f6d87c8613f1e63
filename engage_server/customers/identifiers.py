"""Finds and makes the persons behind names, set-based: one statement each, however many names."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from django.db import connection

from engage_server.customers import identifiers_on_citus
from engage_server.customers.canonical_persons import canonical_id
from engage_server.tenancy import citus
from engage_server.tenancy.postgresql.messages import Row, text_array

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Identifier:
    """A name and whom it stands for.

    ``person`` is the name's own person and never changes; ``canonical`` is the one that counts for it. ``tie`` is the
    time and the user id of the tie in force, of a device's name only.
    """

    text: str
    person: int
    canonical: int
    has_user_id: bool
    is_identified: bool
    tie: tuple[datetime, str] | None


# What is known of a name, with the time of its tie as ``tied_at`` gives it, for the rows of ``wanted``. LATERAL with OFFSET
# or LIMIT, here and below: each name is looked up by index. For some hundred names the planner prefers to read all persons,
# so that a batch cost the more the more persons there were.
LOOK_UP: Final = f"""
    CROSS JOIN LATERAL (
        SELECT alias.alias, person.id, {canonical_id("person")}, person.external_id IS NOT NULL,
               alias.is_firm OR person.external_id IS NOT NULL, {{tied_at}}, tied_to.external_id
        FROM customers_personalias alias
        JOIN customers_person person ON person.id = alias.person_id
        LEFT JOIN customers_person tied_to ON tied_to.id = alias.tied_to_id
        WHERE alias.alias = wanted.name
        OFFSET 0
    ) found
"""  # noqa: S608  # canonical_id gives a constant
FIND: Final = f"""
    SELECT found.*
    FROM unnest(%s::text[]) AS wanted (name)
    {LOOK_UP.format(tied_at="alias.tied_at")}
"""  # noqa: S608  # as above

# The alias decides who makes a name when two try at once; the loser's person number is never used. A person that
# was made without an alias (by hand, by an older import) gets one. Returned are the names with persons made here: of
# these all is known without another look.
MAKE: Final = """
    WITH made AS (
        INSERT INTO customers_personalias (alias, person_id, is_firm)
        SELECT wanted.name, COALESCE(person.id, nextval('customers_person_id_seq')),
               wanted.is_user OR person.id IS NOT NULL
        FROM unnest(%s::text[], %s::boolean[]) AS wanted (name, is_user)
        LEFT JOIN LATERAL (
            SELECT stored.id FROM customers_person stored WHERE stored.external_id = wanted.name LIMIT 1
        ) person ON true
        ORDER BY wanted.name
        ON CONFLICT (alias) DO NOTHING
        RETURNING alias, person_id, is_firm
    ),
    fresh AS MATERIALIZED (
        SELECT made.* FROM made
        LEFT JOIN LATERAL (
            SELECT stored.id FROM customers_person stored WHERE stored.id = made.person_id LIMIT 1
        ) person ON true
        WHERE person.id IS NULL
    ),
    person AS (
        INSERT INTO customers_person (id, external_id, traits, is_excluded)
        SELECT person_id, CASE WHEN is_firm THEN alias END, '{}', false FROM fresh
    )
    SELECT alias, person_id, is_firm FROM fresh
"""

TIED_IN_MICROSECONDS: Final = "(extract(epoch FROM alias.tied_at) * 1000000)::bigint"
# For names that this process has not met, mostly new ones: makes them at once, and finds those that are there already.
# Where another transaction has made one meanwhile, it is in neither part and has to be looked up by another statement;
# and a person that was made without an alias breaks the unique rule. MAKE takes both as they are.
MAKE_OR_FIND: Final = f"""
    WITH unknown AS MATERIALIZED (SELECT * FROM unnest({{names}}, {{users}}::boolean[]) AS given (name, is_user)),
    made AS (
        INSERT INTO customers_personalias (alias, person_id, is_firm)
        SELECT name, nextval('customers_person_id_seq'), is_user FROM unknown ORDER BY name
        ON CONFLICT (alias) DO NOTHING
        RETURNING alias, person_id, is_firm
    ),
    person AS (
        INSERT INTO customers_person (id, external_id, traits, is_excluded)
        SELECT person_id, CASE WHEN is_firm THEN alias END, '{{{{}}}}', false FROM made
    )
    SELECT alias, person_id, person_id, is_firm, is_firm, NULL::bigint, NULL::text FROM made
    UNION ALL
    SELECT found.*
    FROM (SELECT name FROM unknown WHERE name NOT IN (SELECT alias FROM made) OFFSET 0) AS wanted
    {LOOK_UP.format(tied_at=TIED_IN_MICROSECONDS)}
"""  # noqa: S608  # as above

KNOWN: Final = """
    SELECT alias FROM customers_personalias WHERE alias = ANY(%(texts)s)
    UNION SELECT external_id FROM customers_person WHERE external_id = ANY(%(texts)s)
"""


def known_among(texts: Sequence[str]) -> frozenset[str]:
    """Those of the texts that are a name of somebody."""
    with connection.cursor() as cursor:
        cursor.execute(KNOWN, {"texts": list(texts)})
        return frozenset(text for (text,) in cursor.fetchall())


def find_identifiers(names: Sequence[str]) -> dict[str, Identifier]:
    """Those of the names that are known."""
    with connection.cursor() as cursor:
        cursor.execute(FIND, [list(names)])
        return {
            text: Identifier(
                text,
                person,
                canonical,
                has_user_id,
                is_identified,
                (tied_at, user) if user is not None else None,
            )
            for text, person, canonical, has_user_id, is_identified, tied_at, user in cursor.fetchall()
        }


def create_identifiers(names: Sequence[str], *, users: Collection[str]) -> dict[str, Identifier]:
    """Give each name a person of its own, unless another transaction was faster. ``names`` must be sorted.

    Returns:
        The names whose persons this call has made. The others have to be looked up.
    """
    if citus.in_use():
        made = identifiers_on_citus.make(names, users=users)
    else:
        with connection.cursor() as cursor:
            cursor.execute(MAKE, [list(names), [name in users for name in names]])
            made = cursor.fetchall()
    return {
        name: Identifier(name, person, person, has_user_id=is_user, is_identified=is_user, tie=None)
        for name, person, is_user in made
    }


def make_or_find_statement(names: Sequence[str], *, users: Collection[str]) -> str:
    """The statement MAKE_OR_FIND for these names, which must be sorted; for a message."""
    flags = ",".join(["t" if name in users else "f" for name in names])
    return MAKE_OR_FIND.format(names=text_array(names), users=f"'{{{flags}}}'")


def identifiers_from(rows: Sequence[Row]) -> dict[str, Identifier]:
    """The names in what MAKE_OR_FIND returns, as texts."""
    found = {}
    for alias, person, canonical, has_user_id, is_identified, tied_at, user in rows:
        text, number = _text(alias), int(_text(person))
        tie = None
        if tied_at is not None and user is not None:
            tie = (EPOCH + timedelta(microseconds=int(tied_at)), user.decode())
        found[text] = Identifier(
            text, number, int(_text(canonical)), has_user_id == b"t", is_identified == b"t", tie
        )
    return found


def _text(value: bytes | None) -> str:
    return (value or b"").decode()
