"""A tenant's accounts, persons and what ties them, as the import takes them back: names instead of numbers.

Suppressed persons are left out: they are in no answer, and must not come up again elsewhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from psycopg import sql

# Who has no id of the tenant's own goes by the device's.
DEVICE: Final = """
    LEFT JOIN (SELECT person_id, min(alias) AS alias FROM customers_personalias GROUP BY person_id) device
        ON device.person_id = person.id
"""
DEVICE_ID: Final = "CASE WHEN person.external_id IS NULL THEN device.alias END AS anonymous_id"
ANY_NAME: Final = "COALESCE(person.external_id, device.alias)"


@dataclass(frozen=True, slots=True)
class PortableFile:
    """One file of an export: which kind of import takes it, and what it holds."""

    kind: str
    query: sql.SQL


ACCOUNTS: Final = sql.SQL("""
    SELECT account.external_id, account.name, parent.external_id AS parent, account.plan, account.stage,
           account.owner, account.started_at, account.traits,
           (SELECT max(word.at) FROM customers_accountattribute known CROSS JOIN LATERAL unnest(known.told) AS word (at)
            WHERE known.account_id = account.id) AS changed_at
    FROM customers_account account LEFT JOIN customers_account parent ON parent.id = account.parent_id
""")
# Each word by itself: what was told of one attribute says nothing of the others.
ACCOUNT_HISTORY: Final = sql.SQL("""
    SELECT account.external_id, word.at AS changed_at,
           parent.external_id AS parent,
           CASE WHEN known.attribute = 'plan' THEN known.value #>> '{}' END AS plan,
           CASE WHEN known.attribute = 'stage' THEN known.value #>> '{}' END AS stage,
           CASE WHEN known.attribute = 'owner' THEN known.value #>> '{}' END AS owner,
           CASE WHEN starts_with(known.attribute, 'traits.')
                THEN jsonb_build_object(substr(known.attribute, 8), known.value) END AS traits
    FROM customers_accountattribute known JOIN customers_account account ON account.id = known.account_id
    CROSS JOIN LATERAL unnest(known.told) AS word (at)
    LEFT JOIN customers_account parent
        ON parent.id = CASE WHEN known.attribute = 'parent' THEN (known.value #>> '{}')::int END
    ORDER BY word.at, account.id
""")
PERSONS: Final = sql.SQL(f"""
    SELECT person.external_id, {DEVICE_ID}, person.is_excluded, person.traits
    FROM customers_person person {DEVICE}
    WHERE NOT person.is_suppressed AND {ANY_NAME} IS NOT NULL
""")  # noqa: S608  # constants of ours
MEMBERSHIPS: Final = sql.SQL(f"""
    SELECT person.external_id AS person, {DEVICE_ID}, account.external_id AS account, membership.starts_at,
           membership.ends_at
    FROM customers_membership membership
    JOIN customers_account account ON account.id = membership.account_id
    JOIN customers_person person ON person.id = membership.person_id {DEVICE}
    WHERE NOT person.is_suppressed
    ORDER BY membership.id
""")  # noqa: S608  # constants of ours
SUBSCRIPTIONS: Final = sql.SQL("""
    SELECT subscription.external_id, account.external_id AS account, subscription.starts_on, subscription.ends_on,
           subscription.plan, subscription.seats, subscription.amount, subscription.currency,
           subscription.interval_months, subscription.is_trial, subscription.status, subscription.channel,
           subscription.cancel_reason
    FROM customers_subscription subscription JOIN customers_account account ON account.id = subscription.account_id
""")
LEDGER: Final = sql.SQL("""
    SELECT entry.external_id, entry.kind, entry.occurred_on, entry.amount, entry.currency, account.external_id AS account,
           entry.category, entry.stage, entry.closes_on, entry.included_in_crc
    FROM customers_ledgerentry entry LEFT JOIN customers_account account ON account.id = entry.account_id
    ORDER BY entry.id
""")
RESPONSES: Final = sql.SQL(f"""
    SELECT response.external_id, response.instrument, response.scale_min, response.scale_max, response.direction,
           response.score, response.text, response.given_by, response.tags, NULLIF(response.metric, '') AS metric,
           response.occurred_at, person.external_id AS person, {DEVICE_ID},
           account.external_id AS account
    FROM customers_surveyresponse response
    LEFT JOIN customers_account account ON account.id = response.account_id
    LEFT JOIN customers_person person ON person.id = response.person_id {DEVICE}
    WHERE NOT COALESCE(person.is_suppressed, false) AND response.scale_min IS NOT NULL
    ORDER BY response.id
""")  # noqa: S608  # constants of ours
FEEDBACK: Final = sql.SQL(f"""
    SELECT response.external_id, response.instrument, response.text, response.given_by, response.tags,
           NULLIF(response.metric, '') AS metric, response.occurred_at, person.external_id AS person, {DEVICE_ID},
           account.external_id AS account
    FROM customers_surveyresponse response
    LEFT JOIN customers_account account ON account.id = response.account_id
    LEFT JOIN customers_person person ON person.id = response.person_id {DEVICE}
    WHERE NOT COALESCE(person.is_suppressed, false) AND response.scale_min IS NULL
    ORDER BY response.id
""")  # noqa: S608  # constants of ours
# What joins persons comes after their rows, which stay under the names that they came by.
TIES: Final = sql.SQL("""
    SELECT owner.external_id, alias.alias AS anonymous_id, alias.tied_at
    FROM customers_personalias alias JOIN customers_person owner ON owner.id = alias.tied_to_id
    JOIN customers_person person ON person.id = alias.person_id
    WHERE owner.external_id IS NOT NULL AND NOT owner.is_suppressed AND NOT person.is_suppressed
""")
ALIASES: Final = sql.SQL(f"""
    SELECT {ANY_NAME} AS previous_id, COALESCE(joined.external_id, name.alias) AS user_id
    FROM customers_person person {DEVICE}
    JOIN customers_person joined ON joined.id = person.joined_to_id
    LEFT JOIN (SELECT person_id, min(alias) AS alias FROM customers_personalias GROUP BY person_id) name
        ON name.person_id = joined.id
    WHERE NOT person.is_suppressed AND NOT joined.is_suppressed
    ORDER BY person.joined_at, person.id
""")  # noqa: S608  # constants of ours
# Last of all: from then on nothing that such a person did is taken in.
CONSENTS: Final = sql.SQL(f"""
    SELECT person.external_id, {DEVICE_ID}, person.consents
    FROM customers_person person {DEVICE}
    WHERE NOT person.consents AND NOT person.is_suppressed AND {ANY_NAME} IS NOT NULL
""")  # noqa: S608  # constants of ours

# By name, in the order in which they are to be imported; the events stand between the two.
BEFORE_EVENTS: Final[Mapping[str, PortableFile]] = {
    "account_history": PortableFile("accounts", ACCOUNT_HISTORY),
    "accounts": PortableFile("accounts", ACCOUNTS),
    "persons": PortableFile("persons", PERSONS),
    "memberships": PortableFile("memberships", MEMBERSHIPS),
    "subscriptions": PortableFile("subscriptions", SUBSCRIPTIONS),
    "ledger": PortableFile("ledger", LEDGER),
    "responses": PortableFile("responses", RESPONSES),
    "feedback": PortableFile("feedback", FEEDBACK),
}
AFTER_EVENTS: Final[Mapping[str, PortableFile]] = {
    "ties": PortableFile("persons", TIES),
    "aliases": PortableFile("aliases", ALIASES),
    "consents": PortableFile("persons", CONSENTS),
}
