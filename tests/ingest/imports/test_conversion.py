"""Rows become items, or rejects that name field, value and row."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import polars as pl
import pytest

from engage_server.ingest.imports.conversion import Converted, convert
from engage_server.ingest.imports.kinds import KINDS
from engage_server.ingest.imports.mapping import MappingOptions, resolve
from engage_server.ingest.imports.sources import Batch
from engage_server.ingest.items import (
    AccountItem,
    EventItem,
    MembershipItem,
    PersonItem,
    PersonKey,
    ResponseItem,
    SubscriptionItem,
)

NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)
NOON_TEXT = "2024-03-01T12:00:00Z"


def converted(context, kind: str, rows: list[dict], *, constants=None, columns=None, extras=()) -> Converted:
    frame = pl.DataFrame(rows)
    plan = resolve(
        KINDS[kind], frame.columns, MappingOptions(columns or {}, constants or {}, extras), context
    )
    return convert(Batch(range(frame.height), {column.name: column for column in frame}), plan, context)


def refusal(context, kind: str, row: dict, **options) -> tuple[str, str]:
    (reject,) = converted(context, kind, [row], **options).rejects
    return reject.code, reject.message


def event(**changes) -> dict:
    return {"message_id": "m1", "name": "opened", "occurred_at": NOON_TEXT, "person": "ada"} | changes


def response(**changes) -> dict:
    row = {"external_id": "r1", "instrument": "nps", "direction": "UP", "occurred_at": NOON_TEXT}
    return row | {"score": "9", "scale": "0-10"} | changes


def subscription(**changes) -> dict:
    return {"external_id": "s1", "account": "acme", "starts_on": "2024-01-01"} | changes


def test_an_event_takes_what_is_there_and_defaults_for_the_rest(context):
    assert converted(context, "events", [event()]).items == [
        EventItem(
            message_id="m1",
            name="opened",
            person=PersonKey(user_id="ada"),
            occurred_at=NOON,
            received_at=context.now,
        )
    ]


def test_properties_are_the_mapped_object_overlaid_with_columns_that_are_not_blank(context):
    rows = [event(properties='{"plan": "pro", "n": 1}', n="2", beta="yes", note="")]
    (item,) = converted(context, "events", rows, extras=["n:number", "beta:bool", "note"]).items
    assert json.loads(item.properties) == {"plan": "pro", "n": 2, "beta": True}


def test_an_event_may_belong_to_an_account_alone(context):
    row = {"message_id": "m1", "name": "opened", "occurred_at": NOON_TEXT, "account": "acme"}
    (item,) = converted(context, "events", [row]).items
    assert (item.person, item.account) == (PersonKey(), "acme")


def test_each_other_kind_becomes_its_item(context):
    person = {"external_id": "bot", "is_excluded": "true", "team": "x"}
    assert converted(context, "persons", [person], extras=["team"]).items == [
        PersonItem(person=PersonKey(user_id="bot"), traits={"team": "x"}, is_excluded=True)
    ]
    account = {
        "external_id": "a1",
        "name": "Acme",
        "parent": "a0",
        "stage": "trial",
        "started_at": "2024-03-01",
    }
    assert converted(context, "accounts", [account]).items == [
        AccountItem(
            external_id="a1",
            name="Acme",
            parent="a0",
            stage="TRIAL",
            started_at=datetime(2024, 2, 29, 23, tzinfo=UTC),
        )
    ]
    membership = {"person": "ada", "account": "a1", "starts_at": NOON_TEXT, "ends_at": ""}
    assert converted(context, "memberships", [membership]).items == [
        MembershipItem(person=PersonKey(user_id="ada"), account="a1", starts_at=NOON)
    ]


def test_a_subscription_takes_defaults_where_blank_and_words_for_intervals(context):
    row = subscription(
        ends_on="", seats="", amount="1200.50", currency="eur", interval_months="annual", status=""
    )
    assert converted(context, "subscriptions", [row]).items == [
        SubscriptionItem(
            external_id="s1",
            account="acme",
            starts_on=date(2024, 1, 1),
            amount=Decimal("1200.50"),
            currency="EUR",
            interval_months=12,
        )
    ]


def test_a_subscription_has_its_status_in_any_spelling_and_the_day_of_its_change(context):
    row = subscription(status="Cancelled", changed_on="2024-03-01")
    (item,) = converted(context, "subscriptions", [row]).items
    assert (item.status, item.changed_on) == ("canceled", date(2024, 3, 1))


def test_a_blank_score_is_a_dismissal_and_a_zero_is_a_score(context):
    items = converted(context, "responses", [response(score=""), response(score="0")]).items
    assert [item.score for item in items] == [None, Decimal(0)]


def test_a_scale_may_come_in_two_columns(context):
    row = response(scale_min="1", scale_max="5", score="5")
    del row["scale"]
    (item,) = converted(context, "responses", [row]).items
    assert isinstance(item, ResponseItem)
    assert (item.scale_min, item.scale_max) == (1, 5)


def test_ids_can_be_joined_from_columns(context):
    (item,) = converted(
        context,
        "responses",
        [response()],
        columns={"external_id": "external_id+instrument"},
    ).items
    assert item.external_id == "r1:nps"


def test_a_reject_names_field_column_value_and_row_and_spares_the_others(context):
    rows = [event(), event(occurred_at="soon"), event(message_id="m3")]
    result = converted(context, "events", rows)
    assert [item.message_id for item in result.items] == ["m1", "m3"]
    assert list(result.rows) == [0, 2]
    (reject,) = result.rejects
    assert (reject.index, reject.code) == (1, "INVALID_TIME")
    assert "occurred_at (column occurred_at) 'soon'" in reject.message
    assert json.loads(reject.payload) == rows[1]


@pytest.mark.parametrize(
    ("kind", "row", "code"),
    [
        ("events", event(message_id=" "), "MISSING_FIELD"),
        ("events", event(name="x" * 201), "TOO_LONG"),
        ("events", event(occurred_at="2024-06-03"), "FUTURE_TIME"),
        ("events", event(properties="[1]"), "INVALID_OBJECT"),
        ("events", event(person=""), "MISSING_FIELD"),
        ("accounts", {"external_id": "a", "parent": "a"}, "OWN_PARENT"),
        ("accounts", {"external_id": "a", "stage": "GONE"}, "INVALID_CHOICE"),
        ("subscriptions", subscription(ends_on="2023-12-31"), "ENDS_BEFORE_START"),
        ("subscriptions", subscription(seats="-3"), "INVALID_NUMBER"),
        ("subscriptions", subscription(status="bogus"), "INVALID_STATUS"),
        ("responses", response(score="11"), "OUT_OF_SCALE"),
        ("responses", response(scale="10-0"), "INVALID_SCALE"),
        ("responses", response(scale=""), "MISSING_FIELD"),
    ],
)
def test_a_row_that_cannot_be_meant_is_refused(context, kind, row, code):
    assert refusal(context, kind, row)[0] == code


def test_a_constant_or_an_unmapped_field_needs_no_column(context):
    row = {"message_id": "m1", "occurred_at": NOON_TEXT, "person": "ada"}
    (item,) = converted(context, "events", [row], constants={"name": "page_view"}).items
    assert (item.name, item.feature) == ("page_view", None)


def test_typed_columns_of_a_parquet_file_need_no_text_form(context):
    row = event(message_id=17, occurred_at=NOON, person=17850.0)
    (item,) = converted(context, "events", [row]).items
    assert (item.message_id, item.occurred_at, item.person.user_id) == ("17", NOON, "17850")
