"""What can be imported: for each kind its target fields, their readers and their names in other tools.

This table is the only place that knows: mapping, validation, ``--help`` and the error messages derive from it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from engage_server.customers.models import Account, LedgerEntry, SurveyResponse
from engage_server.ingest.imports import records, values
from engage_server.ingest.imports.columns import Parser, each, identifier, named, text
from engage_server.ingest.imports.times import end, end_day, past_time, start, start_day, time

ID_LENGTH: Final = 200


@dataclass(frozen=True, slots=True)
class Field:
    """One target field. ``aliases`` are names that other tools give it; ``example`` suits ``--set``."""

    name: str
    parse: Parser
    note: str
    required: bool = False
    aliases: tuple[str, ...] = ()
    example: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of item.

    ``one_of`` lists groups of fields of which at least one must be mapped whole, and ``extras`` is the field
    that takes further columns as JSON ("properties" or "traits"; "" where the kind has none).
    """

    name: str
    build: records.Builder
    fields: tuple[Field, ...]
    one_of: tuple[tuple[str, ...], ...] = ()
    extras: str = ""

    def field(self, name: str) -> Field | None:
        """The field of this name, or None."""
        return next((field for field in self.fields if field.name == name), None)


PERSON_ALIASES: Final = ("user_id", "userid", "user", "distinct_id", "person_id", "customer_id")
DEVICE_ALIASES: Final = ("device_id", "anonymousid")
ACCOUNT_ALIASES: Final = ("account_id", "group_id", "company", "company_id", "organization", "org_id")
TIME_ALIASES: Final = ("timestamp", "event_time", "time", "datetime", "date", "created_at")

_identifier = identifier(ID_LENGTH)
_named = named(ID_LENGTH)
_name = text(ID_LENGTH)
_yes_no = each(values.yes_no)
_bound = each(values.decimal(9, 3))

EVENTS = Kind(
    "events",
    records.event,
    (
        Field(
            "message_id",
            _identifier,
            "makes a repeated import harmless",
            required=True,
            aliases=("event_id", "insert_id", "$insert_id", "uuid", "id"),
        ),
        Field(
            "name",
            _name,
            "name of the event",
            required=True,
            aliases=("event", "event_name", "event_type", "action"),
            example="page_view",
        ),
        Field("occurred_at", past_time, "when it happened", required=True, aliases=TIME_ALIASES),
        Field("received_at", past_time, "when it was first known; default: now", aliases=("server_time",)),
        Field("person", _named, "id of the person", aliases=PERSON_ALIASES),
        Field("anonymous_id", _named, "id of the device", aliases=DEVICE_ALIASES),
        Field("account", _named, "id of the account", aliases=ACCOUNT_ALIASES),
        Field("feature", _name, "part of the product", aliases=("feature_name", "module")),
        Field("passive", _yes_no, "the person was merely there, as at a page view; default: no"),
        Field("properties", values.json_object, "JSON object"),
    ),
    one_of=(("person",), ("anonymous_id",), ("account",)),
    extras="properties",
)

PERSONS = Kind(
    "persons",
    records.person,
    (
        Field("external_id", _named, "id of the person", aliases=PERSON_ALIASES),
        Field(
            "anonymous_id",
            _named,
            "id of the device; with external_id: is that person's",
            aliases=DEVICE_ALIASES,
        ),
        Field("tied_at", end, "since when the device is; blank = less certain than any other"),
        Field("consents", _yes_no, "no: what the person does from now on is not taken in"),
        Field(
            "is_excluded", _yes_no, "bot, staff or test user: never counted", aliases=("is_bot", "is_test")
        ),
        Field("traits", values.json_object, "JSON object"),
    ),
    one_of=(("external_id",), ("anonymous_id",)),
    extras="traits",
)

ALIASES = Kind(
    "aliases",
    records.alias,
    (
        Field("previous_id", _named, "the name that the person had", required=True),
        Field("user_id", _named, "the one under which it counts", required=True),
    ),
)

ACCOUNTS = Kind(
    "accounts",
    records.account,
    (
        Field("external_id", _named, "id of the account", required=True, aliases=ACCOUNT_ALIASES),
        Field("name", text(300), "name for people", aliases=("account_name", "company_name")),
        Field("parent", _named, "id of the account above", aliases=("parent_id", "parent_account")),
        Field("plan", text(100), "plan", aliases=("plan_tier", "plan_name", "tier")),
        Field("stage", each(values.choice(*Account.Stage.values)), ", ".join(Account.Stage.values)),
        Field("owner", text(200), "who looks after it", aliases=("csm", "account_owner", "owner_email")),
        Field(
            "changed_at",
            past_time,
            "since when this parent, plan, stage, owner and tracked traits are so; blank = now",
            aliases=("valid_from", "effective_from", "effective_date"),
        ),
        Field(
            "started_at",
            time,
            "when the relationship began",
            aliases=("signup_date", "created_at", "start_date"),
        ),
        Field("traits", values.json_object, "JSON object"),
    ),
    extras="traits",
)

MEMBERSHIPS = Kind(
    "memberships",
    records.membership,
    (
        Field("person", _named, "id of the person", aliases=PERSON_ALIASES),
        Field("anonymous_id", _named, "id of the device", aliases=DEVICE_ALIASES),
        Field("account", _named, "id of the account", required=True, aliases=ACCOUNT_ALIASES),
        Field(
            "starts_at",
            start,
            "member from",
            required=True,
            aliases=("first_seen", "start_date", "joined_at"),
        ),
        Field("ends_at", end, "member until, exclusive; blank = still", aliases=("end_date", "left_at")),
    ),
    one_of=(("person",), ("anonymous_id",)),
)

SUBSCRIPTIONS = Kind(
    "subscriptions",
    records.subscription,
    (
        Field("external_id", _identifier, "its id", required=True, aliases=("subscription_id", "id")),
        Field("account", _named, "id of the account", required=True, aliases=ACCOUNT_ALIASES),
        Field(
            "starts_on",
            start_day,
            "first day",
            required=True,
            aliases=("start_date", "starts_at", "started_at"),
        ),
        Field(
            "ends_on",
            end_day,
            "first day without it; blank = open",
            aliases=("end_date", "ends_at", "ended_at"),
        ),
        Field("plan", text(100), "plan", aliases=("plan_tier", "plan_name", "tier")),
        Field(
            "seats",
            each(values.seats),
            "number of seats; blank = unlimited",
            aliases=("quantity", "licenses"),
        ),
        Field(
            "amount",
            each(values.decimal(20, 4)),
            "price of one interval; default: 0",
            aliases=("mrr", "mrr_amount", "price"),
        ),
        Field("currency", each(values.currency), "three letters; default: USD", example="USD"),
        Field(
            "interval_months",
            each(values.interval_months),
            "months, or monthly, quarterly, yearly; default: 1",
            aliases=("billing_frequency", "interval", "billing_period"),
            example="monthly",
        ),
        Field("is_trial", _yes_no, "default: no", aliases=("trial",)),
        Field("status", each(values.subscription_status), "default: active"),
        Field("channel", text(100), "where it was sold", aliases=("sales_channel",)),
        Field(
            "cancel_reason",
            text(200),
            "why it was given notice of",
            aliases=("cancellation_reason", "reason_code"),
        ),
        Field(
            "changed_on",
            start_day,
            "first day of this account, plan, seats, price and status; blank = today, or the start if new",
            aliases=("valid_from", "effective_from", "effective_date"),
        ),
    ),
)

LEDGER = Kind(
    "ledger",
    records.ledger_entry,
    (
        Field("external_id", _identifier, "its id", required=True, aliases=("entry_id", "id")),
        Field(
            "kind",
            each(values.choice(*LedgerEntry.Kind.values)),
            ", ".join(LedgerEntry.Kind.values),
            required=True,
            aliases=("type",),
            example="COST",
        ),
        Field("occurred_on", start_day, "its day", required=True, aliases=("date", "day", "booked_on")),
        Field("amount", each(values.decimal(20, 4)), "the amount; blank = 0", aliases=("value", "cost")),
        Field("currency", each(values.currency), "three letters; default: USD", example="USD"),
        Field("account", _named, "id of the account", aliases=ACCOUNT_ALIASES),
        Field("category", text(100), "category, e.g. support", aliases=("cost_category",)),
        Field("stage", text(100), "of an opportunity: the stage reached", aliases=("stage_name",)),
        Field(
            "closes_on", start_day, "of an opportunity: when it is, or was, decided", aliases=("close_date",)
        ),
        Field("included_in_crc", _yes_no, "a cost of keeping customers; default: yes"),
    ),
)

TEXT_ALIASES: Final = ("comment", "feedback", "verbatim")
FILED: Final = (
    Field(
        "given_by",
        each(values.choice(*SurveyResponse.GivenBy.values)),
        "CUSTOMER, or STAFF of their own; default: CUSTOMER",
    ),
    Field("tags", each(values.tags), "what it is about: billing;slow", aliases=("labels", "topics")),
    Field("metric", each(values.metric_id), "full id of the metric that it is about", example="nps.score"),
)

RESPONSES = Kind(
    "responses",
    records.response,
    (
        Field(
            "external_id",
            _identifier,
            "unique per answer",
            required=True,
            aliases=("response_id", "answer_id", "id"),
        ),
        Field(
            "instrument",
            text(63),
            "which survey, e.g. nps",
            required=True,
            aliases=("question", "survey", "survey_id"),
            example="nps",
        ),
        Field(
            "direction",
            each(values.choice("UP", "DOWN")),
            "UP: a high score is good",
            required=True,
            example="UP",
        ),
        Field("occurred_at", past_time, "when it was answered", required=True, aliases=TIME_ALIASES),
        Field("score", _bound, "blank = shown and dismissed", aliases=("rating", "answer", "value")),
        Field("scale", each(values.scale), "both ends, e.g. 0-10", example="0-10"),
        Field("scale_min", _bound, "lowest score, with scale_max"),
        Field("scale_max", _bound, "highest score, with scale_min"),
        Field("person", _named, "id of the person", aliases=PERSON_ALIASES),
        Field("anonymous_id", _named, "id of the device", aliases=DEVICE_ALIASES),
        Field("account", _named, "id of the account", aliases=ACCOUNT_ALIASES),
        Field("text", text(100_000), "comment", aliases=TEXT_ALIASES),
        *FILED,
    ),
    one_of=(("scale",), ("scale_min", "scale_max")),
)

FEEDBACK = Kind(
    "feedback",
    records.feedback,
    (
        Field("external_id", _identifier, "its id", required=True, aliases=("feedback_id", "note_id", "id")),
        Field("occurred_at", past_time, "when it was given", required=True, aliases=TIME_ALIASES),
        Field("text", text(100_000), "what was said", required=True, aliases=TEXT_ALIASES),
        Field("instrument", text(63), "where it was given; default: feedback", aliases=("channel", "form")),
        Field("person", _named, "id of the person who gave it", aliases=PERSON_ALIASES),
        Field("anonymous_id", _named, "id of the device", aliases=DEVICE_ALIASES),
        Field("account", _named, "id of the account that it is about", aliases=ACCOUNT_ALIASES),
        *FILED,
    ),
)

KINDS: Final[Mapping[str, Kind]] = {
    kind.name: kind
    for kind in (EVENTS, ACCOUNTS, PERSONS, ALIASES, MEMBERSHIPS, SUBSCRIPTIONS, LEDGER, RESPONSES, FEEDBACK)
}

EXTRA_TYPES: Final[Mapping[str, Parser]] = {
    "as_is": values.as_is,
    "number": each(values.number),
    "bool": _yes_no,
    "text": text(100_000),
}


def table() -> str:
    """All kinds and fields as text, for ``--help``; an asterisk marks what is required."""
    lines: list[str] = []
    for kind in KINDS.values():
        lines.append(f"{kind.name}:")
        lines += [
            f"  {field.name + ('*' if field.required else ''):<17}{field.note}" for field in kind.fields
        ]
        if kind.one_of:
            lines.append(f"  * and {' or '.join(' + '.join(group) for group in kind.one_of)}")
    return "\n".join(lines)
