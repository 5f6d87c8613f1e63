"""The checked values of one row become one item; what only shows across fields is refused here.

Each builder gets a value for every field of its kind, None where blank or unmapped, never a blank required one.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

import msgspec

from engage_server.customers.models import LedgerEntry
from engage_server.ingest.imports.exceptions import InvalidValueError
from engage_server.ingest.items import (
    AccountItem,
    AliasItem,
    EventItem,
    Item,
    LedgerItem,
    MembershipItem,
    PersonItem,
    PersonKey,
    ResponseItem,
    SubscriptionItem,
)

Row = Mapping[str, Any]
Builder = Callable[[Row, datetime], Item]


FEEDBACK: Final = "feedback"
"""The instrument of what was given in no survey."""


def event(row: Row, now: datetime) -> Item:
    """Has no raw time: its digest takes the moment, so that a CSV and a Parquet file of the same events agree."""
    if not (row["person"] or row["anonymous_id"] or row["account"]):
        raise InvalidValueError(
            "MISSING_FIELD", "The row names nobody; fill person, anonymous_id or account."
        )
    properties = row["properties"]
    return EventItem(
        message_id=row["message_id"],
        name=row["name"],
        person=PersonKey(row["person"], row["anonymous_id"]),
        occurred_at=row["occurred_at"],
        received_at=row["received_at"] or now,
        account=row["account"],
        feature=row["feature"],
        passive=bool(row["passive"]),
        properties=msgspec.json.encode(properties).decode() if properties else "{}",
    )


def person(row: Row, now: datetime) -> Item:
    """A person by the tenant's own id or a device's; both tie them, as of ``tied_at`` or else after all other ties."""
    if not (row["external_id"] or row["anonymous_id"]):
        raise InvalidValueError("MISSING_FIELD", "The row names nobody; fill external_id or anonymous_id.")
    return PersonItem(
        person=PersonKey(row["external_id"], row["anonymous_id"]),
        traits=row["traits"] or {},
        is_excluded=row["is_excluded"],
        occurred_at=row["tied_at"],
        consents=row["consents"],
    )


def alias(row: Row, now: datetime) -> Item:
    """Two names of one person."""
    return AliasItem(row["previous_id"], row["user_id"])


def account(row: Row, now: datetime) -> Item:
    """Fields left None stay as they are in the store."""
    if row["parent"] == row["external_id"]:
        raise InvalidValueError("OWN_PARENT", f"Account {row['external_id']!r} is its own parent.")
    return AccountItem(
        external_id=row["external_id"],
        name=row["name"],
        parent=row["parent"],
        plan=row["plan"],
        stage=row["stage"],
        started_at=row["started_at"],
        traits=row["traits"] or {},
        owner=row["owner"],
        occurred_at=row["changed_at"],
    )


def membership(row: Row, now: datetime) -> Item:
    """A dated membership."""
    if not (row["person"] or row["anonymous_id"]):
        raise InvalidValueError("MISSING_FIELD", "The row names nobody; fill person or anonymous_id.")
    _check_order("starts_at", row["starts_at"], "ends_at", row["ends_at"])
    return MembershipItem(
        person=PersonKey(row["person"], row["anonymous_id"]),
        account=row["account"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
    )


def subscription(row: Row, now: datetime) -> Item:
    """Blank seats are unlimited; other blanks take the item's defaults."""
    _check_order("starts_on", row["starts_on"], "ends_on", row["ends_on"])
    given = {
        name: row[name]
        for name in (
            "plan",
            "amount",
            "currency",
            "interval_months",
            "is_trial",
            "status",
            "channel",
            "cancel_reason",
        )
        if row[name] is not None
    }
    return SubscriptionItem(
        external_id=row["external_id"],
        account=row["account"],
        starts_on=row["starts_on"],
        ends_on=row["ends_on"],
        seats=row["seats"],
        changed_on=row["changed_on"],
        **given,
    )


def ledger_entry(row: Row, now: datetime) -> Item:
    """An entry of the ledger; an opportunity has an account and a stage, and nothing else has a stage."""
    is_opportunity = row["kind"] == LedgerEntry.Kind.OPPORTUNITY
    if is_opportunity and not (row["stage"] and row["account"]):
        raise InvalidValueError("MISSING_FIELD", "An opportunity has no stage or account; fill both.")
    if row["stage"] and not is_opportunity:
        raise InvalidValueError("INVALID_STAGE", "Only an opportunity has a stage; leave it blank.")
    if row["amount"] is None and not is_opportunity:
        raise InvalidValueError("MISSING_FIELD", "The row has no amount; fill it.")
    return LedgerItem(
        kind=row["kind"],
        external_id=row["external_id"],
        amount=row["amount"] or Decimal(0),
        occurred_on=row["occurred_on"],
        account=row["account"],
        category=row["category"] or "",
        currency=row["currency"] or "USD",
        stage=row["stage"] or "",
        closes_on=row["closes_on"],
        included_in_crc=True if row["included_in_crc"] is None else row["included_in_crc"],
    )


def response(row: Row, now: datetime) -> Item:
    """An answer whose score lies on its scale, or a dismissal."""
    scale_min, scale_max = _scale(row)
    score: Decimal | None = row["score"]
    if score is not None and not scale_min <= score <= scale_max:
        raise InvalidValueError(
            "OUT_OF_SCALE", f"Score {score} is outside the scale {scale_min}-{scale_max}."
        )
    return ResponseItem(
        external_id=row["external_id"],
        instrument=row["instrument"],
        scale_min=scale_min,
        scale_max=scale_max,
        direction=row["direction"],
        score=score,
        occurred_at=row["occurred_at"],
        person=PersonKey(row["person"], row["anonymous_id"]),
        account=row["account"],
        text=row["text"] or "",
        **_filed(row),
    )


def feedback(row: Row, now: datetime) -> Item:
    """What somebody said without a survey's scale."""
    return ResponseItem(
        external_id=row["external_id"],
        instrument=row["instrument"] or FEEDBACK,
        scale_min=None,
        scale_max=None,
        occurred_at=row["occurred_at"],
        person=PersonKey(row["person"], row["anonymous_id"]),
        account=row["account"],
        text=row["text"],
        **_filed(row),
    )


def _filed(row: Row) -> dict[str, Any]:
    return {
        "given_by": row["given_by"] or "CUSTOMER",
        "tags": row["tags"] or (),
        "metric": row["metric"] or "",
    }


def _scale(row: Row) -> tuple[Decimal, Decimal]:
    low, high = row["scale"] or (row["scale_min"], row["scale_max"])
    if low is None or high is None:
        raise InvalidValueError(
            "MISSING_FIELD", "The row has no scale; fill scale, or scale_min and scale_max."
        )
    if low >= high:
        raise InvalidValueError("INVALID_SCALE", f"The scale {low}-{high} does not rise.")
    return low, high


def _check_order(start_name: str, start: date, end_name: str, end: date | None) -> None:
    if end is not None and end < start:
        raise InvalidValueError(
            "ENDS_BEFORE_START", f"{end_name} {end} lies before {start_name} {start}; swap or correct them."
        )
