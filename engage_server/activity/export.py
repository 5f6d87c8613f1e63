"""A tenant's events as the import takes them back: names instead of numbers, a file for each source."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.db import connection
from psycopg import sql

from engage_server.tenancy.parquet import write_parquet

EVENTS: Final = sql.SQL("""
    SELECT event.message_id, name.name, event.occurred_at, event.received_at, person.external_id AS person,
           CASE WHEN person.external_id IS NULL THEN device.alias END AS anonymous_id,
           account.external_id AS account, feature.name AS feature,
           name.event_class = 'PASSIVE' AS passive, event.properties
    FROM activity_event event
    JOIN activity_eventname name ON name.id = event.name_id
    LEFT JOIN activity_feature feature ON feature.id = name.feature_id
    LEFT JOIN customers_account account ON account.id = event.account_id
    LEFT JOIN customers_person person ON person.id = event.person_id
    LEFT JOIN (SELECT person_id, min(alias) AS alias FROM customers_personalias GROUP BY person_id) device
        ON device.person_id = event.person_id
    WHERE event.source_id = {} AND NOT COALESCE(person.is_suppressed, false)
""")


@dataclass(frozen=True, slots=True)
class EventsFile:
    """The events of one source; those of a test source count nowhere, and no import takes them."""

    source: str
    rows: int
    is_test: bool


def export_events(folder: Path) -> dict[str, EventsFile]:
    """Write ``events-N.parquet`` for each source of the tenant in scope; by file, what it holds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, name, environment = 'TEST' FROM activity_source ORDER BY id")
        sources = cursor.fetchall()
    return {
        f"events-{number}.parquet": EventsFile(
            name,
            write_parquet(EVENTS.format(sql.Literal(number)), folder / f"events-{number}.parquet"),
            is_test,
        )
        for number, name, is_test in sources
    }
